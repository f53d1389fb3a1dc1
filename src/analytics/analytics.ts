import { Prisma } from '../../prisma/generated/client/client.ts';
import type { Pipeline } from '../pipeline/stage.ts';
import type { Database } from '../platform/database.ts';
import { minus, plus, zero } from '../platform/money.ts';
import { type DateRange, type Days, lastDays, toDays } from './days.ts';
import { type ReadSums, readSums, type StayCount, type Sums } from './read-sums.ts';
import type { AnalyticsFilter } from './sums-statement.ts';

export interface AnalyticsQuery {
  /** Null: all time, with the last thirty days as the days of new leads. */
  readonly range: DateRange | null;
  readonly timeZone: string;
  readonly filter: AnalyticsFilter;
  /** False: nobody asks for the median times. */
  readonly withStays: boolean;
}

export interface Overview {
  readonly totalLeads: number;
  readonly newToday: number;
  readonly newLast7Days: number;
  readonly conversions: number;
  readonly conversionRate: number;
  readonly revenue: Prisma.Decimal;
  readonly cost: Prisma.Decimal;
  readonly adSpend: Prisma.Decimal;
  readonly payout: Prisma.Decimal;
  readonly profit: Prisma.Decimal;
  readonly averageFormCompletion: number | null;
}

export interface FunnelStep {
  readonly stage: string;
  readonly count: number;
  readonly reached: number;
  readonly percent: number;
  readonly conversionFromPrevious: number | null;
  readonly medianSecondsToNext: number | null;
}

export interface Breakdown {
  readonly key: string | null;
  readonly leads: number;
  readonly conversions: number;
  readonly conversionRate: number;
  readonly revenue: Prisma.Decimal;
  readonly cost: Prisma.Decimal;
  readonly adSpend: Prisma.Decimal;
  readonly payout: Prisma.Decimal;
  readonly profit: Prisma.Decimal;
}

export interface DayCount {
  readonly date: Date;
  readonly count: number;
}

export interface EventCount {
  readonly eventId: string;
  readonly count: number;
  readonly conversions: number;
  readonly revenue: Prisma.Decimal;
  readonly payout: Prisma.Decimal;
}

export interface Analytics {
  readonly asOf: Date;
  readonly seq: number;
  readonly overview: Overview;
  readonly funnel: readonly FunnelStep[];
  readonly bySource: readonly Breakdown[];
  readonly byCampaign: readonly Breakdown[];
  readonly byDevice: readonly Breakdown[];
  readonly newLeads: readonly DayCount[];
  readonly events: readonly EventCount[];
}

interface Reader {
  readonly database: Pick<Database, 'readPool'>;
  readonly pipeline: Pipeline;
}

const shownDays = 30;

/** The account's numbers for a range of days, in the caller's zone, of the leads that pass the filter. All of them are of one moment. */
export async function getAnalytics(
  ctx: Reader,
  accountId: string,
  { range, timeZone, filter, withStays }: AnalyticsQuery,
  now = new Date(),
): Promise<Analytics> {
  const days = range === null ? lastDays(shownDays, timeZone, now) : toDays(range, timeZone);
  const read = await readSums(ctx.database, {
    accountId,
    filter,
    range: range === null ? null : spanOf(days),
    days,
    week: lastDays(7, timeZone, now),
    withStays,
  });
  const total = read.sums.find(({ what }) => what === '-') ?? nothing;
  return {
    asOf: read.asOf,
    seq: read.seq,
    overview: toOverview(total, read),
    funnel: toFunnel(ctx, total, read),
    bySource: toBreakdowns(read, 'S'),
    byCampaign: toBreakdowns(read, 'C'),
    byDevice: toBreakdowns(read, 'V'),
    newLeads: days.dates.map((date, i) => ({ date, count: read.days[i] ?? 0 })),
    events: read.sums
      .filter(({ what }) => what === 'E')
      .map(({ item, events, conversions, revenue, payout }) => ({
        eventId: item,
        count: events,
        conversions,
        revenue: new Prisma.Decimal(revenue),
        payout: new Prisma.Decimal(payout),
      }))
      .sort((a, b) => b.count - a.count || (a.eventId < b.eventId ? -1 : 1)),
  };
}

