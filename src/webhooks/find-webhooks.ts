import type { Webhook } from '../../prisma/generated/client/client.ts';
import { authorize } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { createBatchLoader } from '../platform/batch-loader.ts';
import { type Connection, decodeCursor, encodeCursor, type PageArguments, toConnection, toPage } from '../platform/connection.ts';
import { uuidOf } from '../platform/ids.ts';
import { WebhookNotFoundError } from './errors.ts';

type Reader = Pick<Context, 'db' | 'viewer'>;

const order = 'webhooks';
const toId = (cursor: string): string => String(decodeCursor(order, ['uuid'], cursor)[0]);

/** The account's webhooks, newest first: ids rise with time. */
export async function findWebhooks(ctx: Reader, args: PageArguments): Promise<Connection<Webhook>> {
  const where = { accountId: authorize(ctx.viewer, 'read'), deletedAt: null };
  const page = toPage(args);
  const id = { ...(page.after !== null && { lt: toId(page.after) }), ...(page.before !== null && { gt: toId(page.before) }) };
  const orderBy = { id: page.backward ? 'asc' : 'desc' } as const;
  const rows = await ctx.db.webhook.findMany({ where: { ...where, id }, orderBy, take: page.limit + 1 });
  const total = async () => ({ count: await ctx.db.webhook.count({ where }), exact: true });
  return toConnection(rows, page, (webhook) => encodeCursor(order, [webhook.id]), total);
}

/** A webhook of the viewer's account, deleted ones too: their deliveries still name them. */
export const findWebhookById = createBatchLoader<Reader, null, string, Webhook | null>(async ({ db, viewer }, _args, ids) => {
  const rows = await db.webhook.findMany({ where: { accountId: authorize(viewer, 'read'), id: { in: [...ids] } } });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
});

/** The webhook that a manager means. Throws WebhookNotFoundError when there is none, or no more. */
export async function getWebhook({ db, viewer }: Reader, publicId: string): Promise<Webhook> {
  const accountId = authorize(viewer, 'administer');
  const id = uuidOf('Webhook', publicId);
  const webhook = id === null ? null : await db.webhook.findFirst({ where: { id, accountId, deletedAt: null } });
  if (!webhook) throw new WebhookNotFoundError();
  return webhook;
}
