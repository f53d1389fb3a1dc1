import type { Campaign } from '../../prisma/generated/client/client.ts';
import { authorize } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { type Connection, decodeCursor, encodeCursor, type PageArguments, toConnection, toPage } from '../platform/connection.ts';

const order = 'campaigns';
const toId = (cursor: string): string => String(decodeCursor(order, ['uuid'], cursor)[0]);

/** A page of the account's campaigns, newest first: ids rise with time. */
export async function findCampaigns(ctx: Pick<Context, 'db' | 'viewer'>, args: PageArguments): Promise<Connection<Campaign>> {
  const accountId = authorize(ctx.viewer, 'read');
  const page = toPage(args);
  const id = { ...(page.after !== null && { lt: toId(page.after) }), ...(page.before !== null && { gt: toId(page.before) }) };
  const orderBy = { id: page.backward ? 'asc' : 'desc' } as const;
  const rows = await ctx.db.campaign.findMany({ where: { accountId, id }, orderBy, take: page.limit + 1 });
  const total = async () => ({ count: await ctx.db.campaign.count({ where: { accountId } }), exact: true });
  return toConnection(rows, page, (campaign) => encodeCursor(order, [campaign.id]), total);
}
