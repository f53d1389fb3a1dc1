import type pg from 'pg';
import { logContributions } from './log-contributions.ts';
import { addCells, addTuples, cellSums, tupleSums } from './slices.ts';

/** A batch of the log, and what the log says of its leads before that. OFFSET 0 and the sums keep the planner from walking the whole log for each lead. */
const contributions = logContributions({
  batch: (entry) => `SELECT ${entry} FROM "Change" WHERE "accountId" = $1 AND seq > $2 AND seq <= $3 AND type ~ '^(lead|stage|event)[.]'`,
  before: (entry, leadId) =>
    `SELECT ${entry} FROM "Change" WHERE "leadId" = ${leadId} AND seq + 0 <= $2 AND type || '' ~ '^(lead|stage|event)[.]' OFFSET 0`,
});

const applyChanges = {
  name: 'rollup-apply',
  text: `WITH tuples AS MATERIALIZED (${tupleSums(contributions)}),
    "addedTuples" AS (${addTuples('$4', 'tuples')}),
    "addedCells" AS (${addCells('$4', cellSums('tuples'))}),
    position AS (UPDATE "Rollup" SET seq = $3, "appliedAt" = now() WHERE id = $4)
    SELECT (SELECT array_agg(ctid::text) FROM "addedTuples" WHERE "isNothing") AS tuples,
      (SELECT array_agg(ctid::text) FROM "addedCells" WHERE "isNothing") AS cells`,
};

interface Position {
  readonly id: number;
  readonly seq: bigint;
  readonly head: bigint;
}

/** A batch of this size stays far from the time limit of a statement. */
export const changesPerBatch = 2000;

export interface Applied {
  readonly count: number;
  readonly behind: number;
}

/**
 * Counts the next changes of an account's log into one generation of its numbers: the position moves in the same transaction, so each change
 * counts once. Null when another process is at it. `rollupId` null: the generation that is served.
 */
export async function applyNext(
  pool: pg.Pool,
  accountId: string,
  { rollupId = null, atMost = changesPerBatch }: { readonly rollupId?: number | null; readonly atMost?: number } = {},
): Promise<Applied | null> {
  const client = await pool.connect();
  let broken = true;
  try {
    // The planner expects a batch to be one row, and would compare every row with every other. The sums of a batch fit into this memory.
    // No commit of a writer waits for this one to reach the disk: what a crash takes from the numbers, position included, is counted again.
    await client.query(`BEGIN; SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '16MB'; SET LOCAL synchronous_commit = off`);
    const position = await takePosition(client, accountId, rollupId);
    const applied = position && (await applyFrom(client, accountId, position, atMost));
    await client.query('COMMIT');
    broken = false;
    return applied;
  } finally {
    // A connection that failed is not reused: closing it ends its transaction.
    client.release(broken);
  }
}

async function takePosition(client: pg.ClientBase, accountId: string, rollupId: number | null): Promise<Position | null> {
  const { rows } = await client.query<Position>({
    name: 'rollup-position',
    text: `SELECT r.id, r.seq, h.seq AS head FROM "Rollup" r JOIN "LogHead" h ON h."accountId" = r."accountId"
      WHERE r."accountId" = $1 AND CASE WHEN $2::int IS NULL THEN r."isServed" ELSE r.id = $2 END FOR UPDATE OF r SKIP LOCKED`,
    values: [accountId, rollupId],
  });
  return rows[0] ?? null;
}

async function applyFrom(client: pg.ClientBase, accountId: string, { id, seq, head }: Position, atMost: number): Promise<Applied> {
  const after = Number(seq);
  const upTo = Math.min(Number(head), after + atMost);
  if (upTo <= after) return { count: 0, behind: 0 };
  const { rows } = await client.query<{ readonly tuples: readonly string[] | null; readonly cells: readonly string[] | null }>({
    ...applyChanges,
    values: [accountId, after, upTo, id],
  });
  const [left] = rows;
  // Nobody else writes these rows, so they still stand where they stood a moment ago.
  if (left?.tuples) await client.query('DELETE FROM "RollupTuple" WHERE ctid = ANY($1::text[]::tid[])', [left.tuples]);
  if (left?.cells) await client.query('DELETE FROM "RollupCell" WHERE ctid = ANY($1::text[]::tid[])', [left.cells]);
  return { count: upTo - after, behind: Number(head) - upTo };
}

/** Begins the numbers of an account that has none, with nothing counted. Safe when several processes do it together. */
export async function beginRollup(pool: pg.Pool, accountId: string): Promise<void> {
  await pool.query({
    name: 'rollup-begin',
    text: `INSERT INTO "Rollup" ("accountId", seq, "appliedAt", "isServed") VALUES ($1, 0, now(), true)
      ON CONFLICT ("accountId") WHERE "isServed" DO NOTHING`,
    values: [accountId],
  });
}

/** Accounts whose log has grown past their numbers. */
export async function findBehind(pool: pg.Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ readonly accountId: string }>({
    name: 'rollup-behind',
    text: `SELECT h."accountId" FROM "LogHead" h
      LEFT JOIN "Rollup" r ON r."accountId" = h."accountId" AND r."isServed" WHERE h.seq > coalesce(r.seq, 0)`,
  });
  return rows.map((row) => row.accountId);
}
