import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLInterfaceType,
  type GraphQLSchema,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type GraphQLNamedType,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { costs } from './limits.ts';

export type Variables = Readonly<Record<string, unknown>>;

/** A number that may hang on variables. */
type Amount = (variables: Variables) => number;

type Fields = GraphQLObjectType | GraphQLInterfaceType;

const pageArguments = ['first', 'last', 'limit', 'ids'];
const pageFields = new Set(['nodes', 'edges']);

/**
 * What an operation costs at most, known before it runs: an object is 1, a scalar nothing, and what stands in a page counts once for each
 * row that the page can have. Walks the document once; what it gives takes microseconds for each request. The document must be valid.
 */
export function prepareCost(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Amount {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const defaults = new Map((operation.variableDefinitions ?? []).map(({ variable, defaultValue }) => [variable.name.value, defaultValue]));

  /** `page`: how many rows `nodes` and `edges` have here. */
  function ofSelections({ selections }: SelectionSetNode, type: GraphQLNamedType, page: Amount | null): Amount {
    const amounts = selections.map((selection): Amount => {
      if (selection.kind === Kind.FIELD) return hasFields(type) || isCompositeType(type) ? ofField(selection, type, page) : free;
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (!fragment) return free;
      const condition = fragment.typeCondition && schema.getType(fragment.typeCondition.name.value);
      return ofSelections(fragment.selectionSet, condition ?? type, page);
    });
    return (variables) => amounts.reduce((sum, amount) => sum + amount(variables), 0);
  }

  function ofField(field: FieldNode, parent: GraphQLNamedType, page: Amount | null): Amount {
    const name = field.name.value;
    if (name === '__schema') return fixed(costs.schema);
    if (name === '__type') return fixed(costs.type);
    const definition = hasFields(parent) ? parent.getFields()[name] : undefined;
    if (!definition) return free;
    const type = getNamedType(definition.type);
    const own = ownCost(definition, parent, type);
    if (!field.selectionSet) return fixed(own);
    const asked = askedSize(field, definition);
    const inner = ofSelections(field.selectionSet, type, asked);
    if (!isListType(getNullableType(definition.type))) return (variables) => own + inner(variables);
    const rows = asked ?? (pageFields.has(name) && page ? page : fixed(costs.listItems));
    return (variables) => rows(variables) * (own + inner(variables));
  }

  function ownCost({ extensions }: GraphQLField<unknown, unknown>, parent: Fields | GraphQLNamedType, type: GraphQLNamedType): number {
    const { cost } = extensions;
    if (typeof cost === 'number') return cost;
    if (!isCompositeType(type) || type.name.endsWith('Edge')) return 0;
    return parent === schema.getMutationType() ? costs.mutation : costs.object;
  }

  /** How many rows the arguments ask for; null for a field that has no page. */
  function askedSize(field: FieldNode, { args }: GraphQLField<unknown, unknown>): Amount | null {
    if (!args.some(({ name }) => pageArguments.includes(name))) return null;
    const given = field.arguments?.filter(({ name, value }) => pageArguments.includes(name.value) && value.kind !== Kind.NULL) ?? [];
    const sizes = given.map(({ value }) => sizeOf(value));
    return (variables) => {
      const known = sizes.map((size) => size(variables)).filter((size) => size !== null);
      return known.length === 0 ? costs.usualPage : Math.max(...known);
    };
  }

  function sizeOf(value: ValueNode | undefined): (variables: Variables) => number | null {
    if (value?.kind === Kind.INT) return fixed(withinPage(Number(value.value)));
    if (value?.kind === Kind.LIST) return fixed(value.values.length);
    if (value?.kind !== Kind.VARIABLE) return () => null;
    const name = value.name.value;
    const otherwise = sizeOf(defaults.get(name));
    return (variables) => {
      const given = variables[name];
      if (Array.isArray(given)) return given.length;
      return typeof given === 'number' ? withinPage(given) : given === undefined ? otherwise(variables) : null;
    };
  }

  const root = schema.getRootType(operation.operation);
  return root ? ofSelections(operation.selectionSet, root, null) : free;
}

const fixed =
  (amount: number): ((variables: Variables) => number) =>
  () =>
    amount;
const free = fixed(0);

const withinPage = (size: number): number => Math.min(Math.max(size, 1), costs.largestPage);

const hasFields = (type: GraphQLNamedType): type is Fields => isObjectType(type) || isInterfaceType(type);
