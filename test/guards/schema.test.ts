import { readFileSync } from 'node:fs';
import { buildSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType, lexicographicSortSchema, printSchema } from 'graphql';
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

it('keeps every name of the published sketch of this issue', () => {
  const names = buildSchema(committed);
  for (const name of ['Lead', 'StageChange', 'Submission', 'Change', 'ChangeMessage', 'Gap', 'Pipeline', 'Stage'])
    expect(names.getType(name)).toBeTruthy();
});
