import type { Delivery, Webhook } from '../../../prisma/generated/client/client.ts';
import { builder } from '../../graphql/builder.ts';
import { ErrorInterface } from '../../graphql/errors.ts';
import { LeadFilterInput } from '../../leads/graphql/leads.ts';
import { type CreatedWebhook, createWebhook, createWebhookErrors } from '../create-webhook.ts';
import { deleteWebhook, deleteWebhookErrors } from '../delete-webhook.ts';
import { HeaderNotAllowedError, WebhookNotFoundError, WebhookUrlNotAllowedError } from '../errors.ts';
import { placeholderNames } from '../placeholders.ts';
import { recoverDeliveries, type Replayed, replayDeliveries, replayDeliveriesErrors } from '../replay-deliveries.ts';
import {
  type RotatedWebhookSecret,
  rotateWebhookSecret,
  rotateWebhookSecretErrors,
  usualOverlapSeconds,
} from '../rotate-webhook-secret.ts';
import { testWebhook, testWebhookErrors } from '../test-webhook.ts';
import { updateWebhook, updateWebhookErrors } from '../update-webhook.ts';
import { DeliveryStatusEnum, DeliveryType } from './delivery.ts';
import { WebhookType } from './webhook.ts';

builder.objectType(WebhookNotFoundError, {
  name: 'WebhookNotFoundError',
  description: 'The account has no webhook with this id.',
  interfaces: [ErrorInterface],
});

builder.objectType(WebhookUrlNotAllowedError, {
  name: 'WebhookUrlNotAllowedError',
  description: 'The URL names a place that webhooks may not call. Nothing was stored.',
  interfaces: [ErrorInterface],
});

builder.objectType(HeaderNotAllowedError, {
  name: 'HeaderNotAllowedError',
  description: 'A header that would break the request, or speak for this server. Nothing was stored.',
  interfaces: [ErrorInterface],
});

const CreateWebhookSuccess = builder.objectRef<CreatedWebhook>('CreateWebhookSuccess').implement({
  description: 'The webhook was made.',
  fields: (t) => ({
    webhook: t.field({ type: WebhookType, description: 'The webhook, as it will be listed.', resolve: ({ webhook }): Webhook => webhook }),
    secret: t.exposeString('secret', { description: 'What its deliveries are signed with (Standard Webhooks). Shown this once.' }),
  }),
});

builder.mutationField('createWebhook', (t) =>
  t.fieldWithInput({
    type: CreateWebhookSuccess,
    description: 'Makes a webhook, which is told of what happens from now on. Needs the ADMIN scope.',
    errors: { types: [...createWebhookErrors] },
    input: {
      name: t.input.string({ required: true, description: 'What people will call it: 1 to 100 characters, unique in the account.' }),
      url: t.input.string({
        required: true,
        description: `http or https at a public address. Behind the host, names in braces are filled in, like \`{transaction_id}\`: ${placeholderNames.join(', ')}.`,
      }),
      method: t.input.string({ description: '`POST`, `PUT`, `PATCH` or `GET`. Usually POST.' }),
      headers: t.input.field({
        type: 'JSON',
        description: 'Headers to send along: an object of names and texts. Values are stored encrypted and never shown.',
      }),
      enabled: t.input.boolean({ description: 'Whether it is called. Usually true.' }),
      events: t.input.stringList({
        description:
          '`save_lead` (a lead is new, or some field of it changed, its stage too; once for each request), or types of changes as `Change.type` lists them. Usually `save_lead`.',
      }),
      filter: t.input.field({
        type: LeadFilterInput,
        description:
          'Only leads like these, as they stand right after the change; every field counts, `hasEvent` for the events fired by then. `lead.erased` is always told: it carries ids only.',
      }),
      payloadFormat: t.input.string({
        description:
          '`legacy`: the documented body. `full`: everything that the change says. Usually legacy for `save_lead` alone, else full.',
      }),
      secret: t.input.string({
        description: 'A signing secret of your own: `whsec_` and the base64 of 24 to 64 bytes. Usually a new one is made.',
      }),
    },
    resolve: (_root, { input }, ctx) => createWebhook(ctx, input),
  }),
);

