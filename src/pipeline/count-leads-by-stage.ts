import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../platform/database.ts';

interface Row {
  readonly seq: number;
  readonly head: number;
  readonly counts: readonly (readonly [string, number])[] | null;
}

/** Who just moved a lead sees it moved: so long the numbers are waited for, unless they have much to count. */
const patienceMs = 250;
const fewChanges = 500;

/** How many leads stand in each stage, from the numbers that are kept in step with the log (see src/analytics). */
export async function countLeadsByStage({ readPool }: Pick<Database, 'readPool'>, accountId: string): Promise<ReadonlyMap<string, number>> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const { rows } = await readPool.query<Row>({
      name: 'leads-by-stage',
      text: `SELECT h.seq::float8 AS head, coalesce(r.seq, 0)::float8 AS seq,
          (SELECT json_agg(json_build_array(item, leads)) FROM (
            -- Erased leads count in the numbers, and are not to be seen.
            SELECT item, sum(CASE slice WHEN '-L' THEN leads ELSE -leads END) AS leads FROM "RollupCell"
              WHERE "rollupId" = r.id AND slice IN ('-L', '-X') AND span = 0 GROUP BY item) c) AS counts
        FROM "LogHead" h LEFT JOIN "Rollup" r ON r."accountId" = h."accountId" AND r."isServed" WHERE h."accountId" = $1`,
      values: [accountId],
    });
    const { seq, head, counts } = rows[0] ?? { seq: 0, head: 0, counts: null };
    if (seq >= head || head - seq > fewChanges || performance.now() > deadline) return new Map(counts ?? []);
    await sleep(15);
  }
}
