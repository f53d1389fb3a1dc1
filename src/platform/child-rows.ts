import { createBatchLoader } from './batch-loader.ts';
import { type Connection, decodeCursor, encodeCursor, type Page, toConnection, type Total } from './connection.ts';
import type { Database } from './database.ts';

interface Reader {
  readonly database: Pick<Database, 'readPool'>;
}

export interface ChildTable {
  readonly table: string;
  /** The column that names the parent; (parent, id) has an index. Ids rise with time. */
  readonly parent: string;
  readonly newestFirst: boolean;
}

/**
 * Gives a page of child rows for a parent. What many parents of one answer ask for with equal arguments is one statement, and each gets
 * its own page: fifty leads with their history cost one statement more than fifty leads.
 */
export function createChildLoader<Row extends { readonly id: string }>({ table, parent, newestFirst }: ChildTable) {
  const cursorName = table.toLowerCase();
  const cursorOf = (row: Row): string => encodeCursor(cursorName, [row.id]);

  const loadRows = createBatchLoader<Reader, Page, string, readonly Row[]>(async ({ database }, page, parentIds) => {
    const [after, before] = [page.after, page.before].map((cursor) => cursor && decodeCursor(cursorName, ['uuid'], cursor)[0]);
    const [later, earlier] = newestFirst ? ['<', '>'] : ['>', '<'];
    const direction = newestFirst === page.backward ? 'ASC' : 'DESC';
    const { rows } = await database.readPool.query<Row & { readonly place: bigint }>(
      `SELECT c.*, p.place FROM unnest($1::uuid[]) WITH ORDINALITY AS p(id, place) CROSS JOIN LATERAL (
          SELECT * FROM "${table}" WHERE "${parent}" = p.id
            ${after ? `AND id ${later} $3::uuid` : ''} ${before ? `AND id ${earlier} $${after ? 4 : 3}::uuid` : ''}
          ORDER BY id ${direction} LIMIT $2) c ORDER BY p.place, c.id ${direction}`,
      [parentIds, page.limit + 1, ...[after, before].filter((key) => key != null)],
    );
    const found: Row[][] = parentIds.map(() => []);
    for (const row of rows) found[Number(row.place) - 1]?.push(row);
    return found;
  });

  const count = createBatchLoader<Reader, null, string, Total>(async ({ database }, _args, parentIds) => {
    const { rows } = await database.readPool.query<{ parent: string; count: number }>({
      name: `count-${cursorName}`,
      text: `SELECT "${parent}" AS parent, count(*)::int AS count FROM "${table}" WHERE "${parent}" = ANY($1::uuid[]) GROUP BY 1`,
      values: [parentIds],
    });
    const counts = new Map(rows.map((row) => [row.parent, row.count]));
    return parentIds.map((id) => ({ count: counts.get(id) ?? 0, exact: true }));
  });

  return async (ctx: Reader, parentId: string, page: Page): Promise<Connection<Row>> =>
    toConnection(await loadRows(ctx, page, parentId), page, cursorOf, () => count(ctx, null, parentId));
}
