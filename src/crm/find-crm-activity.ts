import type { Context } from '../context.ts';
import { createBatchLoader } from '../platform/batch-loader.ts';
import { type Connection, decodeCursor, encodeCursor, once, type Page, toConnection, type Total } from '../platform/connection.ts';
import { createParameters } from '../platform/parameters.ts';
import type { CrmActivityRow } from './crm-activity.ts';

type Reader = Pick<Context, 'database'>;

// The payload as the text that came: parsing it would lose how it spells numbers.
const columns = `id, "accountId", "leadId", "crmLeadId", "eventType", status, payload::text AS payload, dialect, actor, "occurredAt", "receivedAt"`;

const ofLead = 'crmactivity';
const cursorOfLead = (row: CrmActivityRow): string => encodeCursor(ofLead, [row.occurredAt.getTime(), row.id]);

/** One statement for all leads of an answer that ask for the same page. */
const loadPages = createBatchLoader<Reader, Page, string, readonly CrmActivityRow[]>(async ({ database }, page, leadIds) => {
  const { values, add } = createParameters(leadIds, page.limit + 1);
  const beyond = (cursor: string | null, sign: '<' | '>'): string => {
    if (cursor === null) return '';
    const [occurredAt, id] = decodeCursor(ofLead, ['bigint', 'uuid'], cursor);
    return `AND ("occurredAt", id) ${sign} (to_timestamp(${add(Number(occurredAt) / 1000)}::float8), ${add(id)}::uuid)`;
  };
  const direction = page.backward ? 'ASC' : 'DESC';
  const { rows } = await database.readPool.query<CrmActivityRow & { readonly place: bigint }>(
    `SELECT c.*, l.place FROM unnest($1::uuid[]) WITH ORDINALITY AS l(id, place) CROSS JOIN LATERAL (
        SELECT ${columns} FROM "CrmActivity" WHERE "leadId" = l.id ${beyond(page.after, '<')} ${beyond(page.before, '>')}
        ORDER BY "occurredAt" ${direction}, id ${direction} LIMIT $2) c
      ORDER BY l.place, c."occurredAt" ${direction}, c.id ${direction}`,
    [...values],
  );
  const pages: CrmActivityRow[][] = leadIds.map(() => []);
  for (const { place, ...row } of rows) pages[Number(place) - 1]?.push(row);
  return pages;
});

const count = createBatchLoader<Reader, null, string, Total>(async ({ database }, _args, leadIds) => {
  const { rows } = await database.readPool.query<{ readonly leadId: string; readonly count: number }>({
    name: 'count-crm-activity',
    text: 'SELECT "leadId", count(*)::int AS count FROM "CrmActivity" WHERE "leadId" = ANY($1::uuid[]) GROUP BY 1',
    values: [leadIds],
  });
  const counts = new Map(rows.map((row) => [row.leadId, row.count]));
  return leadIds.map((id) => ({ count: counts.get(id) ?? 0, exact: true }));
});

/** What the CRM reported of a lead, newest first by the time it happened; what happened at one moment, last heard first. */
export async function findCrmActivityOfLead(ctx: Reader, leadId: string, page: Page): Promise<Connection<CrmActivityRow>> {
  return toConnection(await loadPages(ctx, page, leadId), page, cursorOfLead, () => count(ctx, null, leadId));
}

const unmatched = 'unmatchedcrm';
const mostCounted = 100_000;

/** What waits for its lead in the account, last heard first. */
export async function findUnmatchedCrmActivity(ctx: Reader, accountId: string, page: Page): Promise<Connection<CrmActivityRow>> {
  const { readPool } = ctx.database;
  const { values, add } = createParameters(accountId, page.limit + 1);
  const key = (cursor: string): string => `${add(decodeCursor(unmatched, ['uuid'], cursor)[0])}::uuid`;
  const after = page.after === null ? '' : ` AND id < ${key(page.after)}`;
  const before = page.before === null ? '' : ` AND id > ${key(page.before)}`;
  const { rows } = await readPool.query<CrmActivityRow>(
    `SELECT ${columns} FROM "CrmActivity" WHERE "accountId" = $1 AND "leadId" IS NULL${after}${before}
      ORDER BY id ${page.backward ? 'ASC' : 'DESC'} LIMIT $2`,
    [...values],
  );
  const total = once(async (): Promise<Total> => {
    const { rows: counted } = await readPool.query<{ readonly count: number }>({
      name: 'count-unmatched-crm-activity',
      text: `SELECT count(*)::int AS count FROM (
          SELECT FROM "CrmActivity" WHERE "accountId" = $1 AND "leadId" IS NULL LIMIT ${mostCounted + 1}) found`,
      values: [accountId],
    });
    const found = counted[0]?.count ?? 0;
    return { count: Math.min(found, mostCounted), exact: found <= mostCounted };
  });
  return toConnection(rows, page, (row) => encodeCursor(unmatched, [row.id]), total);
}

export async function loadCrmActivity({ database }: Reader, accountId: string, ids: readonly string[]): Promise<(CrmActivityRow | null)[]> {
  const { rows } = await database.readPool.query<CrmActivityRow>({
    name: 'crm-activity-by-id',
    text: `SELECT ${columns} FROM "CrmActivity" WHERE id = ANY($1::uuid[]) AND "accountId" = $2`,
    values: [ids, accountId],
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}
