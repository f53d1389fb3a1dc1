import type { SourceStats } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import { createBatchLoader } from '../platform/batch-loader.ts';
import { BadRequestError } from '../platform/connection.ts';
import { dayOf } from '../platform/instant.ts';

/** What sources have sent; null for one that has sent nothing yet. */
export const findSourceStats = createBatchLoader<Pick<Context, 'db'>, null, string, SourceStats | null>(async ({ db }, _args, ids) => {
  const rows = await db.sourceStats.findMany({ where: { sourceId: { in: [...ids] } } });
  const byId = new Map(rows.map((row) => [row.sourceId, row]));
  return ids.map((id) => byId.get(id) ?? null);
});

const dayMs = 24 * 3600 * 1000;
const mostDays = 366;
/** So many days are shown of everything there ever was. */
const usualDays = 30;

export interface SourceCounts {
  readonly created: number;
  readonly duplicates: number;
  readonly rejected: number;
}

export interface SourcePoint extends SourceCounts {
  readonly startAt: Date;
  readonly endAt: Date;
}

export interface SourceMetrics extends SourceCounts {
  readonly firstLeadAt: Date | null;
  readonly lastLeadAt: Date | null;
  readonly points: readonly SourcePoint[];
  readonly generatedAt: Date;
}

/** The last days of sources, today included: days of UTC, oldest first, zeros included. */
const findSourceDays = createBatchLoader<
  Pick<Context, 'db'>,
  { readonly from: string; readonly count: number },
  string,
  readonly SourcePoint[]
>(async ({ db }, { from, count }, ids) => {
  const first = new Date(from);
  const rows = await db.sourceDay.findMany({ where: { sourceId: { in: [...ids] }, day: { gte: first } } });
  const byDay = new Map(rows.map((row) => [`${row.sourceId} ${dayOf(row.day)}`, row]));
  return ids.map((id) =>
    Array.from({ length: count }, (_, i): SourcePoint => {
      const startAt = new Date(first.getTime() + i * dayMs);
      const { created = 0, duplicates = 0, rejected = 0 } = byDay.get(`${id} ${dayOf(startAt)}`) ?? {};
      return { startAt, endAt: new Date(startAt.getTime() + dayMs), created, duplicates, rejected };
    }),
  );
});

/** What a source has sent on the last days; `days` null: ever, with the last thirty days as points. */
export async function findSourceMetrics(
  ctx: Pick<Context, 'db'>,
  sourceId: string,
  days: number | null,
  now = new Date(),
): Promise<SourceMetrics> {
  if (days !== null && (days < 1 || days > mostDays)) throw new BadRequestError(`\`days\` must be 1 to ${mostDays}.`);
  const count = days ?? usualDays;
  const from = dayOf(new Date(now.getTime() - (count - 1) * dayMs));
  const [stats, points] = await Promise.all([findSourceStats(ctx, null, sourceId), findSourceDays(ctx, { from, count }, sourceId)]);
  const counted = days === null ? [stats ?? { created: 0, duplicates: 0, rejected: 0 }] : points;
  const sum = (name: keyof SourceCounts): number => counted.reduce((total, counts) => total + counts[name], 0);
  return {
    created: sum('created'),
    duplicates: sum('duplicates'),
    rejected: sum('rejected'),
    firstLeadAt: stats?.firstLeadAt ?? null,
    lastLeadAt: stats?.lastLeadAt ?? null,
    points,
    generatedAt: now,
  };
}

/** When a key of the source was last used, to about a minute. */
export const findKeyLastUsedAt = createBatchLoader<Pick<Context, 'db'>, null, string, Date | null>(async ({ db }, _args, ids) => {
  const rows = await db.sourceKey.groupBy({ by: ['sourceId'], where: { sourceId: { in: [...ids] } }, _max: { lastUsedAt: true } });
  const byId = new Map(rows.map((row) => [row.sourceId, row._max.lastUsedAt]));
  return ids.map((id) => byId.get(id) ?? null);
});
