import { readFileSync } from 'node:fs';
import {
  buildASTSchema,
  buildSchema,
  type DefinitionNode,
  type DocumentNode,
  findBreakingChanges,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  isUnionType,
  Kind,
  lexicographicSortSchema,
  parse,
  printSchema,
} from 'graphql';
import { expect, it } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';

const committed = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');

it('is what schema.graphql says (npm run schema writes it)', () => {
  expect(`${printSchema(lexicographicSortSchema(schema))}\n`).toBe(committed);
});

it('describes every public type, field, argument and enum value', () => {
  const bare: string[] = [];
  const note = (name: string, description: string | null | undefined): void => void (description || bare.push(name));
  // Relay's own types come with the plugin and speak for themselves.
  for (const [name, type] of Object.entries(buildSchema(committed).getTypeMap())) {
    if (name.startsWith('__') || ['Boolean', 'Float', 'ID', 'Int', 'String'].includes(name)) continue;
    note(name, type.description);
    if (isEnumType(type)) for (const value of type.getValues()) note(`${name}.${value.name}`, value.description);
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      note(`${name}.${field.name}`, field.description);
      if ('args' in field) for (const arg of field.args) note(`${name}.${field.name}(${arg.name})`, arg.description);
    }
  }
  expect(bare).toEqual([]);
});

it('keeps what clients were promised', () => {
  const promised = parse(readFileSync(new URL('./public-names.graphql', import.meta.url), 'utf8'));
  expect(findBreakingChanges(completed(promised), buildSchema(committed))).toEqual([]);
});

/** With the types that it names and does not write out, as they are now. */
function completed({ definitions: written }: DocumentNode): GraphQLSchema {
  const known = new Set(written.map(nameOf));
  const others = parse(committed).definitions.filter((definition) => !known.has(nameOf(definition)));
  return buildASTSchema({ kind: Kind.DOCUMENT, definitions: [...written, ...others] });
}

const nameOf = (definition: DefinitionNode): string | undefined => ('name' in definition ? definition.name?.value : undefined);

it('has for each mutation an input, a result and a success of its name, and errors beside it', () => {
  for (const { name, args, type } of Object.values(buildSchema(committed).getMutationType()?.getFields() ?? {})) {
    const title = name.charAt(0).toUpperCase() + name.slice(1);
    expect([args.map((arg) => arg.name), String(args[0]?.type), String(type)]).toEqual([['input'], `${title}Input!`, `${title}Result!`]);
    const members = isNonNullType(type) && isUnionType(type.ofType) ? type.ofType.getTypes() : [];
    const errors = members.filter((member) => member.getInterfaces().some((implemented) => implemented.name === 'Error'));
    expect(members.filter((member) => !errors.includes(member)).map(String)).toEqual([`${title}Success`]);
  }
});
