import {
  BREAK,
  type DocumentNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isObjectType,
  isSpecifiedScalarType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/** Compiling costs about 20 us for each field that is written out, while nobody else is answered. */
const mostFields = 1000;

/**
 * Whether a valid document of a stranger may be handed to the compiler. It writes parts of the document into the code that it makes, and it
 * cannot do all that graphql-js can, so it gets queries of a plain kind only:
 * - no literal but numbers, booleans and names of enums: it puts some strings into its code without quotes, and forgets what a scalar of
 *   ours made of a literal. Hot documents use variables.
 * - no directive: its conditions are wrong where a fragment is used twice.
 * - no underscore in the name of an answered field: it tells the places of an answer apart by their names joined with underscores.
 */
export function isCompilable(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const root = schema.getQueryType();
  return (
    operation.operation === OperationTypeNode.QUERY &&
    root != null &&
    isPlain(schema, document) &&
    isSmall(schema, document, operation, root)
  );
}

function isPlain(schema: GraphQLSchema, document: DocumentNode): boolean {
  const typeInfo = new TypeInfo(schema);
  let plain = true;
  const refuse = () => {
    plain = false;
    return BREAK;
  };
  const checkLiteral = () => {
    const type = getNamedType(typeInfo.getInputType());
    return type && (isSpecifiedScalarType(type) || isEnumType(type)) ? undefined : refuse();
  };
  const visitor = {
    [Kind.DIRECTIVE]: refuse,
    [Kind.STRING]: refuse,
    [Kind.FLOAT]: refuse,
    [Kind.OBJECT]: refuse,
    [Kind.LIST]: refuse,
    [Kind.INT]: checkLiteral,
    [Kind.BOOLEAN]: checkLiteral,
    [Kind.ENUM]: checkLiteral,
    [Kind.FIELD]: ({ name, alias }: { readonly name: { readonly value: string }; readonly alias?: { readonly value: string } }) =>
      (alias ?? name).value.includes('_') && (alias || name.value !== '__typename') ? refuse() : undefined,
  };
  visit(document, visitWithTypeInfo(typeInfo, visitor));
  return plain;
}

/** The compiler writes the fields of an abstract type out for each type that it stands for, and those of a fragment wherever it is spread. */
function isSmall(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, root: GraphQLObjectType): boolean {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  let left = mostFields;
  /** `parent` is undefined below a field that this type does not have: the compiler looks through it all the same. */
  function count({ selections }: SelectionSetNode, parent: GraphQLObjectType | undefined): void {
    for (const selection of selections) {
      if (--left < 0) return;
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value);
        if (fragment) count(fragment.selectionSet, parent);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) count(selection.selectionSet, parent);
      else if (selection.selectionSet) {
        const type = getNamedType(parent?.getFields()[selection.name.value]?.type);
        const types = isAbstractType(type) ? schema.getPossibleTypes(type) : [isObjectType(type) ? type : undefined];
        for (const possible of types) count(selection.selectionSet, possible);
      }
    }
  }
  count(operation.selectionSet, root);
  return left >= 0;
}