const UpdateWebhookSuccess = builder.objectRef<{ readonly webhook: Webhook }>('UpdateWebhookSuccess').implement({
  description: 'The webhook holds the settings, from its next call on.',
  fields: (t) => ({ webhook: t.field({ type: WebhookType, description: 'The webhook as it is now.', resolve: ({ webhook }) => webhook }) }),
});

builder.mutationField('updateWebhook', (t) =>
  t.fieldWithInput({
    type: UpdateWebhookSuccess,
    description:
      'Changes the settings of a webhook; what is left out stays. Enabling it sends what happens from then on: what waited is sent by `recoverSince`, or later by `recoverDeliveries`. Needs the ADMIN scope.',
    errors: { types: [...updateWebhookErrors] },
    input: {
      webhookId: t.input.id({ required: true, description: 'The id of the webhook, with or without `whk_`.' }),
      name: t.input.string({ description: 'Its name.' }),
      url: t.input.string({ description: 'What is called.' }),
      method: t.input.string({ description: '`POST`, `PUT`, `PATCH` or `GET`.' }),
      headers: t.input.field({ type: 'JSON', description: 'All headers to send along. A value that comes back masked stays as it is.' }),
      enabled: t.input.boolean({ description: 'False: nothing is sent, everything is recorded.' }),
      events: t.input.stringList({ description: 'What it is told of.' }),
      filter: t.input.field({ type: LeadFilterInput, description: 'Only leads like these, as in `createWebhook`; null: all.' }),
      payloadFormat: t.input.string({ description: '`legacy` or `full`.' }),
      recoverSince: t.input.field({
        type: 'DateTime',
        description: 'While enabling: first send what was not delivered since then, in the order of each lead.',
      }),
    },
    resolve: (_root, { input }, ctx) => updateWebhook(ctx, input),
  }),
);

const DeleteWebhookSuccess = builder.objectRef<{ readonly webhookId: string }>('DeleteWebhookSuccess').implement({
  description: 'The webhook is deleted, and what it still owed is cancelled.',
  fields: (t) => ({ webhookId: t.exposeID('webhookId', { description: 'The id that it had.' }) }),
});

builder.mutationField('deleteWebhook', (t) =>
  t.fieldWithInput({
    type: DeleteWebhookSuccess,
    description: 'Deletes a webhook. Its deliveries and their tries can still be looked at. Needs the ADMIN scope.',
    errors: { types: [...deleteWebhookErrors] },
    input: { webhookId: t.input.id({ required: true, description: 'The id of the webhook, with or without `whk_`.' }) },
    resolve: (_root, { input }, ctx) => deleteWebhook(ctx, input),
  }),
);

const TestWebhookSuccess = builder.objectRef<{ readonly delivery: Delivery }>('TestWebhookSuccess').implement({
  description: 'A sample is on its way.',
  fields: (t) => ({
    delivery: t.field({
      type: DeliveryType,
      description: 'The delivery: look again for its outcome.',
      resolve: ({ delivery }) => delivery,
    }),
  }),
});

builder.mutationField('testWebhook', (t) =>
  t.fieldWithInput({
    type: TestWebhookSuccess,
    description:
      'Sends a sample on the way of every other delivery, once, marked as a test; a disabled webhook too. Needs the ADMIN scope.',
    errors: { types: [...testWebhookErrors] },
    input: { webhookId: t.input.id({ required: true, description: 'The id of the webhook, with or without `whk_`.' }) },
    resolve: (_root, { input }, ctx) => testWebhook(ctx, input),
  }),
);

