import type { SourceStats } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import { createBatchLoader } from '../platform/batch-loader.ts';

/** What sources have sent; null for one that has sent nothing yet. */
export const findSourceStats = createBatchLoader<Pick<Context, 'db'>, null, string, SourceStats | null>(async ({ db }, _args, ids) => {
  const rows = await db.sourceStats.findMany({ where: { sourceId: { in: [...ids] } } });
  const byId = new Map(rows.map((row) => [row.sourceId, row]));
  return ids.map((id) => byId.get(id) ?? null);
});

/** When a key of the source was last used, to about a minute. */
export const findKeyLastUsedAt = createBatchLoader<Pick<Context, 'db'>, null, string, Date | null>(async ({ db }, _args, ids) => {
  const rows = await db.sourceKey.groupBy({ by: ['sourceId'], where: { sourceId: { in: [...ids] } }, _max: { lastUsedAt: true } });
  const byId = new Map(rows.map((row) => [row.sourceId, row._max.lastUsedAt]));
  return ids.map((id) => byId.get(id) ?? null);
});
