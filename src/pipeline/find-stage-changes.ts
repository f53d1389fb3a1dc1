import type { StageChange } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import { createChildLoader } from '../platform/child-rows.ts';

/** The steps of a lead, oldest first. */
export const findStageChanges = createChildLoader<StageChange>({ table: 'StageChange', parent: 'leadId', newestFirst: false });

export async function loadStageChanges(
  ctx: Pick<Context, 'database'>,
  accountId: string,
  ids: readonly string[],
): Promise<(StageChange | null)[]> {
  const { rows } = await ctx.database.readPool.query<StageChange>({
    name: 'stage-changes-by-id',
    text: 'SELECT * FROM "StageChange" WHERE id = ANY($1::uuid[]) AND "accountId" = $2',
    values: [ids, accountId],
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}
