import type { Context } from '../context.ts';
import type { Pipeline } from '../pipeline/stage.ts';
import { round, toPercent } from './analytics.ts';
import { lastDays } from './days.ts';
import { type ReadSums, readSums } from './read-sums.ts';

export interface PipelineReport {
  readonly overview: {
    readonly totalLeads: number;
    readonly newToday: number;
    readonly newLast7Days: number;
    readonly paid: number;
    readonly conversionRate: number;
    readonly averageFormCompletion: number | null;
  };
  readonly funnel: readonly { readonly stage: string; readonly count: number; readonly reached: number; readonly percent: number }[];
  readonly topSources: readonly { readonly source: string | null; readonly count: number; readonly paid: number }[];
  readonly newLeads30d: readonly { readonly date: Date; readonly count: number }[];
}

type Reader = Pick<Context, 'database' | 'pipeline'>;

const shownDays = 30;
const shownSources = 10;

/** Where the account's leads stand, where they came from, and how many are new. Days are those of UTC. */
export async function reportPipeline(ctx: Reader, accountId: string, now = new Date()): Promise<PipelineReport> {
  const days = lastDays(shownDays, 'UTC', now);
  const week = lastDays(7, 'UTC', now);
  const read = await readSums(ctx.database, { accountId, filter: {}, range: null, days, week, withStays: false, stagesOfSources: true });
  const { pipeline } = ctx;
  const total = read.sums.find(({ what }) => what === '-');
  const totalLeads = total?.leads ?? 0;
  const stages = read.sums.filter(({ what }) => what === 'L').map(({ item, leads }) => ({ position: pipeline.get(item).position, leads }));
  const reachedBy = (position: number): number => sumOf(stages.filter((stage) => stage.position >= position));
  const paid = reachedBy(paidPosition(pipeline));
  return {
    overview: {
      totalLeads,
      newToday: read.week.at(-1) ?? 0,
      newLast7Days: read.week.reduce((sum, count) => sum + count, 0),
      paid,
      conversionRate: toPercent(paid, totalLeads),
      averageFormCompletion: total && total.formLeads > 0 ? round(Number(total.formPercents) / total.formLeads) : null,
    },
    funnel: pipeline.stages.map(({ name, position }) => ({
      stage: name,
      count: sumOf(stages.filter((stage) => stage.position === position)),
      reached: reachedBy(position),
      percent: toPercent(reachedBy(position), totalLeads),
    })),
    topSources: toTopSources(read, pipeline),
    newLeads30d: days.dates.map((date, i) => ({ date, count: read.days[i] ?? 0 })),
  };
}

function toTopSources({ sums, stagesOfSources }: ReadSums, pipeline: Pipeline): PipelineReport['topSources'] {
  const paidFrom = paidPosition(pipeline);
  const paid = new Map<string, number>();
  for (const { source, stage, leads } of stagesOfSources)
    if (pipeline.get(stage).position >= paidFrom) paid.set(source, (paid.get(source) ?? 0) + leads);
  return sums
    .filter(({ what, leads }) => what === 'S' && leads > 0)
    .slice(0, shownSources)
    .map(({ item, leads }) => ({ source: item === '' ? null : item, count: leads, paid: paid.get(item) ?? 0 }));
}

/** From which stage on a lead counts as paid: `Paid` where there is such a stage, else the last one. */
const paidPosition = (pipeline: Pipeline): number => pipeline.find('Paid')?.position ?? pipeline.stages.length;

const sumOf = (counts: readonly { readonly leads: number }[]): number => counts.reduce((sum, { leads }) => sum + leads, 0);
