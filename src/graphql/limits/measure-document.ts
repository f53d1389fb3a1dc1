import {
  type ArgumentNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

/** How large a document is, whatever schema it is for. */
export interface DocumentSize {
  readonly depth: number;
  readonly fields: number;
  readonly operations: number;
  readonly spreads: number;
  readonly aliases: number;
  readonly repeats: number;
  readonly directives: number;
  readonly directivesAtOnePlace: number;
  readonly listItems: number;
  readonly valueDepth: number;
  /** Asks what the schema is. */
  readonly introspects: boolean;
}

interface Extent {
  readonly depth: number;
  readonly fields: number;
}

const nothing: Extent = { depth: 0, fields: 0 };

/**
 * Measures before anything else looks at the document, since checking it against the schema can take time that grows with the square of
 * it. Each fragment is measured once, however often it is spread, and one that spreads itself counts as empty there: validation refuses it.
 */
export function measureDocument(document: DocumentNode): DocumentSize {
  const size = {
    depth: 0,
    fields: 0,
    operations: 0,
    spreads: 0,
    aliases: 0,
    repeats: 0,
    directives: 0,
    directivesAtOnePlace: 0,
    listItems: 0,
    valueDepth: 0,
    introspects: false,
  };
  const fragments = new Map<string, FragmentDefinitionNode>();
  const measured = new Map<string, Extent>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }

  function takeDirectives(directives: readonly DirectiveNode[] | undefined): void {
    if (!directives || directives.length === 0) return;
    size.directives += directives.length;
    size.directivesAtOnePlace = Math.max(size.directivesAtOnePlace, directives.length);
    for (const { arguments: given } of directives) takeArguments(given);
  }

  function takeArguments(given: readonly ArgumentNode[] | undefined): void {
    for (const { value } of given ?? []) takeValue(value, 0);
  }

  function takeValue(value: ValueNode, depth: number): void {
    if (value.kind === Kind.LIST) {
      size.listItems = Math.max(size.listItems, value.values.length);
      size.valueDepth = Math.max(size.valueDepth, depth + 1);
      for (const item of value.values) takeValue(item, depth + 1);
    } else if (value.kind === Kind.OBJECT) {
      size.valueDepth = Math.max(size.valueDepth, depth + 1);
      for (const field of value.fields) takeValue(field.value, depth + 1);
    }
  }

  function takeField(field: FieldNode, names: Map<string, number>): Extent {
    if (field.alias) size.aliases += 1;
    const name = (field.alias ?? field.name).value;
    const repeats = (names.get(name) ?? 0) + 1;
    names.set(name, repeats);
    size.repeats = Math.max(size.repeats, repeats);
    takeDirectives(field.directives);
    takeArguments(field.arguments);
    const inner = field.selectionSet ? takeSelections(field.selectionSet) : nothing;
    const isSchema = field.name.value === '__schema' || field.name.value === '__type';
    size.introspects ||= isSchema;
    // The types of types go deep in every tool's introspection; graphql-js has a rule of its own for what repeats in it.
    return { depth: isSchema ? 1 : inner.depth + 1, fields: inner.fields + 1 };
  }

  /** Inline fragments share the names of the place where they stand. */
  function takeSelections({ selections }: SelectionSetNode, names = new Map<string, number>()): Extent {
    let depth = 0;
    let fields = 0;
    for (const selection of selections) {
      const inner = selection.kind === Kind.FIELD ? takeField(selection, names) : takeFragment(selection, names);
      depth = Math.max(depth, inner.depth);
      fields += inner.fields;
    }
    return { depth, fields };
  }

  function takeFragment(selection: Exclude<SelectionSetNode['selections'][number], FieldNode>, names: Map<string, number>): Extent {
    takeDirectives(selection.directives);
    if (selection.kind === Kind.INLINE_FRAGMENT) return takeSelections(selection.selectionSet, names);
    size.spreads += 1;
    return extentOf(selection.name.value);
  }

  function extentOf(name: string): Extent {
    const known = measured.get(name);
    if (known) return known;
    measured.set(name, nothing);
    const fragment = fragments.get(name);
    if (!fragment) return nothing;
    takeDirectives(fragment.directives);
    const extent = takeSelections(fragment.selectionSet);
    measured.set(name, extent);
    return extent;
  }

  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      extentOf(definition.name.value);
      continue;
    }
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    size.operations += 1;
    takeDirectives(definition.directives);
    for (const { defaultValue, directives } of definition.variableDefinitions ?? []) {
      takeDirectives(directives);
      if (defaultValue) takeValue(defaultValue, 0);
    }
    const { depth, fields } = takeSelections(definition.selectionSet);
    size.depth = Math.max(size.depth, depth);
    size.fields = Math.max(size.fields, fields);
  }
  return size;
}
