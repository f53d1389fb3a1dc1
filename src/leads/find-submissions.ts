import type { Submission, SubmissionOutcome } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import { createChildLoader } from '../platform/child-rows.ts';
import { type Connection, decodeCursor, encodeCursor, once, type Page, toConnection, type Total } from '../platform/connection.ts';
import { uuidOf } from '../platform/ids.ts';
import { createParameters, isStorable, type Parameters } from '../platform/parameters.ts';

type Reader = Pick<Context, 'database'>;

export interface SubmissionFilter {
  readonly outcome?: readonly SubmissionOutcome[] | null | undefined;
  readonly leadId?: string | null | undefined;
  readonly sourceId?: string | null | undefined;
  readonly dialect?: readonly string[] | null | undefined;
  readonly receivedFrom?: Date | null | undefined;
  readonly receivedTo?: Date | null | undefined;
  readonly refusedFor?: readonly string[] | null | undefined;
}

/** The receipts of one lead, newest first. */
export const findSubmissionsOfLead = createChildLoader<Submission>({ table: 'Submission', parent: 'leadId', newestFirst: true });

const cursorName = 'submissions';

/** The receipts of the account, newest first, refused ones too. */
export async function findSubmissions(
  ctx: Reader,
  accountId: string,
  filter: SubmissionFilter,
  page: Page,
): Promise<Connection<Submission>> {
  const { readPool } = ctx.database;
  const { values, add } = createParameters();
  const key = (cursor: string): string => `${add(decodeCursor(cursorName, ['uuid'], cursor)[0])}::uuid`;
  const after = page.after === null ? '' : ` AND id < ${key(page.after)}`;
  const before = page.before === null ? '' : ` AND id > ${key(page.before)}`;
  const { rows } = await readPool.query<Submission>(
    `SELECT * FROM "Submission" WHERE ${toConditions(accountId, filter, add)}${after}${before}
      ORDER BY id ${page.backward ? 'ASC' : 'DESC'} LIMIT ${add(page.limit + 1)}::int`,
    [...values],
  );
  return toConnection(
    rows,
    page,
    (submission) => encodeCursor(cursorName, [submission.id]),
    once(() => countSubmissions(ctx, accountId, filter)),
  );
}

export async function loadSubmissions({ database }: Reader, accountId: string, ids: readonly string[]): Promise<(Submission | null)[]> {
  const { rows } = await database.readPool.query<Submission>({
    name: 'submissions-by-id',
    text: 'SELECT * FROM "Submission" WHERE id = ANY($1::uuid[]) AND "accountId" = $2',
    values: [ids, accountId],
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

export function toConditions(accountId: string, filter: SubmissionFilter, add: Parameters['add']): string {
  const conditions = [`"accountId" = ${add(accountId)}::uuid`];
  if (filter.leadId != null) conditions.push(`"leadId" = ${add(uuidOf('Lead', filter.leadId))}::uuid`);
  if (filter.sourceId != null) conditions.push(`"sourceId" = ${add(uuidOf('Source', filter.sourceId))}::uuid`);
  if (filter.outcome?.length) conditions.push(`outcome = ANY(${add(filter.outcome)}::"SubmissionOutcome"[])`);
  if (filter.dialect?.length) conditions.push(`dialect = ANY(${add(filter.dialect.filter(isStorable))}::text[])`);
  if (filter.receivedFrom)
    conditions.push(`"receivedAt" >= ${add(filter.receivedFrom)}::timestamptz AND id >= ${add(idAt(filter.receivedFrom, -1))}::uuid`);
  if (filter.receivedTo)
    conditions.push(`"receivedAt" <= ${add(filter.receivedTo)}::timestamptz AND id <= ${add(idAt(filter.receivedTo, 1))}::uuid`);
  if (filter.refusedFor?.length)
    conditions.push(`outcome = 'REJECTED' AND reasons && ${add(filter.refusedFor.filter(isStorable))}::text[]`);
  return conditions.join(' AND ');
}

/** Ids begin with the time at which a server made them. Its clock may differ from the database's, but not by so much. */
const clockSlackMs = 600_000;

/** The first or last id of a moment, so that a span of time is a span of the index. */
function idAt(time: Date, side: -1 | 1): string {
  const ms = Math.max(0, time.getTime() + side * clockSlackMs);
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-${side < 0 ? '7000-8000-000000000000' : '7fff-bfff-ffffffffffff'}`;
}

const mostCounted = 100_000;

async function countSubmissions({ database }: Reader, accountId: string, filter: SubmissionFilter): Promise<Total> {
  const { values, add } = createParameters();
  const { rows } = await database.readPool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (SELECT FROM "Submission" WHERE ${toConditions(accountId, filter, add)} LIMIT ${mostCounted + 1}) found`,
    [...values],
  );
  const count = rows[0]?.count ?? 0;
  return { count, exact: count <= mostCounted };
}
