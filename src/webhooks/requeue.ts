import type pg from 'pg';
import type { DeliveryStatus } from '../../prisma/generated/client/client.ts';
import { leadErased } from '../changes/change.ts';
import { announce } from './delivery-feed.ts';
import { isErased } from './erase-deliveries.ts';
import { inTransaction } from './in-transaction.ts';

/** Which deliveries of a webhook. Tests are never among them, nor what is being tried at the moment. */
export interface Selection {
  readonly webhookId: string;
  readonly accountId: string;
  readonly ids: readonly string[] | null;
  readonly since: Date | null;
  readonly statuses: readonly DeliveryStatus[] | null;
  /** Only what waits for somebody to ask for it. */
  readonly heldOnly?: boolean;
}

const atOnce = 2000;

const selected = `"webhookId" = $1 AND seq IS NOT NULL AND "leaseId" IS NULL
  AND ($2::uuid[] IS NULL OR id = ANY($2)) AND ($3::timestamptz IS NULL OR "createdAt" >= $3) AND ($4::text[] IS NULL OR status::text = ANY($4)) AND (held OR NOT $5::boolean)
  AND (event = '${leadErased}' OR NOT ${isErased('"Delivery"."leadId"')})`;

const valuesOf = ({ webhookId, ids, since, statuses, heldOnly }: Selection): unknown[] => [
  webhookId,
  ids,
  since,
  statuses,
  heldOnly ?? false,
];

export async function countSelected(pool: pg.Pool, selection: Selection): Promise<number> {
  const { rows } = await pool.query<{ readonly count: number }>(
    `SELECT count(*)::int AS count FROM "Delivery" WHERE ${selected}`,
    valuesOf(selection),
  );
  return rows[0]?.count ?? 0;
}

/** Puts deliveries into the queue again, from the first try on, in the order of their leads. Gives how many. */
export async function requeue(pool: pg.Pool, selection: Selection, now: Date | null): Promise<number> {
  const { webhookId, accountId } = selection;
  const { rows } = await pool.query<{ readonly id: string | null }>('SELECT max(id::text) AS id FROM "Delivery" WHERE "webhookId" = $1', [
    webhookId,
  ]);
  const last = rows[0]?.id ?? null;
  let after = '00000000-0000-0000-0000-000000000000';
  let count = 0;
  for (;;) {
    const found = await inTransaction(pool, async (client) => {
      // The order within a lead is decided by whoever holds this lock.
      await client.query('SELECT FROM "Webhook" WHERE id = $1 FOR NO KEY UPDATE', [webhookId]);
      const { rows: opened } = await client.query<{ readonly id: string; readonly leadId: string }>(
        `UPDATE "Delivery" SET status = 'PENDING', held = false, tries = 0, "nextAttemptAt" = NULL, "plannedAt" = NULL
          WHERE "webhookId" = $1 AND id = ANY(ARRAY(
            SELECT id FROM "Delivery" WHERE ${selected} AND id > $6 AND id <= $7 ORDER BY id LIMIT ${atOnce} FOR NO KEY UPDATE))
          RETURNING id, "leadId"`,
        [...valuesOf(selection), after, last],
      );
      await putInOrder(client, webhookId, [...new Set(opened.map(({ leadId }) => leadId))], now);
      await announce(
        client,
        accountId,
        opened.map(({ id }) => ({ webhookId, id })),
      );
      return opened.map(({ id }) => id).sort();
    });
    count += found.length;
    after = found.at(-1) ?? after;
    if (found.length < atOnce) return count;
  }
}

// Ids as an array and not as a join: these statements are planned once, for a table of any size, and must go by the key.
const places = (condition: string): string => `ARRAY(
  SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY "leadId" ORDER BY seq) AS place FROM "Delivery"
    WHERE "webhookId" = $1 AND "leadId" = ANY($2::uuid[]) AND status IN ('PENDING', 'RETRYING') AND NOT held) r WHERE ${condition})`;

/** Of each lead the earliest open delivery is due, and the others wait for it. What is being tried stays as it is. */
async function putInOrder(client: pg.ClientBase, webhookId: string, leadIds: readonly string[], now: Date | null): Promise<void> {
  await client.query(
    `UPDATE "Delivery" SET "nextAttemptAt" = NULL
      WHERE "webhookId" = $1 AND id = ANY(${places('place > 1')}) AND "leaseId" IS NULL AND "nextAttemptAt" IS NOT NULL`,
    [webhookId, leadIds],
  );
  await client.query(
    `UPDATE "Delivery" SET "nextAttemptAt" = coalesce($3::timestamptz, clock_timestamp())
      WHERE "webhookId" = $1 AND id = ANY(${places('place = 1')}) AND "leaseId" IS NULL AND "nextAttemptAt" IS NULL`,
    [webhookId, leadIds, now],
  );
}
