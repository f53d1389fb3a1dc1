import type { Attempt, Change, Delivery, Webhook } from '../../../prisma/generated/client/client.ts';
import { authorize } from '../../auth/policy.ts';
import { ChangeType } from '../../changes/graphql.ts';
import type { Context } from '../../context.ts';
import { builder } from '../../graphql/builder.ts';
import { totalCount, totalCountIsExact } from '../../graphql/total-count.ts';
import { itemOf, subscriberOf } from '../../live/subscription.ts';
import { createBatchLoader } from '../../platform/batch-loader.ts';
import { BadRequestError, type Connection, toPage } from '../../platform/connection.ts';
import { uuidOf } from '../../platform/ids.ts';
import { joinDeliveries } from '../delivery-stream.ts';
import { findDeliveries, loadAttempts, loadDeliveries, loadDeliveriesOfChanges } from '../find-deliveries.ts';
import { loadChangesBySeq } from '../find-changes-by-seq.ts';
import { findWebhookById } from '../find-webhooks.ts';
import { sampleOf } from '../sample.ts';
import { WebhookType } from './webhook.ts';

const loadDelivery = createBatchLoader<Context, string, string, Delivery | null>(loadDeliveries);
const loadOfChange = createBatchLoader<Context, string, bigint, Delivery[]>(loadDeliveriesOfChanges);
const loadAttemptsOf = createBatchLoader<Context, null, string, Attempt[]>((ctx, _args, ids) => loadAttempts(ctx, ids));
const loadChange = createBatchLoader<Context, string, bigint, Change | null>(loadChangesBySeq);

export const DeliveryStatusEnum = builder.enumType('DeliveryStatus', {
  description: 'How far a delivery has come.',
  values: {
    PENDING: { description: 'Not tried yet: it is due, waits for an earlier one of its lead, or is held while its webhook is disabled.' },
    DELIVERED: { description: 'The endpoint answered with 2xx.' },
    RETRYING: { description: 'Tried, and to be tried again.' },
    EXHAUSTED: { description: 'Every try of the plan failed. It can be replayed.' },
    CANCELLED: { description: 'Its webhook was deleted first, or its lead erased.' },
  } as const,
});

async function webhookOf(ctx: Context, { webhookId }: Delivery): Promise<Webhook> {
  const webhook = await findWebhookById(ctx, null, webhookId);
  if (!webhook) throw new Error('a delivery without its webhook');
  return webhook;
}

/** An endpoint that is disabled because it fails leaves its open deliveries as they are; enabling it marks them. A test is sent all the same. */
async function isHeld(ctx: Context, delivery: Delivery): Promise<boolean> {
  const { held, seq, status } = delivery;
  return held || (seq !== null && (status === 'PENDING' || status === 'RETRYING') && !(await webhookOf(ctx, delivery)).enabled);
}

const AttemptType = builder.objectRef<Attempt>('Attempt').implement({
  description: 'One try. Kept for 30 days.',
  fields: (t) => ({
    number: t.exposeInt('number', { description: '1, 2, 3, as told in `X-Webhook-Attempt`.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it began.' }),
    url: t.exposeString('url', { description: 'What was called, with everything filled in; only scheme and host once the lead is gone.' }),
    statusCode: t.exposeInt('statusCode', { nullable: true, description: 'What the endpoint answered; null: nothing.' }),
    durationMs: t.exposeInt('durationMs', { description: 'How long it took.' }),
    error: t.exposeString('error', {
      nullable: true,
      description: 'Why it failed: `timeout`, `blocked_address`, `redirect_not_followed`, `status_500`, ...; null: it was delivered.',
    }),
    responseBody: t.exposeString('responseBody', {
      nullable: true,
      description: 'The first 16 KB of the answer; null where it had no body, and once the lead is gone.',
    }),
  }),
});

