import type { Delivery } from '../../prisma/generated/client/client.ts';
import { newUuid } from '../platform/ids.ts';
import type { WebhookContext } from './create-webhook.ts';
import { announce } from './delivery-feed.ts';
import { WebhookNotFoundError } from './errors.ts';
import { saveLead } from './events.ts';
import { getWebhook } from './find-webhooks.ts';

export const testWebhookErrors = [WebhookNotFoundError] as const;

/** Sends a sample on the way of every other delivery, once; also while the webhook is disabled, so that it can be tried before it is enabled. */
export async function testWebhook(ctx: WebhookContext, input: { readonly webhookId: string }): Promise<{ readonly delivery: Delivery }> {
  const { id: webhookId, accountId, events } = await getWebhook(ctx, input.webhookId);
  const { writePool } = ctx.database;
  const { rows } = await writePool.query<Delivery>({
    name: 'insert-test-delivery',
    text: `INSERT INTO "Delivery" ("webhookId", id, "accountId", event, "createdAt", "nextAttemptAt")
      SELECT $1, $2, $3, $4, t.now, t.now FROM (SELECT clock_timestamp() AS now) t RETURNING *`,
    values: [webhookId, newUuid(), accountId, events.includes(saveLead) ? saveLead : events[0]],
  });
  const [delivery] = rows;
  if (!delivery) throw new Error('a test delivery was not stored');
  await announce(writePool, accountId, [delivery]);
  ctx.webhooks.wake();
  return { delivery };
}
