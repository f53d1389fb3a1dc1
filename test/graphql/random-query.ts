import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLNamedOutputType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredArgument,
  isScalarType,
} from 'graphql';

export interface RandomQuery {
  readonly source: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A valid query of the schema, made of a row of random numbers. `known` are values that find something. */
export function randomQuery(schema: GraphQLSchema, choices: readonly number[], known: readonly string[]): RandomQuery {
  let taken = 0;
  const choose = (count: number): number => (choices[taken++ % choices.length] ?? 0) % count;
  const pick = <Item>(items: readonly Item[]): Item | undefined => items[choose(items.length)];
  const variables: Record<string, unknown> = {};
  const definitions: string[] = [];
  let aliases = 0;
  let fieldsLeft = 60;

  function valueOf(type: GraphQLInputType): unknown {
    const bare = getNullableType(type);
    if (isListType(bare)) return Array.from({ length: choose(3) }, () => valueOf(bare.ofType));
    if (isEnumType(bare)) return pick(bare.getValues())?.name;
    if (isScalarType(bare)) return pick(scalarValues[bare.name] ?? known);
    if (!isInputObjectType(bare)) return null;
    const fields = Object.values(bare.getFields());
    if (bare.isOneOf) {
      const field = pick(fields);
      return field ? { [field.name]: valueOf(field.type) ?? 'x' } : {};
    }
    const wanted = fields.filter((field) => isRequiredArgument({ ...field, astNode: null }) || choose(4) === 0);
    return Object.fromEntries(wanted.map((field) => [field.name, valueOf(field.type)]));
  }

  function argument(arg: GraphQLArgument): string {
    const named = getNamedType(arg.type);
    if (named.name === 'Int' && choose(2) === 0) return `${arg.name}: ${pick(['1', '2', '3', '0'])}`;
    const name = `v${definitions.length}`;
    definitions.push(`$${name}: ${String(arg.type)}`);
    const left = !isRequiredArgument(arg) && choose(5) === 0;
    if (!left) variables[name] = valueOf(arg.type);
    return `${arg.name}: $${name}`;
  }

  function selection(type: GraphQLNamedOutputType, depth: number): string {
    if (!isCompositeType(type)) return '';
    const parts = ['__typename'];
    if (isAbstractType(type)) {
      for (const possible of schema.getPossibleTypes(type))
        if (choose(2) === 0) parts.push(`... on ${possible.name} ${selection(possible, depth)}`);
    }
    const fields = 'getFields' in type ? Object.values(type.getFields()) : [];
    for (const field of fields) {
      const target = getNamedType(field.type);
      if (fieldsLeft <= 0 || unsteady.has(field.name) || choose(depth === 0 ? 8 : 3) !== 0) continue;
      if (isCompositeType(target) && depth >= 4) continue;
      fieldsLeft--;
      const wanted = field.args.filter((arg) => isRequiredArgument(arg) || choose(4) === 0).map(argument);
      // Inside of fragments a field of one name may have another type, which makes a conflict without an alias.
      parts.push(`a${aliases++}: ${field.name}${wanted.length > 0 ? `(${wanted.join(', ')})` : ''} ${selection(target, depth + 1)}`);
    }
    return `{ ${parts.join(' ')} }`;
  }

  const query = schema.getQueryType();
  const body = query ? selection(query, 0) : '{ __typename }';
  return { source: `query Random${definitions.length > 0 ? `(${definitions.join(', ')})` : ''} ${body}`, variables };
}

/** What differs between two moments. */
const unsteady = new Set(['asOf', 'exportedAt', 'generatedAt', 'serverTime']);

const scalarValues: Readonly<Record<string, readonly unknown[]>> = {
  Int: [1, 2, 3, 100, 0, -1],
  Float: [0.5, 2],
  Boolean: [true, false],
  DateTime: ['2026-03-05T10:00:00Z', '2020-01-01T00:00:00.000+02:00'],
  Date: ['2026-03-05', '2020-02-29'],
  Decimal: ['1.5', 3],
  JSON: [{ a: [1, null] }, 'text'],
};