export const DeliveryType = builder.objectRef<Delivery>('Delivery').implement({
  description: 'One change owed to one webhook. There is exactly one for each, for ever.',
  fields: (t) => ({
    webhook: t.field({ type: WebhookType, description: 'Whom it is for.', resolve: (delivery, _args, ctx) => webhookOf(ctx, delivery) }),
    change: t.field({
      type: ChangeType,
      description: 'What it tells. For a test: a sample that stands in no log.',
      resolve: async (delivery, _args, ctx) =>
        (delivery.seq === null ? null : await loadChange(ctx, delivery.accountId, delivery.seq)) ?? sampleOf(delivery),
    }),
    event: t.exposeString('event', { description: 'The event of the webhook that the change met, as told in `X-Webhook-Event`.' }),
    isTest: t.boolean({ description: 'Whether it was sent by `testWebhook`.', resolve: ({ seq }) => seq === null }),
    status: t.expose('status', { type: DeliveryStatusEnum, description: 'How far it has come.' }),
    held: t.boolean({
      description: 'It was still owed when the webhook was disabled, or since, and waits for `recoverDeliveries` or `replayDeliveries`.',
      resolve: (delivery, _args, ctx) => isHeld(ctx, delivery),
    }),
    attempts: t.field({
      type: [AttemptType],
      description: 'Its tries, first to last.',
      resolve: ({ id }, _args, ctx) => loadAttemptsOf(ctx, null, id),
    }),
    attemptCount: t.exposeInt('attemptCount', { description: 'How often it was tried, forgotten tries too.' }),
    nextAttemptAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it is tried next; null while it is tried, waits for an earlier one of its lead, is held, or is over.',
      resolve: async (delivery, _args, ctx) => (delivery.leaseId !== null || (await isHeld(ctx, delivery)) ? null : delivery.nextAttemptAt),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was recorded that this is owed.' }),
    deliveredAt: t.expose('deliveredAt', { type: 'DateTime', nullable: true, description: 'When it was last delivered.' }),
  }),
});

builder.nodeRef(DeliveryType, {
  id: { resolve: (delivery: Delivery) => delivery.id, description: 'Begins with `dlv_`; the `webhook-id` of every try.' },
  loadManyWithoutCache: (ids, ctx) => loadDeliveries(ctx, authorize(ctx.viewer, 'read'), ids),
});

const DeliveryConnectionType = builder.connectionObject<typeof DeliveryType, Connection<Delivery>>(
  {
    type: DeliveryType,
    name: 'DeliveryConnection',
    description: 'Deliveries, a page at a time.',
    fields: (t) => ({ totalCount: t.int(totalCount), totalCountIsExact: t.boolean(totalCountIsExact) }),
  },
  { name: 'DeliveryEdge', description: 'A delivery and its place in the list.' },
);

builder.objectField(WebhookType, 'deliveries', (t) =>
  t.connection(
    {
      type: DeliveryType,
      description: 'What it was told or is owed, newest first.',
      args: { status: t.arg({ type: [DeliveryStatusEnum], description: 'Only these.' }) },
      resolve: ({ id }, { status, ...page }, ctx) => findDeliveries(ctx, id, status ?? null, toPage(page)),
    },
    DeliveryConnectionType,
  ),
);

builder.objectField(ChangeType, 'deliveries', (t) =>
  t.field({
    type: [DeliveryType],
    description: 'To whom it was told, or is owed, by webhooks.',
    authScopes: { can: 'read' },
    resolve: ({ accountId, seq }, _args, ctx) => (seq === 0n ? [] : loadOfChange(ctx, accountId, seq)),
  }),
);

builder.subscriptionField('deliveriesLive', (t) =>
  t.field({
    type: DeliveryType,
    description:
      'Deliveries as they are recorded and tried, each by its latest state. States that follow each other quickly may be merged; `Webhook.deliveries` has the whole list.',
    authScopes: { can: 'read' },
    args: { webhookId: t.arg.id({ description: 'Those of one webhook; absent: all of the account.' }) },
    async subscribe(_root, { webhookId: id }, ctx) {
      const webhookId = id == null ? null : uuidOf('Webhook', id);
      if (id != null && webhookId === null) throw new BadRequestError('`webhookId` is not the id of a webhook.');
      const subscriber = subscriberOf(ctx);
      return ctx.hub.followFeed(subscriber, (wake) => joinDeliveries(ctx.webhooks.feed, subscriber.accountId, webhookId, wake));
    },
    async resolve(delivered, _args, ctx) {
      const delivery = await loadDelivery(ctx, authorize(ctx.viewer, 'read'), itemOf(delivered).id);
      if (!delivery) throw new Error('a delivery that was announced is not there');
      return delivery;
    },
  }),
);
