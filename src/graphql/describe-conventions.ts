import {
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
} from 'graphql';

/**
 * Says of the parts that every list and every mutation has what they are. Plugins make them, so no slice writes their descriptions;
 * what a slice did write stays.
 */
export function describeConventions(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) if (!type.name.startsWith('__')) describeType(type);
  return schema;
}

function describeType(type: GraphQLNamedType): void {
  type.description ??= typeDescription(type);
  if (!isObjectType(type) && !isInterfaceType(type)) return;
  for (const field of Object.values(type.getFields())) {
    field.description ??= fieldDescriptions[`${kindOf(type.name)}.${field.name}`] ?? fieldDescriptions[`*.${field.name}`];
    for (const arg of field.args) describeArgument(arg);
  }
}

function describeArgument(arg: GraphQLArgument): void {
  arg.description ??= argumentDescriptions[arg.name];
}

function typeDescription(type: GraphQLNamedType): string | undefined {
  if (isUnionType(type) && type.name.endsWith('Result'))
    return `What \`${toFieldName(type.name, 'Result')}\` can end in: its success, or an error that says why not.`;
  if (isInputObjectType(type) && type.name.endsWith('Input')) return `What \`${toFieldName(type.name, 'Input')}\` takes.`;
  return typeDescriptions[type.name];
}

const toFieldName = (name: string, ending: string): string => `${name.charAt(0).toLowerCase()}${name.slice(1, -ending.length)}`;

/** `LeadConnection` and its like share their fields' meaning. */
const kindOf = (name: string): string => (name.endsWith('Connection') ? 'Connection' : name.endsWith('Edge') ? 'Edge' : name);

const typeDescriptions: Readonly<Record<string, string>> = {
  Node: 'Anything that can be asked for by its id.',
  PageInfo: 'Where a page of a list stands, and whether there is more.',
  ID: 'The identifier of an object: a prefix that names its type, and a UUID.',
};

const fieldDescriptions: Readonly<Record<string, string>> = {
  'Connection.edges': 'The entries of this page, each with its cursor.',
  'Connection.nodes': 'The entries of this page.',
  'Connection.pageInfo': 'Where this page stands.',
  'Connection.totalCount': 'How many entries there are in all.',
  'Edge.cursor': 'The place of this entry in the list: pass it as `after` or `before`.',
  'Edge.node': 'The entry.',
  'PageInfo.hasNextPage': 'Whether there are entries after this page; with `first` and `before`, before that cursor.',
  'PageInfo.hasPreviousPage': 'Whether there are entries before this page; with `last` and `after`, after that cursor.',
  'PageInfo.startCursor': 'The cursor of the first entry.',
  'PageInfo.endCursor': 'The cursor of the last entry.',
  '*.id': 'The id of the object, unique on the whole server.',
  '*.code': 'A stable code from an append-only list.',
  '*.message': 'What was wrong and how to put it right, for people.',
};

const argumentDescriptions: Readonly<Record<string, string>> = {
  first: 'How many entries, from the beginning or after `after`: 1 to 100. Neither `first` nor `last`: 20.',
  last: 'How many entries, from the end or before `before`: 1 to 100.',
  after: 'The cursor after which the page begins.',
  before: 'The cursor before which the page ends.',
  id: 'The id of the object.',
  ids: 'The ids of the objects.',
  input: 'What the mutation takes.',
};
