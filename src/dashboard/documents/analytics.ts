import { graphql } from '../graph/document.ts';

export interface Breakdown {
  readonly key: string | null;
  readonly leads: number;
  readonly conversions: number;
  readonly conversionRate: number;
  readonly revenue: string;
  readonly profit: string;
}

export interface FunnelStep {
  readonly stage: string;
  readonly count: number;
  readonly reached: number;
  readonly percent: number;
  readonly conversionFromPrevious: number | null;
  readonly medianSecondsToNext: number | null;
}

export interface Analytics {
  readonly asOf: string;
  readonly seq: number;
  readonly overview: {
    readonly totalLeads: number;
    readonly newToday: number;
    readonly newLast7Days: number;
    readonly conversions: number;
    readonly conversionRate: number;
    readonly revenue: string;
    readonly profit: string;
    readonly averageFormCompletion: number | null;
  };
  readonly funnel: readonly FunnelStep[];
  readonly bySource: readonly Breakdown[];
  readonly byCampaign: readonly Breakdown[];
  readonly byDevice: readonly Breakdown[];
  readonly newLeads: readonly { readonly date: string; readonly count: number }[];
  readonly events: readonly { readonly eventId: string; readonly count: number; readonly conversions: number; readonly revenue: string }[];
}

export interface AnalyticsVariables extends Record<string, unknown> {
  readonly range: { readonly from: string; readonly to: string };
  readonly timeZone: string;
  readonly filter: { readonly source?: readonly string[]; readonly campaign?: readonly string[] };
}

const breakdown = 'key leads conversions conversionRate revenue profit';

const analyticsFields = `
  asOf seq
  overview { totalLeads newToday newLast7Days conversions conversionRate revenue profit averageFormCompletion }
  funnel { stage count reached percent conversionFromPrevious medianSecondsToNext }
  bySource { ${breakdown} } byCampaign { ${breakdown} } byDevice { ${breakdown} }
  newLeads { date count }
  events { eventId count conversions revenue }
`;

export const analytics = graphql<{ readonly analytics: Analytics }, AnalyticsVariables>(/* GraphQL */ `
  query Analytics($range: DateRange, $timeZone: String, $filter: AnalyticsFilter) {
    analytics(range: $range, timeZone: $timeZone, filter: $filter) { ${analyticsFields} }
  }
`);

export const analyticsLive = graphql<{ readonly analyticsLive: Analytics }, AnalyticsVariables>(/* GraphQL */ `
  subscription AnalyticsLive($range: DateRange, $timeZone: String, $filter: AnalyticsFilter) {
    analyticsLive(range: $range, timeZone: $timeZone, filter: $filter) { ${analyticsFields} }
  }
`);
