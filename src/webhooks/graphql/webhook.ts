import type { Webhook } from '../../../prisma/generated/client/client.ts';
import { builder } from '../../graphql/builder.ts';
import { totalCountIsExact } from '../../graphql/total-count.ts';
import { uuidOf } from '../../platform/ids.ts';
import { findWebhookById, findWebhooks } from '../find-webhooks.ts';
import { mask } from '../headers.ts';
import { disablesAt, type Health, healthOf } from '../webhook.ts';

const WebhookHealthValues: Readonly<Record<Health, string>> = {
  OK: 'it answers well',
  FAILING: 'every try since its last success failed',
  DISABLED: 'nothing is sent; what happens is recorded and waits',
};

export const WebhookType = builder.objectRef<Webhook>('Webhook').implement({
  description: 'Where changes of leads are told to another system, signed, with retries.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What people call it; unique in the account.' }),
    url: t.exposeString('url', { description: 'What is called. Names in braces are filled in: `?tid={transaction_id}`.' }),
    method: t.exposeString('method', { description: '`POST`, `PUT`, `PATCH`, or `GET`, which sends no body.' }),
    headers: t.field({
      type: 'JSON',
      description: 'Names of the headers that are sent along; their values are masked.',
      resolve: ({ headers }) => Object.fromEntries(Object.keys(headers ?? {}).map((name) => [name, mask])),
    }),
    enabled: t.exposeBoolean('enabled', { description: 'A disabled webhook records what happens, and sends nothing.' }),
    events: t.exposeStringList('events', { description: '`save_lead`, or types of changes like `stage.changed`.' }),
    filter: t.field({
      type: 'JSON',
      description: 'Which leads it is told of, by the fields of `LeadFilter`; put to the lead as it stood right after the change.',
      resolve: ({ filter }) => filter,
    }),
    payloadFormat: t.exposeString('payloadFormat', {
      description: '`legacy`: the documented `{"data": {...}}`. `full`: type, id, timestamp, seq, lead, previous values.',
    }),
    health: t.string({
      description: Object.entries(WebhookHealthValues)
        .map(([name, meaning]) => `\`${name}\`: ${meaning}.`)
        .join(' '),
      resolve: healthOf,
    }),
    consecutiveFailures: t.exposeInt('failures', { description: 'Failed tries since the last success.' }),
    failingSince: t.expose('failingSince', { type: 'DateTime', nullable: true, description: 'The first failure since the last success.' }),
    disablesAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it will be disabled if it goes on failing.',
      resolve: (webhook) => (webhook.enabled ? disablesAt(webhook) : null),
    }),
    disabledReason: t.exposeString('disabledReason', {
      nullable: true,
      description: '`GONE`: it answered 410. `FAILING`: nothing but failures for five days. Null: somebody disabled it, or it is enabled.',
    }),
    disabledAt: t.expose('disabledAt', { type: 'DateTime', nullable: true, description: 'Since when it is disabled.' }),
    lastSuccessAt: t.expose('lastSuccessAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When something was last delivered, to about a minute.',
    }),
    formerSecretExpiresAt: t.expose('formerSecretExpiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when deliveries are signed with the former secret as well; those before it end no later.',
    }),
    createdBy: t.exposeString('createdBy', { description: 'The credential that made it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When its settings last changed.' }),
    deletedAt: t.expose('deletedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was deleted; its deliveries still name it.',
    }),
  }),
});

builder.nodeRef(WebhookType, {
  id: { resolve: (webhook: Webhook) => webhook.id, description: 'Begins with `whk_`.' },
  loadManyWithoutCache: (ids, ctx) => Promise.all(ids.map((id) => findWebhookById(ctx, null, id))),
});

builder.queryField('webhook', (t) =>
  t.field({
    type: WebhookType,
    nullable: true,
    description: 'One webhook; null when the account has none like that, or no more.',
    authScopes: { can: 'read' },
    args: { id: t.arg.id({ required: true, description: 'With or without `whk_`.' }) },
    async resolve(_root, { id }, ctx) {
      const uuid = uuidOf('Webhook', id);
      const webhook = uuid === null ? null : await findWebhookById(ctx, null, uuid);
      return webhook?.deletedAt ? null : webhook;
    },
  }),
);

builder.queryField('webhooks', (t) =>
  t.connection(
    {
      type: WebhookType,
      description: 'The webhooks of the account, newest first.',
      authScopes: { can: 'read' },
      resolve: (_root, args, ctx) => findWebhooks(ctx, args),
    },
    {
      name: 'WebhookConnection',
      description: 'Webhooks, a page at a time.',
      fields: (t) => ({
        totalCount: t.int({ description: 'How many there are in all.', resolve: async ({ total }) => (await total()).count }),
        totalCountIsExact: t.boolean(totalCountIsExact),
      }),
    },
    { name: 'WebhookEdge', description: 'A webhook and its place in the list.' },
  ),
);
