import type { Context } from '../context.ts';
import { createParameters } from '../platform/parameters.ts';
import { type SubmissionFilter, toConditions } from './find-submissions.ts';

export interface RefusedReason {
  readonly reason: string;
  readonly count: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** Those whose leads were refused for it, most often first. */
  readonly sourceIds: readonly string[];
}

/** How many refused leads are looked at, the newest first: a partner that has gone wrong sends them by the million. */
const mostRefused = 100_000;
const mostSources = 10;

/** Why leads were refused, most frequent reason first. A lead that was refused for several reasons counts under each. */
export async function findRefusedReasons(
  { database }: Pick<Context, 'database'>,
  accountId: string,
  filter: Pick<SubmissionFilter, 'sourceId' | 'receivedFrom' | 'receivedTo'>,
  first: number,
): Promise<readonly RefusedReason[]> {
  const { values, add } = createParameters();
  const { rows } = await database.readPool.query<RefusedReason>(
    `WITH refused AS MATERIALIZED (
        SELECT reasons, "sourceId", "receivedAt" FROM "Submission"
        WHERE ${toConditions(accountId, filter, add)} AND outcome = 'REJECTED' ORDER BY id DESC LIMIT ${mostRefused}),
      by_source AS (
        SELECT reason, "sourceId", count(*) AS count, min("receivedAt") AS first, max("receivedAt") AS last
        FROM refused CROSS JOIN LATERAL unnest(reasons) AS reason GROUP BY reason, "sourceId")
      SELECT reason, sum(count)::int AS count, min(first) AS "firstAt", max(last) AS "lastAt",
        coalesce((array_agg("sourceId" ORDER BY count DESC) FILTER (WHERE "sourceId" IS NOT NULL))[1:${mostSources}], '{}') AS "sourceIds"
      FROM by_source GROUP BY reason ORDER BY 2 DESC, max(last) DESC, reason LIMIT ${add(first)}::int`,
    [...values],
  );
  return rows;
}
