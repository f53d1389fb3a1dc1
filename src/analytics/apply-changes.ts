import type pg from 'pg';
import { addCells, addTuples, cellSums, tupleSums } from './slices.ts';

/**
 * One batch of the log as contributions to the cells: of every lead that the batch touches, what it counted for before (taken away) and what
 * it counts for now (added). Both states are read from the log, where every change carries the lead as it stood, so deletions, moves and new
 * attributions restate whatever the lead had counted for, its events and stays included.
 */
const contributions = `
  WITH batch AS MATERIALIZED (
    SELECT seq, type, "leadId", "occurredAt", data FROM "Change"
      WHERE "accountId" = $1 AND seq > $2 AND seq <= $3 AND type ~ '^(lead|stage|event)[.]'
  ),
  touched AS MATERIALIZED (SELECT "leadId", bool_or(type = 'lead.created') AS "isNew" FROM batch GROUP BY "leadId"),
  -- OFFSET 0 and the sums keep the planner from walking the account's whole log for each lead.
  known AS MATERIALIZED (
    SELECT *, true AS fresh FROM batch
    UNION ALL
    SELECT h.*, false FROM touched t CROSS JOIN LATERAL (
        SELECT seq, type, "leadId", "occurredAt", data FROM "Change"
          WHERE "leadId" = t."leadId" AND seq + 0 <= $2 AND type || '' ~ '^(lead|stage|event)[.]' OFFSET 0
      ) h WHERE NOT t."isNew"
  ),
  states AS MATERIALIZED (
    SELECT k."leadId", k.fresh, CASE WHEN k.fresh THEN 1 ELSE -1 END AS sign, rollup_key(s.stage) AS stage,
        rollup_key(s."sourceName") AS source, rollup_key(s."campaignName") AS campaign, rollup_key(s.domain) AS domain,
        rollup_key(s."deviceType") AS device, rollup_quarter(s."createdAt") AS quarter,
        s."formPercent" AS form, coalesce(s.cost, 0) AS cost, coalesce(s."adSpend", 0) AS "adSpend"
      FROM (SELECT DISTINCT ON ("leadId", fresh) * FROM known ORDER BY "leadId", fresh, seq DESC) k
      CROSS JOIN LATERAL json_to_record(k.data->'lead') AS s(stage text, "sourceName" text, "campaignName" text, domain text,
        "deviceType" text, "createdAt" timestamptz, "formPercent" numeric, cost numeric, "adSpend" numeric)
      WHERE k.type <> 'lead.deleted' AND s.stage IS NOT NULL
  ),
  entries AS (
    SELECT seq, type, "leadId", fresh, data, greatest(0, extract(epoch FROM "occurredAt" - lag("occurredAt") OVER entered)) AS seconds
      FROM known WHERE type IN ('lead.created', 'stage.changed') WINDOW entered AS (PARTITION BY "leadId" ORDER BY seq)
  )
  SELECT source, campaign, domain, device, 'L' AS kind, stage AS item, 0 AS step, quarter,
      sign AS leads, CASE WHEN form IS NULL THEN 0 ELSE sign END AS "formLeads", sign * coalesce(round(form, 4), 0) AS "formPercents",
      sign * cost AS cost, sign * "adSpend" AS "adSpend",
      0 AS events, 0 AS conversions, 0 AS revenue, 0 AS payout, 0 AS stays, 0 AS "staySeconds"
    FROM states
  UNION ALL
  SELECT s.source, s.campaign, s.domain, s.device, 'E', rollup_key(e."eventId"), 0, rollup_quarter(k."occurredAt"),
      0, 0, 0, 0, 0, s.sign, CASE WHEN e."isConversion" THEN s.sign ELSE 0 END,
      CASE WHEN e."isConversion" THEN s.sign * coalesce(e.revenue, 0) ELSE 0 END, s.sign * coalesce(e.payout, 0), 0, 0
    FROM known k JOIN states s ON s."leadId" = k."leadId" AND (s.fresh OR NOT k.fresh)
    CROSS JOIN LATERAL json_to_record(k.data->'leadEvent') AS e("eventId" text, "isConversion" boolean, revenue numeric, payout numeric)
    WHERE k.type LIKE 'event.%' AND e."eventId" IS NOT NULL
  UNION ALL
  SELECT s.source, s.campaign, s.domain, s.device, 'T', rollup_key(m."fromStage"), rollup_step(n.seconds), s.quarter,
      0, 0, 0, 0, 0, 0, 0, 0, 0, s.sign, s.sign * n.seconds
    FROM entries n JOIN states s ON s."leadId" = n."leadId" AND (s.fresh OR NOT n.fresh)
    CROSS JOIN LATERAL json_to_record(n.data->'stageChange') AS m("fromStage" text, forced boolean)
    WHERE n.type = 'stage.changed' AND n.seconds IS NOT NULL AND NOT m.forced AND m."fromStage" IS NOT NULL`;

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
    // The planner expects a batch to be one row, and would compare every row with every other.
    await client.query('BEGIN; SET LOCAL enable_nestloop = off');
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
