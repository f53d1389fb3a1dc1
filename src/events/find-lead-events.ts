import type { LeadEvent, LedgerEntry } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import { createChildLoader } from '../platform/child-rows.ts';

/** The events fired at a lead, newest first. */
export const findLeadEvents = createChildLoader<LeadEvent>({ table: 'LeadEvent', parent: 'leadId', newestFirst: true });

/** What moved a lead's cost, ad spend and payout, newest first. */
export const findLedgerEntries = createChildLoader<LedgerEntry>({ table: 'LedgerEntry', parent: 'leadId', newestFirst: true });

export async function loadLeadEvents(
  ctx: Pick<Context, 'database'>,
  accountId: string,
  ids: readonly string[],
): Promise<(LeadEvent | null)[]> {
  const { rows } = await ctx.database.readPool.query<LeadEvent>({
    name: 'lead-events-by-id',
    text: 'SELECT * FROM "LeadEvent" WHERE id = ANY($1::uuid[]) AND "accountId" = $2',
    values: [ids, accountId],
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}
