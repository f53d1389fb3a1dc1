const mostNames = 500;
const names = new Map<string, string>();

/**
 * A statement that comes often, with a name under which PostgreSQL keeps its plan: planning a page of leads takes longer than reading it. Give
 * it texts of a small set only, with limits written out, since a plan is made for all values of its parameters. Beyond many texts: no name.
 */
export function prepared(text: string, values: readonly unknown[]): { text: string; values: unknown[]; name?: string } {
  const known = names.get(text) ?? (names.size < mostNames ? `read-${names.size}` : null);
  if (known === null) return { text, values: [...values] };
  names.set(text, known);
  return { text, values: [...values], name: known };
}
