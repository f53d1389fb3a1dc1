import type pg from 'pg';
import type { Change } from '../../prisma/generated/client/client.ts';
import type { ChangeFilter } from './change.ts';

export interface ChangePage {
  readonly changes: readonly Change[];
  /** Everything up to here was looked at: where the next page begins. */
  readonly scannedTo: number;
  readonly hasMore: boolean;
}

/** How much of the log one statement searches for changes that pass a filter. */
const span = 20_000;
/** A search that finds little stops here, with a short page and the position to go on from. */
const searchWithinMs = 1000;

/** A page of an account's log, oldest first. A page may be short although more follows, so that a rare filter never times out. */
export async function findChanges(
  pool: pg.Pool,
  accountId: string,
  filter: ChangeFilter,
  range: { readonly after: number; readonly head: number; readonly limit: number },
): Promise<ChangePage> {
  const startedAt = performance.now();
  const { head, limit } = range;
  const changes: Change[] = [];
  let scannedTo = Math.min(range.after, head);
  while (scannedTo < head) {
    // A lead's own changes stand in an index: no need to search piece by piece.
    const upTo = filter.leadId ? head : Math.min(head, scannedTo + Math.max(span, limit));
    changes.push(...(await findBetween(pool, accountId, filter, scannedTo, upTo, limit + 1 - changes.length)));
    if (changes.length > limit) {
      const page = changes.slice(0, limit);
      return { changes: page, scannedTo: Number(page.at(-1)?.seq ?? scannedTo), hasMore: true };
    }
    scannedTo = upTo;
    if (performance.now() - startedAt > searchWithinMs) break;
  }
  return { changes, scannedTo, hasMore: scannedTo < head };
}

async function findBetween(
  pool: pg.Pool,
  accountId: string,
  filter: ChangeFilter,
  after: number,
  upTo: number,
  limit: number,
): Promise<Change[]> {
  const where = toSql(filter, [accountId, after, upTo, limit]);
  const { rows } = await pool.query<Change>(
    `SELECT * FROM "Change" WHERE "accountId" = $1 AND seq > $2 AND seq <= $3${where.sql} ORDER BY seq LIMIT $4`,
    where.values,
  );
  return rows;
}

const countLimit = 100_000;

/** How many changes pass the filter: exact up to 100,000, which then means "at least". */
export async function countChanges(pool: pg.Pool, accountId: string, filter: ChangeFilter): Promise<number> {
  const where = toSql(filter, [accountId]);
  const { rows } = await pool.query<{ readonly count: number }>(
    `SELECT count(*)::int AS count FROM (SELECT 1 FROM "Change" WHERE "accountId" = $1${where.sql} LIMIT ${countLimit}) AS found`,
    where.values,
  );
  return rows[0]?.count ?? 0;
}

/** The filter as conditions, with its values behind those given. `matchesFilter` says the same of a change in memory. */
function toSql(filter: ChangeFilter, given: readonly unknown[]): { readonly sql: string; readonly values: unknown[] } {
  const values = [...given];
  const conditions: string[] = [];
  const add = (toCondition: (parameter: string) => string, value: unknown) => {
    if (value === null || value === undefined) return;
    values.push(value);
    conditions.push(` AND ${toCondition(`$${values.length}`)}`);
  };
  add((parameter) => `type = ANY(${parameter}::text[])`, filter.types);
  add((parameter) => `"leadId" = ${parameter}::uuid`, filter.leadId);
  add((parameter) => `data->'lead'->>'stage' = ANY(${parameter}::text[])`, filter.stage);
  add((parameter) => `data->'lead'->>'sourceName' = ANY(${parameter}::text[])`, filter.source);
  add((parameter) => `data->'lead'->>'campaignName' = ANY(${parameter}::text[])`, filter.campaign);
  return { sql: conditions.join(''), values };
}
