import type { Source } from '../../prisma/generated/client/client.ts';
import { authorize } from '../auth/policy.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Context } from '../context.ts';
import { createBatchLoader } from '../platform/batch-loader.ts';
import { type Connection, decodeCursor, encodeCursor, type PageArguments, toConnection, toPage } from '../platform/connection.ts';
import type { Prisma } from '../../prisma/generated/client/client.ts';

type Reader = Pick<Context, 'db' | 'viewer'>;

const order = 'sources';
const toId = (cursor: string): string => String(decodeCursor(order, ['uuid'], cursor)[0]);

/** The sources that a viewer may see: those of its account, and for the root key those that no account has. */
function visible(viewer: Viewer): Prisma.SourceWhereInput {
  const accountId = authorize(viewer, 'read');
  return viewer.kind === 'ROOT' ? { OR: [{ accountId }, { accountId: null }] } : { accountId };
}

/** A page of sources, newest first: ids rise with time. */
export async function findSources(ctx: Reader, args: PageArguments): Promise<Connection<Source>> {
  const where = visible(ctx.viewer);
  const page = toPage(args);
  const id = { ...(page.after !== null && { lt: toId(page.after) }), ...(page.before !== null && { gt: toId(page.before) }) };
  const orderBy = { id: page.backward ? 'asc' : 'desc' } as const;
  const rows = await ctx.db.source.findMany({ where: { ...where, id }, orderBy, take: page.limit + 1 });
  const total = async () => ({ count: await ctx.db.source.count({ where }), exact: true });
  return toConnection(rows, page, (source) => encodeCursor(order, [source.id]), total);
}

/** A source that the viewer may see, or null. */
export const findSourceById = createBatchLoader<Reader, null, string, Source | null>(async ({ db, viewer }, _args, ids) => {
  const rows = await db.source.findMany({ where: { ...visible(viewer), id: { in: [...ids] } } });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
});
