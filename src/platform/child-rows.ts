import { createBatchLoader } from './batch-loader.ts';
import { type Connection, decodeCursor, encodeCursor, type Page, toConnection, type Total } from './connection.ts';
import type { Database } from './database.ts';
import { readRows } from './read-rows.ts';

interface Reader {
  readonly database: Pick<Database, 'readPool'>;
}

interface PageOfColumns {
  readonly page: Page;
  readonly columns: readonly string[] | null;
}

export interface ChildTable {
  readonly table: string;
  /** The column that names the parent; (parent, id) has an index. Ids rise with time. */
  readonly parent: string;
  readonly newestFirst: boolean;
}

/** Each lead of a page asks for it; most pages are first ones, whose arguments are told apart without JSON. */
function nameOfPage(asked: PageOfColumns): string {
  const { page, columns } = asked;
  const isFirst = page.after === null && page.before === null;
  return isFirst ? `${page.backward} ${page.limit} ${String(columns)}` : JSON.stringify(asked);
}

/**
 * Gives a page of child rows for a parent. What many parents of one answer ask for with equal arguments is one statement, and each gets
 * its own page: fifty leads with their history cost one statement more than fifty leads.
 */
export function createChildLoader<Row extends { readonly id: string }>({ table, parent, newestFirst }: ChildTable) {
  const cursorName = table.toLowerCase();
  const cursorOf = (row: Row): string => encodeCursor(cursorName, [row.id]);

  const loadRows = createBatchLoader<Reader, PageOfColumns, string, readonly Row[]>(async ({ database }, { page, columns }, parentIds) => {
    const [after, before] = [page.after, page.before].map((cursor) => cursor && decodeCursor(cursorName, ['uuid'], cursor)[0]);
    const [later, earlier] = newestFirst ? ['<', '>'] : ['>', '<'];
    const direction = newestFirst === page.backward ? 'ASC' : 'DESC';
    const text = `SELECT c.*, p.place::int FROM unnest($1::uuid[]) WITH ORDINALITY AS p(id, place) CROSS JOIN LATERAL (
          SELECT ${columns === null ? '*' : [...new Set(['id', ...columns])].map((column) => `"${column}"`).join(', ')} FROM "${table}" WHERE "${parent}" = p.id
            ${after ? `AND id ${later} $2::uuid` : ''} ${before ? `AND id ${earlier} $${after ? 3 : 2}::uuid` : ''}
          ORDER BY id ${direction} LIMIT ${page.limit + 1}) c ORDER BY p.place, c.id ${direction}`;
    const values = [parentIds, ...[after, before].filter((key) => key != null)];
    const rows = await readRows<Row & { readonly place: number }>(database.readPool, text, values);
    const found: Row[][] = parentIds.map(() => []);
    for (const row of rows) found[row.place - 1]?.push(row);
    return found;
  }, nameOfPage);

  const count = createBatchLoader<Reader, null, string, Total>(async ({ database }, _args, parentIds) => {
    const { rows } = await database.readPool.query<{ parent: string; count: number }>({
      name: `count-${cursorName}`,
      text: `SELECT "${parent}" AS parent, count(*)::int AS count FROM "${table}" WHERE "${parent}" = ANY($1::uuid[]) GROUP BY 1`,
      values: [parentIds],
    });
    const counts = new Map(rows.map((row) => [row.parent, row.count]));
    return parentIds.map((id) => ({ count: counts.get(id) ?? 0, exact: true }));
  });

  /** `columns`: what to read of each row beside its id; null: everything. */
  return async (ctx: Reader, parentId: string, page: Page, columns: readonly string[] | null = null): Promise<Connection<Row>> =>
    toConnection(await loadRows(ctx, { page, columns }, parentId), page, cursorOf, () => count(ctx, null, parentId));
}
