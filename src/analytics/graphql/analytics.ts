import { type GraphQLResolveInfo, Kind, type SelectionNode } from 'graphql';
import { authorize } from '../../auth/policy.ts';
import { builder } from '../../graphql/builder.ts';
import type { Analytics, AnalyticsQuery, Breakdown, DayCount, EventCount, FunnelStep, Overview } from '../analytics.ts';
import { getAnalytics } from '../analytics.ts';

const conversions = 'Conversion events fired at these leads; each firing counts.';
const conversionRate = '`conversions` in percent of the leads, rounded to two decimals. Above 100 when leads convert more than once.';
const revenue = 'Revenue of conversions. Revenue that was sent with other events does not count.';
const cost = 'What these leads cost.';
const adSpend = 'Ad spend booked on these leads.';
const payout = 'Payouts of events.';
const profit = '`revenue` less `cost`, `adSpend` and `payout`.';

const OverviewType = builder.objectRef<Overview>('Overview').implement({
  description: 'The numbers at the head of a dashboard.',
  fields: (t) => ({
    totalLeads: t.exposeInt('totalLeads', { description: 'Leads created in the range.' }),
    newToday: t.exposeInt('newToday', { description: 'Leads created today in the zone, whatever the range.' }),
    newLast7Days: t.exposeInt('newLast7Days', {
      description: 'Leads created today or on the six days before in the zone, whatever the range.',
    }),
    conversions: t.exposeInt('conversions', { description: conversions }),
    conversionRate: t.exposeFloat('conversionRate', { description: conversionRate }),
    revenue: t.expose('revenue', { type: 'Decimal', description: revenue }),
    cost: t.expose('cost', { type: 'Decimal', description: cost }),
    adSpend: t.expose('adSpend', { type: 'Decimal', description: adSpend }),
    payout: t.expose('payout', { type: 'Decimal', description: payout }),
    profit: t.expose('profit', { type: 'Decimal', description: profit }),
    averageFormCompletion: t.exposeFloat('averageFormCompletion', {
      nullable: true,
      description: 'Mean form completion in percent of the leads that have one, rounded to two decimals; null when none has.',
    }),
  }),
});

const FunnelStepType = builder.objectRef<FunnelStep>('FunnelStep').implement({
  description: 'A stage of the pipeline, and how many of the leads created in the range came so far.',
  fields: (t) => ({
    stage: t.exposeString('stage', { description: 'The stage.' }),
    count: t.exposeInt('count', { description: 'Leads in this stage now.' }),
    reached: t.exposeInt('reached', { description: 'Leads in this stage or a later one now.' }),
    percent: t.exposeFloat('percent', { description: '`reached` in percent of all leads of the range, rounded to two decimals.' }),
    conversionFromPrevious: t.exposeFloat('conversionFromPrevious', {
      nullable: true,
      description: '`reached` in percent of what the stage before reached, rounded to two decimals; null for the first stage.',
    }),
    medianSecondsToNext: t.exposeFloat('medianSecondsToNext', {
      nullable: true,
      description:
        'Median time between entering this stage and moving on to a later one, in seconds, by the times at which the moves happened; each such stay of a lead counts. Stays are kept by length in steps of a fifth and stand for the mean of their step: exact while the stays in the middle are alike or few, never off by more than a fifth, and by less than a tenth as a rule. Null while nobody moved on.',
    }),
  }),
});

const BreakdownType = builder.objectRef<Breakdown>('Breakdown').implement({
  description: 'The leads that have one value in common, as it is now: changing a lead moves its past numbers along.',
  fields: (t) => ({
    key: t.exposeString('key', {
      nullable: true,
      description: 'The value; null: leads without one. A value of more than 100 characters is shown by its beginning and a checksum.',
    }),
    leads: t.exposeInt('leads', { description: 'Leads created in the range.' }),
    conversions: t.exposeInt('conversions', { description: conversions }),
    conversionRate: t.exposeFloat('conversionRate', { description: conversionRate }),
    revenue: t.expose('revenue', { type: 'Decimal', description: revenue }),
    cost: t.expose('cost', { type: 'Decimal', description: cost }),
    adSpend: t.expose('adSpend', { type: 'Decimal', description: adSpend }),
    payout: t.expose('payout', { type: 'Decimal', description: payout }),
    profit: t.expose('profit', { type: 'Decimal', description: profit }),
  }),
});

export const DayCountType = builder.objectRef<DayCount>('DayCount').implement({
  description: 'How many there were on one day.',
  fields: (t) => ({
    date: t.expose('date', { type: 'Date', description: 'The day.' }),
    count: t.exposeInt('count', { description: 'How many.' }),
  }),
});

