import type { Campaign } from '../../../prisma/generated/client/client.ts';
import { authorize } from '../../auth/policy.ts';
import { builder } from '../../graphql/builder.ts';
import { ErrorInterface } from '../../graphql/errors.ts';
import { totalCount, totalCountIsExact } from '../../graphql/total-count.ts';
import { isStorable } from '../../platform/parameters.ts';
import { createCampaign, createCampaignErrors } from '../create-campaign.ts';
import { CampaignNotFoundError } from '../errors.ts';
import type { EventSettings } from '../event-settings.ts';
import { findCampaignByText, findCampaignEvents } from '../find-campaign-events.ts';
import { findCampaigns } from '../find-campaigns.ts';
import { updateCampaign, updateCampaignErrors } from '../update-campaign.ts';
import { EventTypeType, PayoutInputType, PayoutType } from './event-type.ts';

const CampaignEventType = builder.objectRef<EventSettings>('CampaignEvent').implement({
  description: 'How an event behaves in a campaign: as its event type says, unless the campaign sets it differently.',
  fields: (t) => ({
    eventId: t.string({ description: 'What senders call it: `event_id`.', resolve: ({ eventType }) => eventType.eventId }),
    eventType: t.field({ type: EventTypeType, description: 'The event type of the account.', resolve: ({ eventType }) => eventType }),
    enabled: t.exposeBoolean('enabled', { description: 'Whether it can be fired.' }),
    isConversion: t.exposeBoolean('isConversion', { description: 'Whether it counts as a conversion and needs revenue.' }),
    allowRepeats: t.exposeBoolean('allowRepeats', { description: 'Whether it may be fired at one lead more than once.' }),
    payout: t.expose('payout', { type: PayoutType, nullable: true, description: 'What a conversion pays out; null: nothing.' }),
  }),
});

export const CampaignType = builder.prismaNode('Campaign', {
  description: 'What leads are bought under. A lead whose `campaignName` is its cid, or its name, belongs to it.',
  id: { field: 'id', description: 'Begins with `cmp_`.' },
  nullable: true,
  findUnique: (id, ctx) => ({ id, accountId: authorize(ctx.viewer, 'read') }),
  fields: (t) => ({
    cid: t.exposeString('cid', { description: 'What senders call it. Unique on this server.' }),
    name: t.exposeString('name', { description: 'What people call it.' }),
    events: t.field({
      type: [CampaignEventType],
      description: 'The events that it picked; all event types of the account when it picked none.',
      authScopes: { can: 'read' },
      resolve: async (campaign, _args, ctx) => [...(await findCampaignEvents(ctx, campaign.accountId, campaign))],
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
  }),
});

builder.queryField('campaign', (t) =>
  t.prismaField({
    type: CampaignType,
    nullable: true,
    description: 'One campaign; null when the account has none like that.',
    authScopes: { can: 'read' },
    args: { cid: t.arg.string({ required: true, description: 'Its cid.' }) },
    resolve: (query, _root, { cid }, ctx) =>
      isStorable(cid) ? ctx.db.campaign.findFirst({ ...query, where: { cid, accountId: authorize(ctx.viewer, 'read') } }) : null,
  }),
);

builder.queryField('campaigns', (t) =>
  t.connection(
    {
      type: CampaignType,
      description: 'The campaigns of the account, newest first.',
      authScopes: { can: 'read' },
      resolve: (_root, args, ctx) => findCampaigns(ctx, args),
    },
    {
      name: 'CampaignConnection',
      description: 'Campaigns, a page at a time.',
      fields: (t) => ({ totalCount: t.int(totalCount), totalCountIsExact: t.boolean(totalCountIsExact) }),
    },
    { name: 'CampaignEdge', description: 'A campaign and its place in the list.' },
  ),
);

builder.prismaObjectField('Lead', 'campaign', (t) =>
  t.field({
    type: CampaignType,
    nullable: true,
    description: 'The campaign that `campaignName` names by its cid or its name; null when there is none like that.',
    authScopes: { can: 'read' },
    resolve: ({ accountId, campaignName }, _args, ctx) => (campaignName === null ? null : findCampaignByText(ctx, accountId, campaignName)),
  }),
);

builder.objectType(CampaignNotFoundError, {
  name: 'CampaignNotFoundError',
  description: 'No campaign has this cid or id.',
  interfaces: [ErrorInterface],
});

const CampaignEventInput = builder.inputType('CampaignEventInput', {
  description: 'An event that a campaign picks. What is left out stays as the event type says.',
  fields: (t) => ({
    eventId: t.string({ required: true, description: 'What senders call it. One that is new to the account becomes an event type of it.' }),
    enabled: t.boolean({ description: 'Whether it can be fired. Left out: yes.' }),
    isConversion: t.boolean({ description: 'Whether it counts as a conversion and needs revenue.' }),
    allowRepeats: t.boolean({ description: 'Whether it may be fired at one lead more than once.' }),
    payout: t.field({ type: PayoutInputType, description: 'What a conversion pays out.' }),
  }),
});

interface Configured {
  readonly campaign: Campaign;
}

const CreateCampaignSuccess = builder.objectRef<Configured>('CreateCampaignSuccess').implement({
  description: 'The campaign was made.',
  fields: (t) => ({ campaign: t.field({ type: CampaignType, description: 'As it stands now.', resolve: ({ campaign }) => campaign }) }),
});

builder.mutationField('createCampaign', (t) =>
  t.fieldWithInput({
    type: CreateCampaignSuccess,
    description: 'Makes a campaign and picks its events. Needs the ADMIN scope.',
    errors: { types: [...createCampaignErrors] },
    input: {
      cid: t.input.string({ required: true, description: 'What senders will call it: 1 to 100 characters, unique on this server.' }),
      name: t.input.string({ description: 'What people call it. Left out: the cid.' }),
      events: t.input.field({ type: [CampaignEventInput], description: 'Its events. Left out or empty: all event types of the account.' }),
    },
    resolve: (_root, { input }, ctx) => createCampaign(ctx, input),
  }),
);

const UpdateCampaignSuccess = builder.objectRef<Configured>('UpdateCampaignSuccess').implement({
  description: 'The campaign holds the values.',
  fields: (t) => ({ campaign: t.field({ type: CampaignType, description: 'As it stands now.', resolve: ({ campaign }) => campaign }) }),
});

builder.mutationField('updateCampaign', (t) =>
  t.fieldWithInput({
    type: UpdateCampaignSuccess,
    description: 'Changes a campaign. What is left out stays. Events that were fired stay as they are. Needs the ADMIN scope.',
    errors: { types: [...updateCampaignErrors] },
    input: {
      campaignId: t.input.id({ required: true, description: 'The id of the campaign, with or without `cmp_`, or its cid.' }),
      cid: t.input.string({ description: 'A new cid.' }),
      name: t.input.string({ description: 'A new name.' }),
      events: t.input.field({
        type: [CampaignEventInput],
        description: 'Its events, in place of all those it had. Empty: all event types of the account.',
      }),
    },
    resolve: (_root, { input }, ctx) => updateCampaign(ctx, input),
  }),
);
