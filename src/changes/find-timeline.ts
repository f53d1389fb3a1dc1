import type { Change } from '../../prisma/generated/client/client.ts';
import { createBatchLoader } from '../platform/batch-loader.ts';
import { type Connection, decodeCursor, encodeCursor, type Page, toConnection, type Total } from '../platform/connection.ts';
import type { Database } from '../platform/database.ts';

interface Reader {
  readonly database: Pick<Database, 'readPool'>;
}

const cursorName = 'timeline';
const cursorOf = (change: Change): string => encodeCursor(cursorName, [change.occurredAt.getTime(), Number(change.seq)]);

/** The years that PostgreSQL and JavaScript both write with four digits: a made-up cursor may name any other. */
const earliest = Date.UTC(1000, 0, 1);
const latest = Date.UTC(9999, 11, 31);
const toDate = (ms: number): Date => new Date(Math.min(Math.max(ms, earliest), latest));

/** One statement for all leads of an answer that ask for the same page: each gets its own. */
const loadPages = createBatchLoader<Reader, Page, string, readonly Change[]>(async ({ database }, { limit, after }, leadIds) => {
  const [occurredAt, seq] = after === null ? [] : decodeCursor(cursorName, ['bigint', 'int'], after);
  const beforeThat = occurredAt === undefined ? '' : 'AND ("occurredAt", seq) < ($3::timestamptz, $4::bigint)';
  const { rows } = await database.readPool.query<Change & { readonly place: bigint }>(
    `SELECT c.*, l.place FROM unnest($1::uuid[]) WITH ORDINALITY AS l(id, place) CROSS JOIN LATERAL (
        SELECT * FROM "Change" WHERE "leadId" = l.id ${beforeThat} ORDER BY "occurredAt" DESC, seq DESC LIMIT $2) c
      ORDER BY l.place, c."occurredAt" DESC, c.seq DESC`,
    [leadIds, limit + 1, ...(occurredAt === undefined ? [] : [toDate(Number(occurredAt)), seq])],
  );
  const pages: Change[][] = leadIds.map(() => []);
  for (const { place, ...change } of rows) pages[Number(place) - 1]?.push(change);
  return pages;
});

const count = createBatchLoader<Reader, null, string, Total>(async ({ database }, _args, leadIds) => {
  const { rows } = await database.readPool.query<{ readonly leadId: string; readonly count: number }>({
    name: 'count-timeline',
    text: 'SELECT "leadId", count(*)::int AS count FROM "Change" WHERE "leadId" = ANY($1::uuid[]) GROUP BY 1',
    values: [leadIds],
  });
  const counts = new Map(rows.map((row) => [row.leadId, row.count]));
  return leadIds.map((id) => ({ count: counts.get(id) ?? 0, exact: true }));
});

/** What happened to a lead, newest first by the time it happened; what happened at one moment, last recorded first. */
export async function findTimeline(ctx: Reader, leadId: string, page: Page): Promise<Connection<Change>> {
  return toConnection(await loadPages(ctx, page, leadId), page, cursorOf, () => count(ctx, null, leadId));
}