const EventCountType = builder.objectRef<EventCount>('EventCount').implement({
  description: 'An event type and how often it was fired.',
  fields: (t) => ({
    eventId: t.exposeString('eventId', { description: 'The configured event id.' }),
    count: t.exposeInt('count', { description: 'Firings that happened in the range.' }),
    conversions: t.exposeInt('conversions', { description: 'Those of them that were conversions when they were fired.' }),
    revenue: t.expose('revenue', { type: 'Decimal', description: revenue }),
    payout: t.expose('payout', { type: 'Decimal', description: payout }),
  }),
});

const most = 'Most leads first, at most 500.';

export const AnalyticsType = builder.objectRef<Analytics>('Analytics').implement({
  description:
    'The numbers of an account, all of one moment, whatever they are asked for. Leads, what they cost and where they stand count by the day on which the lead was created; events, conversions, revenue and payout by the day on which the event happened. Days are those of `timeZone`. A deleted lead counts nowhere; an erased one, whose person is forgotten, goes on counting.',
  fields: (t) => ({
    asOf: t.expose('asOf', { type: 'DateTime', description: 'The moment: what was recorded by then is counted.' }),
    seq: t.exposeInt('seq', { description: 'The last change of the log that is counted.' }),
    overview: t.expose('overview', { type: OverviewType, description: 'The numbers at the head of a dashboard.' }),
    funnel: t.field({ type: [FunnelStepType], description: 'Every stage, in order.', resolve: ({ funnel }) => [...funnel] }),
    bySource: t.field({ type: [BreakdownType], description: `By source. ${most}`, resolve: ({ bySource }) => [...bySource] }),
    byCampaign: t.field({ type: [BreakdownType], description: `By campaign. ${most}`, resolve: ({ byCampaign }) => [...byCampaign] }),
    byDevice: t.field({ type: [BreakdownType], description: `By device type. ${most}`, resolve: ({ byDevice }) => [...byDevice] }),
    newLeads: t.field({
      type: [DayCountType],
      description: 'Leads created on each day of the range, oldest day first, zeros included.',
      resolve: ({ newLeads }) => [...newLeads],
    }),
    events: t.field({
      type: [EventCountType],
      description: 'Event types that were fired in the range, most firings first, at most 500.',
      resolve: ({ events }) => [...events],
    }),
  }),
});

const DateRangeInput = builder.inputType('DateRange', {
  description: 'Days from the first to the last, both included, between 0001-01-02 and 9999-12-30.',
  fields: (t) => ({
    from: t.field({ type: 'Date', required: true, description: 'The first day.' }),
    to: t.field({ type: 'Date', required: true, description: 'The last day. At most 1,097 days in all.' }),
  }),
});

const AnalyticsFilterInput = builder.inputType('AnalyticsFilter', {
  description:
    'Which leads to count, by what they are now. Fields combine with "and", the values of one field with "or"; an absent or empty one restricts nothing.',
  fields: (t) => ({
    source: t.stringList({ description: 'Their `sourceName` is one of these.' }),
    campaign: t.stringList({ description: 'Their `campaignName` is one of these.' }),
    domain: t.stringList({ description: 'Their `domain` is one of these.' }),
  }),
});

export const analyticsArgs = builder.args((t) => ({
  range: t.field({
    type: DateRangeInput,
    description: 'Left out: everything there ever was, with the last 30 days, today included, as the days of `newLeads`.',
  }),
  timeZone: t.string({ defaultValue: 'UTC', description: 'Whose days: an IANA name like `America/New_York`.' }),
  filter: t.field({ type: AnalyticsFilterInput, description: 'Which leads to count, with their events.' }),
}));

interface AnalyticsArgs {
  readonly range?: AnalyticsQuery['range'] | undefined;
  readonly timeZone?: string | null | undefined;
  readonly filter?: AnalyticsQuery['filter'] | null | undefined;
}

export function toAnalyticsQuery({ range, timeZone, filter }: AnalyticsArgs, info: GraphQLResolveInfo): AnalyticsQuery {
  const asksFor = (name: string, selections: readonly SelectionNode[]): boolean =>
    selections.some((selection) => {
      if (selection.kind === Kind.FIELD && selection.name.value === name) return true;
      const inside = selection.kind === Kind.FRAGMENT_SPREAD ? info.fragments[selection.name.value] : selection;
      return asksFor(name, inside?.selectionSet?.selections ?? []);
    });
  const withStays = asksFor('medianSecondsToNext', info.fieldNodes);
  return { range: range ?? null, timeZone: timeZone ?? 'UTC', filter: filter ?? {}, withStays };
}

builder.queryField('analytics', (t) =>
  t.field({
    type: AnalyticsType,
    description:
      'Where the leads stand, where they came from, how many are new, and what they brought. Costs the same however many there are.',
    authScopes: { can: 'read' },
    extensions: { cost: 50 },
    args: analyticsArgs,
    resolve: (_root, args, ctx, info) => getAnalytics(ctx, authorize(ctx.viewer, 'read'), toAnalyticsQuery(args, info)),
  }),
);
