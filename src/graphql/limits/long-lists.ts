import {
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql';
import type { Variables } from './operation-cost.ts';

/** Where a variable holds a list that is longer than `most`. Only lists of the schema count: a JSON value is bounded by its own rules. */
export function prepareListCheck(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  most: number,
): (variables: Variables) => string | null {
  const checked = (operation.variableDefinitions ?? []).flatMap(({ variable, type: node }) => {
    const type = typeFromAST(schema, node);
    return isInputType(type) ? [{ name: variable.name.value, type }] : [];
  });
  return (variables) => firstOf(checked, ({ name, type }) => findLongList(type, variables[name], most, `$${name}`));
}

function findLongList(type: GraphQLInputType, value: unknown, most: number, place: string): string | null {
  if (isNonNullType(type)) return findLongList(type.ofType, value, most, place);
  if (isListType(type)) {
    if (!Array.isArray(value)) return null;
    return value.length > most ? place : firstOf(value, (item) => findLongList(type.ofType, item, most, place));
  }
  if (!isInputObjectType(type) || typeof value !== 'object' || value === null) return null;
  const fields = type.getFields();
  return firstOf(Object.entries(value), ([name, given]) => {
    const field = fields[name];
    return field === undefined ? null : findLongList(field.type, given, most, `${place}.${name}`);
  });
}

function firstOf<Item>(items: readonly Item[], find: (item: Item) => string | null): string | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}
