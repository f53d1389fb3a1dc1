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

/** Whether a variable holds a list that is longer than `most`. Only lists of the schema count: a JSON value is bounded by its own rules. */
export function prepareListCheck(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  most: number,
): (variables: Variables) => boolean {
  const checked = (operation.variableDefinitions ?? []).flatMap(({ variable, type: node }) => {
    const type = typeFromAST(schema, node);
    return isInputType(type) ? [{ name: variable.name.value, type }] : [];
  });
  return (variables) => checked.some(({ name, type }) => hasLongList(type, variables[name], most));
}

function hasLongList(type: GraphQLInputType, value: unknown, most: number): boolean {
  if (isNonNullType(type)) return hasLongList(type.ofType, value, most);
  if (isListType(type)) {
    return Array.isArray(value) && (value.length > most || value.some((item) => hasLongList(type.ofType, item, most)));
  }
  if (!isInputObjectType(type) || typeof value !== 'object' || value === null) return false;
  const fields = type.getFields();
  return Object.entries(value).some(([name, given]) => {
    const field = fields[name];
    return field !== undefined && hasLongList(field.type, given, most);
  });
}
