import { type FieldNode, getNamedType, type GraphQLResolveInfo, isObjectType, Kind, type SelectionSetNode } from 'graphql';

/** What a field that computes its value says in its `extensions`: the columns that it reads. */
export interface ReadsColumns {
  readonly reads: readonly string[];
}

const known = new WeakMap<FieldNode, readonly string[] | null>();

/**
 * The columns that the rows of a connection are shown by, for a statement that reads no others; null: all, because a field is selected
 * that does not say what it reads. What a row is known and ordered by is for the caller to add.
 */
export function selectedColumns(info: GraphQLResolveInfo): readonly string[] | null {
  const [node] = info.fieldNodes;
  if (!node || info.fieldNodes.length > 1) return null;
  const found = known.get(node);
  if (found !== undefined) return found;
  const columns = collect(info, node);
  known.set(node, columns);
  return columns;
}

/** Conditions of @skip and @include are not looked at: a column too many does no harm. */
function collect(info: GraphQLResolveInfo, node: FieldNode): readonly string[] | null {
  const columns = new Set<string>();
  function visit(selectionSet: SelectionSetNode | undefined, typeName: string, isRow: boolean): boolean {
    const type = info.schema.getType(typeName);
    const fields = isObjectType(type) ? type.getFields() : {};
    return (selectionSet?.selections ?? []).every((selection) => {
      if (selection.kind === Kind.INLINE_FRAGMENT) return visit(selection.selectionSet, typeName, isRow);
      if (selection.kind === Kind.FRAGMENT_SPREAD) return visit(info.fragments[selection.name.value]?.selectionSet, typeName, isRow);
      const name = selection.name.value;
      const field = fields[name];
      if (!field || name === '__typename') return true;
      if (!isRow) {
        const inner = getNamedType(field.type).name;
        return (name !== 'nodes' && name !== 'edges' && name !== 'node') || visit(selection.selectionSet, inner, name !== 'edges');
      }
      const read = columnsRead(name, field.extensions);
      for (const column of read ?? []) columns.add(column);
      return read !== null;
    });
  }
  return visit(node.selectionSet, getNamedType(info.returnType).name, false) ? [...columns].toSorted() : null;
}

function columnsRead(name: string, { pothosExposedField: exposed, reads }: Readonly<Record<string, unknown>>): readonly string[] | null {
  if (typeof exposed === 'string') return [exposed];
  if (name === 'id') return ['id'];
  return Array.isArray(reads) ? reads.filter((column) => typeof column === 'string') : null;
}
