import type { LeadEvent, LedgerEntry } from '../../../prisma/generated/client/client.ts';
import { authorize } from '../../auth/policy.ts';
import { findCampaignById, findEventTypeById } from '../../campaigns/find-campaign-events.ts';
import { CampaignType } from '../../campaigns/graphql/campaign.ts';
import { EventTypeType } from '../../campaigns/graphql/event-type.ts';
import { ForbiddenError } from '../../errors.ts';
import { builder } from '../../graphql/builder.ts';
import { totalCount, totalCountIsExact } from '../../graphql/total-count.ts';
import { findLeadById } from '../../leads/get-lead.ts';
import { LeadType } from '../../leads/graphql/lead.ts';
import { toPage } from '../../platform/connection.ts';
import { findLeadEvents, findLedgerEntries, loadLeadEvents } from '../find-lead-events.ts';

export const LeadEventType = builder.prismaObject('LeadEvent', {
  description: 'An event that was fired at a lead.',
  fields: (t) => ({
    lead: t.field({
      type: LeadType,
      description: 'The lead.',
      authScopes: { can: 'read' },
      resolve: async ({ leadId }, _args, ctx) => {
        const lead = await findLeadById(ctx, authorize(ctx.viewer, 'read'), leadId);
        if (!lead) throw new ForbiddenError('The lead belongs to another account.');
        return lead;
      },
    }),
    eventType: t.field({
      type: EventTypeType,
      description: 'What happened.',
      resolve: async ({ accountId, eventTypeId }, _args, ctx) => {
        const eventType = await findEventTypeById(ctx, accountId, eventTypeId);
        if (!eventType) throw new Error('an event outlived its type');
        return eventType;
      },
    }),
    campaign: t.field({
      type: CampaignType,
      nullable: true,
      description: 'The campaign under which it was fired; null when none was named and the lead belongs to none.',
      authScopes: { can: 'read' },
      resolve: ({ accountId, campaignId }, _args, ctx) => (campaignId === null ? null : findCampaignById(ctx, accountId, campaignId)),
    }),
    isConversion: t.exposeBoolean('isConversion', { description: 'Whether it counted as a conversion when it was fired.' }),
    revenue: t.expose('revenue', {
      type: 'Decimal',
      nullable: true,
      description: "What it brought in. Counted in the lead's revenue if it is a conversion.",
    }),
    payout: t.expose('payout', { type: 'Decimal', nullable: true, description: 'What it paid out; null: nothing.' }),
    transactionId: t.exposeString('transactionId', { description: 'The transaction id, as it was sent.' }),
    pid: t.exposeString('pid', { description: 'The source that fired it; `organic` when none was named.' }),
    details: t.expose('details', {
      type: 'JSON',
      description:
        'What else came along: click ids, `sub` and `adv` ids, `utm`, consent, minimum price, the conversion time as it was sent.',
    }),
    actor: t.exposeString('actor', { description: 'The credential that did it.' }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When it happened, as the sender says.' }),
    recordedAt: t.expose('recordedAt', { type: 'DateTime', description: 'When we heard of it.' }),
  }),
});

builder.nodeRef(LeadEventType, {
  id: { resolve: (leadEvent: LeadEvent) => leadEvent.id, description: 'Begins with `evt_`.' },
  loadManyWithoutCache: (ids, ctx) => loadLeadEvents(ctx, authorize(ctx.viewer, 'read'), ids),
});

builder.prismaObjectField('Lead', 'events', (t) =>
  t.connection(
    {
      type: LeadEventType,
      description: 'The events fired at this lead, newest first.',
      authScopes: { can: 'read' },
      resolve: (lead, args, ctx) => findLeadEvents(ctx, lead.id, toPage(args)),
    },
    {
      name: 'LeadEventConnection',
      description: 'Fired events, a page at a time.',
      fields: (t) => ({ totalCount: t.int(totalCount), totalCountIsExact: t.boolean(totalCountIsExact) }),
    },
    { name: 'LeadEventEdge', description: 'A fired event and its place in the list.' },
  ),
);

const LedgerKindEnum = builder.enumType('LedgerKind', {
  description: 'Which of the amounts of a lead a movement belongs to.',
  values: {
    COST: { description: '`Lead.cost`' },
    AD_SPEND: { description: '`Lead.adSpend`' },
    PAYOUT: { description: '`Lead.payout`' },
  } as const,
});

export const CostOperationEnum = builder.enumType('CostOperation', {
  description: 'What an amount does to the sum.',
  values: {
    ADD: { description: 'It is added.' },
    SUBTRACT: { description: 'It is taken away.' },
    OVERRIDE: { description: 'It takes the place of the sum.' },
  } as const,
});

const LedgerEntryType = builder.objectRef<LedgerEntry>('LedgerEntry').implement({
  description: "One movement of a lead's money. The lead's amounts are the sums of these.",
  fields: (t) => ({
    kind: t.expose('kind', { type: LedgerKindEnum, description: 'Which amount moved.' }),
    operation: t.expose('operation', { type: CostOperationEnum, description: 'What was asked for.' }),
    sent: t.expose('sent', { type: 'Decimal', description: 'The amount, as it was sent.' }),
    amount: t.expose('amount', { type: 'Decimal', description: 'What it added to the sum.' }),
    cause: t.exposeString('cause', { description: 'Why.' }),
    leadEvent: t.field({
      type: LeadEventType,
      nullable: true,
      description: 'The event that caused it; null when something else did.',
      resolve: async ({ accountId, leadEventId }, _args, ctx) =>
        leadEventId === null ? null : ((await loadLeadEvents(ctx, accountId, [leadEventId]))[0] ?? null),
    }),
    actor: t.exposeString('actor', { description: 'The credential that did it.' }),
    recordedAt: t.expose('recordedAt', { type: 'DateTime', description: 'When it was written.' }),
  }),
});

builder.prismaObjectField('Lead', 'ledger', (t) =>
  t.connection(
    {
      type: LedgerEntryType,
      description: 'Everything that moved cost, ad spend and payout of this lead, newest first.',
      authScopes: { can: 'read' },
      resolve: (lead, args, ctx) => findLedgerEntries(ctx, lead.id, toPage(args)),
    },
    {
      name: 'LedgerConnection',
      description: 'Movements of money, a page at a time.',
      fields: (t) => ({ totalCount: t.int(totalCount), totalCountIsExact: t.boolean(totalCountIsExact) }),
    },
    { name: 'LedgerEdge', description: 'A movement and its place in the list.' },
  ),
);