const nothing: Omit<Sums, 'what' | 'item'> = {
  leads: 0,
  formLeads: 0,
  formPercents: '0',
  cost: '0',
  adSpend: '0',
  events: 0,
  conversions: 0,
  revenue: '0',
  payout: '0',
};

function spanOf({ bounds }: Days): { readonly from: Date; readonly to: Date } {
  const [from = new Date(0)] = bounds;
  return { from, to: bounds.at(-1) ?? from };
}

function toOverview(total: typeof nothing, { week }: ReadSums): Overview {
  const { leads, formLeads, formPercents } = total;
  return {
    totalLeads: leads,
    newToday: week.at(-1) ?? 0,
    newLast7Days: week.reduce((sum, count) => sum + count, 0),
    ...toRates(total),
    averageFormCompletion: formLeads === 0 ? null : round(Number(formPercents) / formLeads),
  };
}

/** What conversions brought and leads cost. */
function toRates({ leads, conversions, ...sums }: typeof nothing): Omit<Breakdown, 'key' | 'leads'> {
  const [revenue, cost, adSpend, payout] = [sums.revenue, sums.cost, sums.adSpend, sums.payout].map((sum) => new Prisma.Decimal(sum));
  const amounts = { revenue: revenue ?? zero, cost: cost ?? zero, adSpend: adSpend ?? zero, payout: payout ?? zero };
  const spent = plus(plus(amounts.cost, amounts.adSpend), amounts.payout);
  return { conversions, conversionRate: toPercent(conversions, leads), ...amounts, profit: minus(amounts.revenue, spent) };
}

const toBreakdowns = ({ sums }: ReadSums, wanted: string): readonly Breakdown[] =>
  sums
    .filter(({ what }) => what === wanted)
    .map(({ item, ...rest }) => ({ key: item === '' ? null : item, leads: rest.leads, ...toRates(rest) }));

function toFunnel({ pipeline }: Reader, { leads: total }: typeof nothing, { sums, stays }: ReadSums): readonly FunnelStep[] {
  const counts = sums.filter(({ what }) => what === 'L').map(({ item, leads }) => ({ position: pipeline.get(item).position, leads }));
  const reachedBy = pipeline.stages.map(({ position }) => sumOf(counts.filter((count) => count.position >= position)));
  return pipeline.stages.map(({ name, position }, i) => {
    const reached = reachedBy[i] ?? 0;
    return {
      stage: name,
      count: sumOf(counts.filter((count) => count.position === position)),
      reached,
      percent: toPercent(reached, total),
      conversionFromPrevious: i === 0 ? null : toPercent(reached, reachedBy[i - 1] ?? 0),
      medianSecondsToNext: medianSeconds(stays.filter(({ stage }) => pipeline.get(stage).position === position)),
    };
  });
}

const sumOf = (counts: readonly { readonly leads: number }[]): number => counts.reduce((sum, { leads }) => sum + leads, 0);

/** Stays of similar length stand for their mean, so the median is exact where its neighbours are few and off by less than a fifth in any case. */
export function medianSeconds(stays: readonly StayCount[]): number | null {
  const steps = [...stays].sort((a, b) => a.step - b.step);
  const total = steps.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return null;
  const nth = (n: number): number => {
    let seen = 0;
    const found = steps.find(({ count }) => (seen += count) > n);
    return found ? found.seconds / found.count : 0;
  };
  return Math.round(((nth(Math.floor((total - 1) / 2)) + nth(Math.floor(total / 2))) / 2) * 1000) / 1000;
}

/** Two decimals, halves upward; 0 of nothing. */
export const toPercent = (part: number, whole: number): number => (whole === 0 ? 0 : round((part / whole) * 100));
export const round = (value: number): number => Math.round(value * 100) / 100;
