import type pg from 'pg';

/** Whether the lead `leadId` (a qualified column) is gone, as SQL; a scalar, so that no planner turns it into a scan of the log. */
export const isGone = (leadId: string): string =>
  `coalesce((SELECT true FROM "Change" g WHERE g."leadId" = ${leadId} AND g.type IN ('lead.deleted', 'lead.erased') LIMIT 1), false)`;

/** Whether it was erased: the log has nothing left to tell of it but that. */
export const isErased = (leadId: string): string =>
  `coalesce((SELECT true FROM "Change" g WHERE g."leadId" = ${leadId} AND g.type = 'lead.erased' LIMIT 1), false)`;

/** What is kept of a URL that was called for a lead that is gone: the rest may have been filled in with what it was. */
export const originOf = (url: string): string => `substring(${url} FROM '^[a-z]+://[^/?#]*')`;

/**
 * For a deleted lead: forgets what its tries called and what was answered. What is still owed is told, from the log; `settle` keeps nothing
 * of those tries either. Belongs into the transaction that deletes.
 */
export async function forgetTries(client: Pick<pg.ClientBase, 'query'>, accountId: string, leadIds: readonly string[]): Promise<void> {
  const webhookIds = await lockWebhooks(client, accountId);
  if (webhookIds.length > 0) await scrubTries(client, webhookIds, leadIds);
}

/**
 * For an erased lead, in the transaction that erases it and records its `lead.erased`, which is still told to every webhook that asked for it.
 *
 * - What its tries called (but for scheme and host) and what was answered is forgotten. Ids, times, status codes and counts stay.
 * - What is still owed of its earlier changes is cancelled, held deliveries too. A try under way ends within its 15 s, and its result is ignored.
 * - A delivery holds no copy of what it tells: that is made from the log at each try. So the caller clears `Change.data` and `Change.previous`.
 *   From then on nothing of the lead but `lead.erased` becomes a delivery or can be replayed.
 */
export async function eraseDeliveries(client: Pick<pg.ClientBase, 'query'>, accountId: string, leadId: string): Promise<void> {
  const webhookIds = await lockWebhooks(client, accountId);
  if (webhookIds.length === 0) return;
  await scrubTries(client, webhookIds, [leadId]);
  await client.query({
    name: 'cancel-deliveries-of-lead',
    text: `UPDATE "Delivery" d SET status = 'CANCELLED', held = false, "nextAttemptAt" = NULL, "leaseId" = NULL
      WHERE d."webhookId" = ANY($1::uuid[]) AND d."leadId" = $2 AND d.status IN ('PENDING', 'RETRYING') AND d.event <> 'lead.erased'`,
    values: [webhookIds, leadId],
  });
}

/** Whoever makes, settles or replays deliveries holds these locks: none is added or changed meanwhile. */
async function lockWebhooks(client: Pick<pg.ClientBase, 'query'>, accountId: string): Promise<string[]> {
  const { rows } = await client.query<{ readonly id: string }>({
    name: 'lock-webhooks-of-account',
    text: 'SELECT id FROM "Webhook" WHERE "accountId" = $1 ORDER BY id FOR NO KEY UPDATE',
    values: [accountId],
  });
  return rows.map(({ id }) => id);
}

/** Deliveries are found by the changes of their leads, which have an index. */
async function scrubTries(client: Pick<pg.ClientBase, 'query'>, webhookIds: readonly string[], leadIds: readonly string[]): Promise<void> {
  await client.query({
    name: 'scrub-tries-of-leads',
    text: `UPDATE "Attempt" a SET url = ${originOf('a.url')}, "responseBody" = NULL
      FROM (SELECT d.id FROM unnest($2::uuid[]) AS l(id)
        CROSS JOIN LATERAL (SELECT seq FROM "Change" WHERE "leadId" = l.id OFFSET 0) c
        CROSS JOIN unnest($1::uuid[]) AS w(id)
        CROSS JOIN LATERAL (SELECT id FROM "Delivery" WHERE "webhookId" = w.id AND seq = c.seq AND "leadId" = l.id OFFSET 0) d) told
      WHERE a."deliveryId" = told.id`,
    values: [webhookIds, leadIds],
  });
}
