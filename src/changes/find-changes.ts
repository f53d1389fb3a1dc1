import type pg from 'pg';
import type { Change } from '../../prisma/generated/client/client.ts';
import type { Total } from '../platform/connection.ts';
import { createParameters, isStorable, type Parameters } from '../platform/parameters.ts';
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
  const { values, add } = createParameters(accountId, after, upTo, limit);
  const { rows } = await pool.query<Change>(
    `SELECT * FROM "Change" WHERE "accountId" = $1 AND seq > $2 AND seq <= $3${toConditions(filter, add)} ORDER BY seq LIMIT $4`,
    [...values],
  );
  return rows;
}

const countedExactly = 100_000;

/** How many changes of the log pass the filter. */
export async function countChanges(pool: pg.Pool, accountId: string, filter: ChangeFilter, head: number): Promise<Total> {
  const { values, add } = createParameters(accountId);
  const conditions = toConditions(filter, add);
  // Seq has no holes, so the log's end is its length.
  if (conditions === '') return { count: head, exact: true };
  const { rows } = await pool.query<{ readonly count: number }>(
    `SELECT count(*)::int AS count FROM (SELECT FROM "Change" WHERE "accountId" = $1${conditions} LIMIT ${countedExactly + 1}) AS found`,
    [...values],
  );
  const count = rows[0]?.count ?? 0;
  return { count: Math.min(count, countedExactly), exact: count <= countedExactly };
}

/** The filter as SQL. `viewOf` says the same of a change in memory. */
function toConditions({ types, leadId, stage, source, campaign }: ChangeFilter, add: Parameters['add']): string {
  const conditions: string[] = [];
  const isOneOf = (expression: string, wanted: readonly string[] | null | undefined) => {
    if (wanted?.length) conditions.push(` AND ${expression} = ANY(${add(wanted.filter(isStorable))}::text[])`);
  };
  if (leadId) conditions.push(` AND "leadId" = ${add(leadId)}::uuid`);
  isOneOf('type', types);
  isOneOf("data->'lead'->>'stage'", stage);
  isOneOf("data->'lead'->>'sourceName'", source);
  isOneOf("data->'lead'->>'campaignName'", campaign);
  return conditions.join('');
}
