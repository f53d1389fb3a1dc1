import type { Context } from '../context.ts';
import { findSpans } from '../leads/lead-spans.ts';
import type { Pipeline } from '../pipeline/stage.ts';

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

const dayMs = 24 * 3600 * 1000;
const shownDays = 30;
const shownSources = 10;

/** Where the account's leads stand, where they came from, and how many are new. Days are those of UTC. */
export async function reportPipeline(ctx: Reader, accountId: string, now = new Date()): Promise<PipelineReport> {
  const today = new Date(Math.floor(now.getTime() / dayMs) * dayMs);
  const [groups, newLeads30d] = await Promise.all([readGroups(ctx, accountId), readNewLeads(ctx, accountId, today)]);
  const totalLeads = sum(groups, () => true);
  const positionOf = (group: Group): number => ctx.pipeline.get(group.stage).position;
  const paidFrom = paidPosition(ctx.pipeline);
  const isPaid = (group: Group): boolean => positionOf(group) >= paidFrom;
  const paid = sum(groups, isPaid);
  const formLeads = groups.reduce((total, group) => total + group.formLeads, 0);
  return {
    overview: {
      totalLeads,
      newToday: newLeads30d.at(-1)?.count ?? 0,
      newLast7Days: newLeads30d.slice(-7).reduce((total, { count }) => total + count, 0),
      paid,
      conversionRate: toPercent(paid, totalLeads),
      averageFormCompletion:
        formLeads === 0 ? null : round(groups.reduce((total, { formPercents }) => total + formPercents, 0) / formLeads),
    },
    funnel: ctx.pipeline.stages.map(({ name, position }) => {
      const reached = sum(groups, (group) => positionOf(group) >= position);
      return {
        stage: name,
        count: sum(groups, (group) => positionOf(group) === position),
        reached,
        percent: toPercent(reached, totalLeads),
      };
    }),
    topSources: toTopSources(groups, isPaid),
    newLeads30d,
  };
}

interface Group {
  readonly stage: string;
  readonly source: string | null;
  readonly count: number;
  /** Leads whose form completion is known, and the sum of it. */
  readonly formLeads: number;
  readonly formPercents: number;
}

async function readGroups({ database }: Reader, accountId: string): Promise<Group[]> {
  const { rows } = await database.readPool.query<Group>({
    name: 'pipeline-report-groups',
    text: `SELECT stage, "sourceName" AS source, count(*)::int AS count, count("formPercent")::int AS "formLeads",
        coalesce(sum("formPercent"), 0) AS "formPercents"
      FROM "Lead" WHERE "accountId" = $1 GROUP BY stage, "sourceName"`,
    values: [accountId],
  });
  return rows;
}

async function readNewLeads({ database }: Reader, accountId: string, today: Date): Promise<PipelineReport['newLeads30d']> {
  const firstDay = new Date(today.getTime() - (shownDays - 1) * dayMs);
  const spans = await findSpans(database.readPool, accountId, { createdFrom: firstDay });
  const { rows } = await database.readPool.query<{ day: number; count: number }>({
    name: 'pipeline-report-days',
    text: `SELECT floor(extract(epoch FROM "createdAt" - $3::timestamptz) / 86400)::int AS day, count(*)::int AS count
      FROM "Lead" WHERE "accountId" = $1 AND number >= $2 AND "createdAt" >= $3 GROUP BY 1`,
    values: [accountId, spans?.numbers?.low ?? 0, firstDay],
  });
  const counts = new Map(rows.map(({ day, count }) => [day, count]));
  return Array.from({ length: shownDays }, (_, i) => ({ date: new Date(firstDay.getTime() + i * dayMs), count: counts.get(i) ?? 0 }));
}

/** From which stage on a lead counts as paid: `Paid` where there is such a stage, else the last one. */
const paidPosition = (pipeline: Pipeline): number => pipeline.find('Paid')?.position ?? pipeline.stages.length;

function toTopSources(groups: readonly Group[], isPaid: (group: Group) => boolean): PipelineReport['topSources'] {
  const sources = new Map<string | null, { source: string | null; count: number; paid: number }>();
  for (const group of groups) {
    const { source } = group;
    const before = sources.get(source) ?? { source, count: 0, paid: 0 };
    sources.set(source, { source, count: before.count + group.count, paid: before.paid + (isPaid(group) ? group.count : 0) });
  }
  const byCount = [...sources.values()].toSorted((a, b) => b.count - a.count || ((a.source ?? '') < (b.source ?? '') ? -1 : 1));
  return byCount.slice(0, shownSources);
}

const sum = (groups: readonly Group[], counts: (group: Group) => boolean): number =>
  groups.reduce((total, group) => (counts(group) ? total + group.count : total), 0);

/** Two decimals, halves upward; 0 of nothing. */
const toPercent = (part: number, whole: number): number => (whole === 0 ? 0 : round((part / whole) * 100));
const round = (value: number): number => Math.round(value * 100) / 100;
