import type pg from 'pg';

const atOnce = 5000;

/** Takes everything that is open away from the queue: to wait for somebody to ask for it, or for good. In pieces, so that nothing else waits long. */
export async function shelve(pool: pg.Pool, webhookId: string, how: 'HELD' | 'CANCELLED'): Promise<void> {
  const held = how === 'HELD';
  for (let found = atOnce; found === atOnce; ) {
    const { rowCount } = await pool.query({
      name: `shelve-deliveries-${how}`,
      text: `UPDATE "Delivery" SET held = ${held}, "nextAttemptAt" = NULL, "leaseId" = NULL${held ? '' : `, status = 'CANCELLED'`}
        WHERE "webhookId" = $1 AND id = ANY(ARRAY(
          SELECT id FROM "Delivery" WHERE "webhookId" = $1 AND status IN ('PENDING', 'RETRYING')${held ? ' AND NOT held AND seq IS NOT NULL' : ''}
          LIMIT ${atOnce} FOR NO KEY UPDATE))`,
      values: [webhookId],
    });
    found = rowCount ?? 0;
  }
}
