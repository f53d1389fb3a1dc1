import { toPublicId } from '../platform/ids.ts';
import type { WebhookContext } from './create-webhook.ts';
import { WebhookNotFoundError } from './errors.ts';
import { getWebhook } from './find-webhooks.ts';
import { shelve } from './shelve.ts';

export const deleteWebhookErrors = [WebhookNotFoundError] as const;

/** Ends a webhook. What it still owed is cancelled; its deliveries and their tries stay to be looked at. */
export async function deleteWebhook(ctx: WebhookContext, input: { readonly webhookId: string }): Promise<{ readonly webhookId: string }> {
  const { id } = await getWebhook(ctx, input.webhookId);
  await ctx.db.webhook.update({ where: { id }, data: { deletedAt: new Date(), enabled: false } });
  await shelve(ctx.database.writePool, id, 'CANCELLED');
  return { webhookId: toPublicId('Webhook', id) };
}
