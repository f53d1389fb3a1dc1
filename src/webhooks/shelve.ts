import type pg from 'pg';

const atOnce = 5000;

const ways = {
  HELD: { change: 'held = true', condition: `NOT held AND seq IS NOT NULL AND ("leaseId" IS NULL OR "nextAttemptAt" < clock_timestamp())` },
  CANCELLED: { change: `held = false, status = 'CANCELLED'`, condition: 'true' },
} as const;

/**
 * Takes everything that is open away from the queue: to wait for somebody to ask for it, or for good. What is being tried at the moment is held only
 * if that fails: a success must not be forgotten. In pieces, so that nothing else waits long.
 */
export async function shelve(pool: pg.Pool, webhookId: string, how: 'HELD' | 'CANCELLED'): Promise<void> {
  const { change, condition } = ways[how];
  for (let found = atOnce; found === atOnce; ) {
    const { rowCount } = await pool.query({
      name: `shelve-deliveries-${how}`,
      text: `UPDATE "Delivery" SET ${change}, "nextAttemptAt" = NULL, "leaseId" = NULL
        WHERE "webhookId" = $1 AND id = ANY(ARRAY(
          SELECT id FROM "Delivery" WHERE "webhookId" = $1 AND status IN ('PENDING', 'RETRYING') AND ${condition}
          LIMIT ${atOnce} FOR NO KEY UPDATE))`,
      values: [webhookId],
    });
    found = rowCount ?? 0;
  }
}
