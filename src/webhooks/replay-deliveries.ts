import type { DeliveryStatus, Webhook } from '../../prisma/generated/client/client.ts';
import { authorize } from '../auth/policy.ts';
import { InvalidInputError } from '../errors.ts';
import { uuidOf } from '../platform/ids.ts';
import type { WebhookContext } from './create-webhook.ts';
import { WebhookNotFoundError } from './errors.ts';
import { loadDeliveries } from './find-deliveries.ts';
import { getWebhook } from './find-webhooks.ts';
import { countSelected, requeue, type Selection } from './requeue.ts';

export interface ReplayDeliveriesInput {
  readonly deliveryIds?: readonly string[] | null | undefined;
  readonly webhookId?: string | null | undefined;
  readonly since?: Date | null | undefined;
  readonly status?: readonly DeliveryStatus[] | null | undefined;
  readonly dryRun?: boolean | null | undefined;
}

export interface RecoverDeliveriesInput {
  readonly webhookId: string;
  readonly since: Date;
  readonly dryRun?: boolean | null | undefined;
}

export interface Replayed {
  readonly count: number;
  readonly dryRun: boolean;
}

export const replayDeliveriesErrors = [InvalidInputError, WebhookNotFoundError] as const;

export const notDelivered: readonly DeliveryStatus[] = ['PENDING', 'RETRYING', 'EXHAUSTED'];

const mostIds = 1000;

/** Sends deliveries again, under the ids that they had: some by their ids, or those of a webhook since a moment, of some statuses, or all. */
export async function replayDeliveries(ctx: WebhookContext, input: ReplayDeliveriesInput): Promise<Replayed> {
  const accountId = authorize(ctx.viewer, 'administer');
  const { deliveryIds, webhookId, since, status } = input;
  if ((deliveryIds == null) === (webhookId == null)) throw refuse([], 'give either deliveryIds or webhookId', 'ONE_OF');
  const wanted = { since: since ?? null, statuses: status?.length ? status : null };
  if (webhookId != null) {
    const webhook = await getWebhook(ctx, webhookId);
    return run(ctx, [{ webhook, selection: select(webhook, wanted) }], input);
  }
  const ids = (deliveryIds ?? []).map((id) => uuidOf('Delivery', id)).filter((id) => id !== null);
  if (ids.length > mostIds) throw refuse(['deliveryIds'], `must be at most ${mostIds}`, 'TOO_BIG');
  const found = (await loadDeliveries(ctx, accountId, ids)).filter((delivery) => delivery !== null);
  const webhooks = await Promise.all([...new Set(found.map((delivery) => delivery.webhookId))].map((id) => getWebhook(ctx, id)));
  const parts = webhooks.map((webhook) => ({
    webhook,
    selection: select(webhook, { ...wanted, ids: found.filter((d) => d.webhookId === webhook.id).map(({ id }) => id) }),
  }));
  return run(ctx, parts, input);
}

/** Sends what was never delivered since a moment: what waited while the webhook was disabled, what still retries, what was given up. Nothing twice. */
export async function recoverDeliveries(ctx: WebhookContext, input: RecoverDeliveriesInput): Promise<Replayed> {
  const webhook = await getWebhook(ctx, input.webhookId);
  return run(ctx, [{ webhook, selection: select(webhook, { since: input.since, statuses: notDelivered }) }], input);
}

interface Part {
  readonly webhook: Webhook;
  readonly selection: Selection;
}

const select = ({ id, accountId }: Webhook, wanted: Partial<Selection>): Selection => ({
  webhookId: id,
  accountId,
  ids: null,
  since: null,
  statuses: null,
  ...wanted,
});

async function run(
  ctx: WebhookContext,
  parts: readonly Part[],
  { dryRun }: { readonly dryRun?: boolean | null | undefined },
): Promise<Replayed> {
  const { writePool, readPool } = ctx.database;
  const only = dryRun === true;
  if (!only && parts.some(({ webhook }) => !webhook.enabled))
    throw refuse(['webhookId'], 'is disabled: enable it first', 'WEBHOOK_DISABLED');
  let count = 0;
  for (const { selection } of parts) count += only ? await countSelected(readPool, selection) : await requeue(writePool, selection, null);
  if (!only) ctx.webhooks.wake();
  return { count, dryRun: only };
}

const refuse = (path: readonly string[], message: string, code: string): InvalidInputError =>
  new InvalidInputError([{ path, message, code }]);
