import { builder } from '../../graphql/builder.ts';
import { ErrorInterface } from '../../graphql/errors.ts';
import { LeadType } from '../../leads/graphql/lead.ts';
import { DuplicateEventError, EventInProgressError, RevenueRequiredError, SourceInactiveError, UnknownEventError } from '../errors.ts';
import { type FiredEvent, fireEvent, fireEventErrors } from '../fire-event.ts';
import { CostOperationEnum, LeadEventType } from './lead-event.ts';

const refusals = [
  [UnknownEventError, 'UnknownEventError', 'The event id is not configured for the campaign, or switched off there. Nothing was stored.'],
  [SourceInactiveError, 'SourceInactiveError', 'The source named by `pid` is disabled or not known. Nothing was stored.'],
  [RevenueRequiredError, 'RevenueRequiredError', 'A conversion came without revenue. Nothing was stored.'],
  [EventInProgressError, 'EventInProgressError', 'The same event came for the same lead less than two seconds ago. Nothing was stored.'],
  [DuplicateEventError, 'DuplicateEventError', 'The event was fired at this lead before and does not allow repeats. Nothing was stored.'],
] as const;

for (const [error, name, description] of refusals) builder.objectType(error, { name, description, interfaces: [ErrorInterface] });

const FireEventSuccess = builder.objectRef<FiredEvent>('FireEventSuccess').implement({
  description: 'The event was fired.',
  fields: (t) => ({
    leadEvent: t.field({ type: LeadEventType, description: 'The event.', resolve: ({ leadEvent }) => leadEvent }),
    lead: t.field({
      type: LeadType,
      description: 'The lead as it stands now. Whoever may not read leads sees its ids and its stage.',
      resolve: ({ lead }) => lead,
    }),
  }),
});

builder.mutationField('fireEvent', (t) =>
  t.fieldWithInput({
    type: FireEventSuccess,
    description:
      'Fires a configured event at a lead: once, unless the event allows repeats, and never twice within two seconds. A conversion needs revenue. Needs no key: `cid` or `orgId` is the scope; without either, the account of the key.',
    errors: { types: [...fireEventErrors] },
    input: {
      cid: t.input.string({ description: 'The campaign under which it is fired. Left out: the one that the lead belongs to.' }),
      orgId: t.input.string({ description: 'The account to look for the lead in: `viewer.account.id`.' }),
      eventId: t.input.string({ required: true, description: 'The configured event id.' }),
      transactionId: t.input.string({ required: true, description: 'The transaction id of the lead, or its id with or without `lead_`.' }),
      pid: t.input.string({ description: 'The source that fires it. Left out: `organic`.' }),
      revenue: t.input.field({ type: 'Decimal', description: 'What it brought in, 0 or more. Required for a conversion.' }),
      conversionDate: t.input.string({ description: '`YYYY-MM-DD`, `YYYY-MM-DD HH:MM:SS`, or RFC 3339. Left out: now.' }),
      conversionTimezone: t.input.string({
        description: 'PST, EST, CST, MST, AKST, SST, HST, AST or UTC, each a fixed offset all year round. Left out: UTC.',
      }),
      clid: t.input.string({ description: 'Click or offer id.' }),
      sub: t.input.field({ type: ['String'], required: { list: false, items: false }, description: 'Sub ids 1 to 5 of the tracking URL.' }),
      adv: t.input.field({ type: ['String'], required: { list: false, items: false }, description: 'Adv ids 1 to 5 of the tracking URL.' }),
      utm: t.input.field({
        type: 'JSON',
        description:
          'Parameters of the tracking URL by name: source, medium, campaign, adgroup, matchtype, term, content, creative, placement.',
      }),
      externalClickId: t.input.string({ description: 'Click id of another system.' }),
      tcpaConsent: t.input.boolean({ description: 'Whether the person consented to calls.' }),
      tcpaConsentDate: t.input.field({ type: 'Date', description: 'When.' }),
      cost: t.input.field({ type: 'Decimal', description: 'Cost of the lead.' }),
      costOperation: t.input.field({ type: CostOperationEnum, description: 'What to do with that cost. Left out: ADD.' }),
      adSpend: t.input.field({ type: 'Decimal', description: 'Ad spend, added to that of the lead.' }),
      minPrice: t.input.field({ type: 'Decimal', description: 'Sell at this price or above.' }),
      leadFields: t.input.field({
        type: 'JSON',
        description:
          'Lead fields under their flat names (`first_name` or `firstName`), merged into the lead; what a lead has no field for becomes custom data.',
      }),
      idempotencyKey: t.input.string({ description: 'Repeating a request with its key gives the first answer again, for 7 days.' }),
    },
    resolve: (_root, { input }, ctx) => fireEvent(ctx, input),
  }),
);
