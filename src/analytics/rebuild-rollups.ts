import { Client, Pool } from 'pg';
import { applyNext } from './apply-changes.ts';
import { erasedType } from './erased-leads.ts';
import { logContributions } from './log-contributions.ts';
import { cellKey, cellSumsOneByOne, measureList, tupleKey, tupleSums, withAllTime } from './slices.ts';

/** Of erased leads the tables know nothing any more; the log does. */
const ofErased = logContributions({
  batch: (entry) => `SELECT ${entry} FROM "Change" WHERE "accountId" = $1 AND type ~ '^(lead|stage|event)[.]'
    AND "leadId" IN (SELECT "leadId" FROM "Change" WHERE "accountId" = $1 AND type = '${erasedType}')`,
  before: null,
});

/** What the tables come to, as the same contributions that the log makes one change at a time. */
const contributions = `
  WITH states AS MATERIALIZED (
    SELECT id, stage, rollup_key("sourceName") AS source, rollup_key("campaignName") AS campaign, rollup_key(domain) AS domain,
        rollup_key("deviceType") AS device, rollup_quarter("createdAt") AS quarter, "formPercent"::text::numeric AS form, cost, "adSpend"
      FROM "Lead" WHERE "accountId" = $1
  ),
  entries AS (
    SELECT "leadId", "fromStage", forced,
        greatest(0, extract(epoch FROM "occurredAt" - lag("occurredAt") OVER (PARTITION BY "leadId" ORDER BY "recordedAt", id))) AS seconds
      FROM "StageChange" WHERE "accountId" = $1
  )
  SELECT source, campaign, domain, device, 'L' AS kind, rollup_key(stage) AS item, 0 AS step, quarter,
      1 AS leads, CASE WHEN form IS NULL THEN 0 ELSE 1 END AS "formLeads", coalesce(round(form, 4), 0) AS "formPercents", cost, "adSpend",
      0 AS events, 0 AS conversions, 0 AS revenue, 0 AS payout, 0 AS stays, 0 AS "staySeconds"
    FROM states
  UNION ALL
  SELECT s.source, s.campaign, s.domain, s.device, 'E', rollup_key(t."eventId"), 0, rollup_quarter(e."occurredAt"),
      0, 0, 0, 0, 0, 1, CASE WHEN e."isConversion" THEN 1 ELSE 0 END,
      CASE WHEN e."isConversion" THEN coalesce(e.revenue, 0) ELSE 0 END, coalesce(e.payout, 0), 0, 0
    FROM "LeadEvent" e JOIN states s ON s.id = e."leadId" JOIN "EventType" t ON t.id = e."eventTypeId" WHERE e."accountId" = $1
  UNION ALL
  SELECT s.source, s.campaign, s.domain, '', 'T', rollup_key(n."fromStage"), rollup_step(n.seconds), s.quarter,
      0, 0, 0, 0, 0, 0, 0, 0, 0, 1, n.seconds
    FROM entries n JOIN states s ON s.id = n."leadId"
    WHERE n.seconds IS NOT NULL AND NOT n.forced AND n."fromStage" IS NOT NULL
  UNION ALL (${ofErased})`;

/** So close behind the log the new generation takes over; the reader counts the rest. */
const closeBehind = 2000;

export interface Rebuilt {
  readonly accountId: string;
  readonly seq: number;
  readonly seconds: number;
}

/** Counts everything anew, account by account, from the tables and then from the log. Until a new generation is complete the old one is served. */
export async function rebuildRollups(url: string, onRebuilt: (rebuilt: Rebuilt) => void = () => undefined): Promise<void> {
  const client = new Client({ connectionString: url, application_name: 'leadgraph rebuild', options: '-c TimeZone=UTC' });
  const pool = new Pool({ connectionString: url, application_name: 'leadgraph rebuild', max: 1, options: '-c TimeZone=UTC' });
  await client.connect();
  try {
    // Two rebuilds at once would only undo each other's work. The lock ends with the connection.
    await client.query(`SELECT pg_advisory_lock(hashtext('leadgraph rebuild'))`);
    await client.query(`SET work_mem = '256MB'; SET jit = off`);
    const { rows } = await client.query<{ readonly accountId: string }>('SELECT "accountId" FROM "LogHead"');
    for (const { accountId } of rows) onRebuilt(await rebuildAccount(client, pool, accountId));
  } finally {
    await pool.end();
    await client.end();
  }
}

async function rebuildAccount(client: Client, pool: Pool, accountId: string): Promise<Rebuilt> {
  const began = performance.now();
  await forgetUnserved(client, accountId);
  const id = await countTables(client, accountId);
  for (;;) {
    const applied = await applyNext(pool, accountId, { rollupId: id });
    if (!applied || applied.behind < closeBehind) break;
  }
  await serve(client, accountId, id);
  await forgetUnserved(client, accountId);
  const { rows } = await client.query<{ readonly seq: string }>('SELECT seq FROM "Rollup" WHERE id = $1', [id]);
  return { accountId, seq: Number(rows[0]?.seq), seconds: (performance.now() - began) / 1000 };
}

/** One snapshot: the tables and the log's end fit together. */
async function countTables(client: Client, accountId: string): Promise<number> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  try {
    const { rows } = await client.query<{ readonly id: number }>(
      `INSERT INTO "Rollup" ("accountId", seq, "appliedAt", "isServed")
        SELECT "accountId", seq, now(), false FROM "LogHead" WHERE "accountId" = $1 RETURNING id`,
      [accountId],
    );
    const id = rows[0]?.id ?? 0;
    await client.query(`CREATE TEMPORARY TABLE counted ON COMMIT DROP AS ${tupleSums(contributions)}`, [accountId]);
    await client.query('ANALYZE counted');
    await client.query(
      `INSERT INTO "RollupTuple" ("rollupId", ${tupleKey}, ${measureList}) SELECT $1, ${tupleKey}, ${measureList} FROM (${withAllTime('counted')}) AS c ORDER BY ${tupleKey}`,
      [id],
    );
    for (const sums of cellSumsOneByOne('counted')) {
      await client.query(
        `INSERT INTO "RollupCell" ("rollupId", ${cellKey}, ${measureList}) SELECT $1, ${cellKey}, ${measureList} FROM (${sums}) AS c ORDER BY ${cellKey}`,
        [id],
      );
    }
    await client.query('COMMIT');
    return id;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/** From one moment to the next: a question reads the one generation or the other, never a mixture. */
async function serve(client: Client, accountId: string, id: number): Promise<void> {
  await client.query('BEGIN');
  await client.query('UPDATE "Rollup" SET "isServed" = false WHERE "accountId" = $1 AND "isServed"', [accountId]);
  await client.query('UPDATE "Rollup" SET "isServed" = true WHERE id = $1', [id]);
  await client.query('COMMIT');
}

/** Removes generations that were replaced, and those that a rebuild which broke off left behind. */
async function forgetUnserved(client: Client, accountId: string): Promise<void> {
  await client.query(
    `WITH gone AS (DELETE FROM "Rollup" WHERE "accountId" = $1 AND NOT "isServed" RETURNING id),
      cells AS (DELETE FROM "RollupCell" WHERE "rollupId" IN (SELECT id FROM gone))
      DELETE FROM "RollupTuple" WHERE "rollupId" IN (SELECT id FROM gone)`,
    [accountId],
  );
}
