import type pg from 'pg';
import type { Change } from '../../prisma/generated/client/client.ts';

/** An account's changes with `after` < seq <= `upTo`, oldest first. */
export async function readLog(
  pool: pg.Pool,
  accountId: string,
  range: { readonly after: number; readonly upTo: number },
): Promise<Change[]> {
  const { rows } = await pool.query<Change>({
    name: 'read-log',
    text: 'SELECT * FROM "Change" WHERE "accountId" = $1 AND seq > $2 AND seq <= $3 ORDER BY seq',
    values: [accountId, range.after, range.upTo],
  });
  return rows;
}

/** The seq of each account's latest committed change; 0 while its log is empty. */
export async function readHeads(pool: pg.Pool, accountIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ readonly accountId: string; readonly seq: bigint }>({
    name: 'read-heads',
    text: 'SELECT "accountId", seq FROM "LogHead" WHERE "accountId" = ANY($1::uuid[])',
    values: [accountIds],
  });
  return new Map(rows.map((row) => [row.accountId, Number(row.seq)]));
}

export async function readHead(pool: pg.Pool, accountId: string): Promise<number> {
  const heads = await readHeads(pool, [accountId]);
  return heads.get(accountId) ?? 0;
}

/** Changes of the account by id, null where there is none. */
export async function loadChanges(pool: pg.Pool, accountId: string, ids: readonly string[]): Promise<(Change | null)[]> {
  const { rows } = await pool.query<Change>({
    name: 'changes-by-id',
    text: 'SELECT * FROM "Change" WHERE id = ANY($1::uuid[]) AND "accountId" = $2',
    values: [ids, accountId],
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}
