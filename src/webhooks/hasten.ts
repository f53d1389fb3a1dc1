import type pg from 'pg';
import { gentleMs } from './retry-plan.ts';

const atOnce = 1000;
const perSecond = 50;

/**
 * An endpoint answers again: what waits for a retry, maybe for hours, is tried soon, from a minute on and spread out. Each delivery gets one such
 * try between two of the plan. It is beyond the plan: when it fails, the next one is when it was planned. What the receiver itself put off by
 * `Retry-After` stays where it is.
 */
export async function hasten(pool: pg.Pool, webhookId: string, now: Date | null): Promise<void> {
  for (let done = 0; ; done += atOnce) {
    // From the end: what was moved by then is not met again.
    const { rowCount } = await pool.query({
      name: 'hasten-deliveries',
      text: `WITH t AS MATERIALIZED (SELECT coalesce($2::timestamptz, clock_timestamp()) AS now),
        waiting AS MATERIALIZED (
          SELECT d.id FROM "Delivery" d WHERE d."webhookId" = $1 AND d."nextAttemptAt" > (SELECT now FROM t) + $3::int * interval '1 ms'
            AND d."leaseId" IS NULL AND d.status = 'RETRYING' AND d."plannedAt" IS NULL
          ORDER BY d."nextAttemptAt" DESC LIMIT ${atOnce} FOR NO KEY UPDATE SKIP LOCKED),
        placed AS MATERIALIZED (SELECT id, row_number() OVER (ORDER BY id) + $4::int AS place FROM waiting)
        UPDATE "Delivery" d SET "plannedAt" = d."nextAttemptAt",
          "nextAttemptAt" = least(d."nextAttemptAt", t.now + $3::int * interval '1 ms' + p.place * interval '${1000 / perSecond} ms')
        FROM t, placed p WHERE d."webhookId" = $1 AND d.id = p.id`,
      values: [webhookId, now, gentleMs, done],
    });
    if ((rowCount ?? 0) < atOnce) return;
  }
}
