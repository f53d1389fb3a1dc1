import type { ApiKey } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import { type Connection, decodeCursor, encodeCursor, type PageArguments, toConnection, toPage } from '../platform/connection.ts';
import { authorize } from './policy.ts';

const order = 'apiKeys';
const toId = (cursor: string): string => String(decodeCursor(order, ['uuid'], cursor)[0]);

/** A page of the account's keys, newest first: ids rise with time. */
export async function findApiKeys(ctx: Pick<Context, 'db' | 'viewer'>, args: PageArguments): Promise<Connection<ApiKey>> {
  const accountId = authorize(ctx.viewer, 'administer');
  const page = toPage(args);
  const id = { ...(page.after !== null && { lt: toId(page.after) }), ...(page.before !== null && { gt: toId(page.before) }) };
  const orderBy = { id: page.backward ? 'asc' : 'desc' } as const;
  const rows = await ctx.db.apiKey.findMany({ where: { accountId, id }, orderBy, take: page.limit + 1 });
  const total = async () => ({ count: await ctx.db.apiKey.count({ where: { accountId } }), exact: true });
  return toConnection(rows, page, (key) => encodeCursor(order, [key.id]), total);
}
