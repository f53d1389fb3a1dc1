import type { Webhook } from '../../prisma/generated/client/client.ts';
import { NameTakenError } from '../auth/errors.ts';
import { InvalidInputError } from '../errors.ts';
import { checkInput } from '../platform/check-input.ts';
import { checkUrl } from './check-url.ts';
import { toJson, type WebhookContext } from './create-webhook.ts';
import { HeaderNotAllowedError, WebhookNotFoundError, WebhookUrlNotAllowedError } from './errors.ts';
import { getWebhook } from './find-webhooks.ts';
import { checkHeaders, mask } from './headers.ts';
import { createLeadMatcher } from './lead-match.ts';
import { notDelivered } from './replay-deliveries.ts';
import { requeue } from './requeue.ts';
import { shelve } from './shelve.ts';
import { headerPurpose } from './webhook.ts';
import { settingsSchema, type WebhookSettings } from './webhook-input.ts';
import { refuseNameTaken } from './webhook-name.ts';

export interface UpdateWebhookInput extends WebhookSettings {
  readonly webhookId: string;
  readonly recoverSince?: Date | null | undefined;
}

export const updateWebhookErrors = [
  InvalidInputError,
  WebhookNotFoundError,
  NameTakenError,
  WebhookUrlNotAllowedError,
  HeaderNotAllowedError,
] as const;

/** Changes what is mentioned of a webhook; it counts from the next try on. What waits while it is disabled waits until somebody asks for it. */
export async function updateWebhook(ctx: WebhookContext, input: UpdateWebhookInput): Promise<{ readonly webhook: Webhook }> {
  const stored = await getWebhook(ctx, input.webhookId);
  const { id, accountId } = stored;
  const { secret: _, ...settings } = checkInput(settingsSchema, input);
  const headers = input.headers === undefined ? undefined : sealHeaders(ctx, stored, checkHeaders(input.headers));
  if (input.filter !== undefined) createLeadMatcher(accountId, ctx.pipeline, input.filter ?? {});
  if (settings.url !== undefined) await checkUrl(settings.url, ctx.webhooks.http);
  const enables = settings.enabled === true && !stored.enabled;
  const disables = settings.enabled === false && stored.enabled;
  const { writePool } = ctx.database;
  const recover = { webhookId: id, accountId, ids: null, since: input.recoverSince ?? null, statuses: notDelivered };
  const recovers = enables && input.recoverSince != null;
  if (enables) {
    await shelve(writePool, id, 'HELD');
    // Before anything new is sent: so the order within each lead is kept.
    if (recovers) await requeue(writePool, recover, null);
  }
  const webhook = await refuseNameTaken(
    ctx.db.webhook.update({
      where: { id },
      data: {
        ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)),
        ...(headers && { headers }),
        ...(input.filter !== undefined && { filter: toJson(input.filter) }),
        ...(enables && { failures: 0, failingSince: null, disabledReason: null, disabledAt: null }),
        ...(disables && { disabledAt: new Date() }),
        updatedAt: new Date(),
      },
    }),
  );
  if (disables) await shelve(writePool, id, 'HELD');
  // What was recorded between the two statements above.
  if (recovers) await requeue(writePool, { ...recover, heldOnly: true }, null);
  ctx.webhooks.wake();
  return { webhook };
}

/** A value that comes back masked, as it was shown, stays. */
function sealHeaders(
  { webhooks: { secrets } }: WebhookContext,
  { id, headers }: Webhook,
  wanted: Readonly<Record<string, string>>,
): Record<string, string> {
  const stored = new Map(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => {
      const kept: unknown = value === mask ? stored.get(name.toLowerCase()) : undefined;
      return [name, typeof kept === 'string' ? kept : secrets.seal(value, headerPurpose(id, name))];
    }),
  );
}