const RotateWebhookSecretSuccess = builder.objectRef<RotatedWebhookSecret>('RotateWebhookSecretSuccess').implement({
  description: 'The webhook has a new signing secret.',
  fields: (t) => ({
    webhook: t.field({ type: WebhookType, description: 'The webhook.', resolve: ({ webhook }) => webhook }),
    secret: t.exposeString('secret', { description: 'The new secret. Shown this once.' }),
    previousSecretValidUntil: t.expose('previousSecretValidUntil', {
      type: 'DateTime',
      description: 'Until then each delivery carries a signature by the former secret as well.',
    }),
  }),
});

builder.mutationField('rotateWebhookSecret', (t) =>
  t.fieldWithInput({
    type: RotateWebhookSecretSuccess,
    description:
      'Gives a webhook a new signing secret. Both sign for a while, so that the receiver can change over. Needs the ADMIN scope.',
    errors: { types: [...rotateWebhookSecretErrors] },
    input: {
      webhookId: t.input.id({ required: true, description: 'The id of the webhook, with or without `whk_`.' }),
      overlapSeconds: t.input.int({
        description: `For how long the former secret signs as well: 0 ends it at once, at most 30 days. Usually ${usualOverlapSeconds}, a day.`,
      }),
      secret: t.input.string({
        description: 'A secret of your own: `whsec_` and the base64 of 24 to 64 bytes. Usually a new one is made.',
      }),
    },
    resolve: (_root, { input }, ctx) => rotateWebhookSecret(ctx, input),
  }),
);

const fields = {
  count: 'How many deliveries are sent again, or would be.',
  dryRun: 'Whether they were only counted.',
} as const;

const ReplayDeliveriesSuccess = builder.objectRef<Replayed>('ReplayDeliveriesSuccess').implement({
  description: 'The deliveries are due again, under the ids that they had.',
  fields: (t) => ({
    count: t.exposeInt('count', { description: fields.count }),
    dryRun: t.exposeBoolean('dryRun', { description: fields.dryRun }),
  }),
});

builder.mutationField('replayDeliveries', (t) =>
  t.fieldWithInput({
    type: ReplayDeliveriesSuccess,
    description:
      'Sends deliveries again: some by their ids; or those of a webhook, all or of some statuses, delivered ones too unless `status` leaves them out. `webhook-id` stays what it was. The webhook must be enabled, except to count. Needs the ADMIN scope.',
    errors: { types: [...replayDeliveriesErrors] },
    input: {
      deliveryIds: t.input.idList({ description: 'At most 1,000 ids, with or without `dlv_`. Either this or `webhookId`.' }),
      webhookId: t.input.id({ description: 'The id of the webhook, with or without `whk_`.' }),
      since: t.input.field({ type: 'DateTime', description: 'Recorded then or later.' }),
      status: t.input.field({ type: [DeliveryStatusEnum], description: 'Only these, like `EXHAUSTED`.' }),
      dryRun: t.input.boolean({ description: 'Only count them.' }),
    },
    resolve: (_root, { input }, ctx) => replayDeliveries(ctx, input),
  }),
);

const RecoverDeliveriesSuccess = builder.objectRef<Replayed>('RecoverDeliveriesSuccess').implement({
  description: 'What was never delivered is due now.',
  fields: (t) => ({
    count: t.exposeInt('count', { description: fields.count }),
    dryRun: t.exposeBoolean('dryRun', { description: fields.dryRun }),
  }),
});

builder.mutationField('recoverDeliveries', (t) =>
  t.fieldWithInput({
    type: RecoverDeliveriesSuccess,
    description:
      'Sends what was never delivered since a moment, each once: what waited while the webhook was disabled, what still retries, what was given up. The webhook must be enabled, except to count. Needs the ADMIN scope.',
    errors: { types: [...replayDeliveriesErrors] },
    input: {
      webhookId: t.input.id({ required: true, description: 'The id of the webhook, with or without `whk_`.' }),
      since: t.input.field({ type: 'DateTime', required: true, description: 'Recorded then or later.' }),
      dryRun: t.input.boolean({ description: 'Only count them.' }),
    },
    resolve: (_root, { input }, ctx) => recoverDeliveries(ctx, input),
  }),
);
