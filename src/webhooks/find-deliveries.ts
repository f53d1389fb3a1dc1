import type { Attempt, Delivery, DeliveryStatus } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import { type Connection, decodeCursor, encodeCursor, once, type Page, toConnection, type Total } from '../platform/connection.ts';
import { createParameters } from '../platform/parameters.ts';

type Reader = Pick<Context, 'database'>;

const cursorName = 'deliveries';
const countedExactly = 100_000;
const open: readonly DeliveryStatus[] = ['PENDING', 'RETRYING'];

/** The deliveries of a webhook, newest first. */
export async function findDeliveries(
  { database }: Reader,
  webhookId: string,
  status: readonly DeliveryStatus[] | null,
  page: Page,
): Promise<Connection<Delivery>> {
  const { values, add } = createParameters(webhookId);
  const key = (cursor: string): string => `${add(decodeCursor(cursorName, ['uuid'], cursor)[0])}::uuid`;
  const after = page.after === null ? '' : ` AND id < ${key(page.after)}`;
  const before = page.before === null ? '' : ` AND id > ${key(page.before)}`;
  const { rows } = await database.readPool.query<Delivery>(
    `SELECT * FROM "Delivery" WHERE "webhookId" = $1${toCondition(status)}${after}${before}
      ORDER BY id ${page.backward ? 'ASC' : 'DESC'} LIMIT ${add(page.limit + 1)}::int`,
    [...values],
  );
  return toConnection(
    rows,
    page,
    ({ id }) => encodeCursor(cursorName, [id]),
    once(() => countDeliveries({ database }, webhookId, status)),
  );
}

async function countDeliveries({ database }: Reader, webhookId: string, status: readonly DeliveryStatus[] | null): Promise<Total> {
  const { rows } = await database.readPool.query<{ readonly count: number }>(
    `SELECT count(*)::int AS count FROM (
      SELECT FROM "Delivery" WHERE "webhookId" = $1${toCondition(status)} LIMIT ${countedExactly + 1}) found`,
    [webhookId],
  );
  const count = rows[0]?.count ?? 0;
  return { count: Math.min(count, countedExactly), exact: count <= countedExactly };
}

/** In words rather than as a parameter: so the planner knows that an index of some statuses holds all that are asked for. */
function toCondition(status: readonly DeliveryStatus[] | null): string {
  if (!status?.length) return '';
  const wanted = status.map((name) => `'${name}'`).join(', ');
  return ` AND status IN (${wanted})${status.every((name) => open.includes(name)) ? ` AND status IN ('PENDING', 'RETRYING')` : ''}`;
}

/** Deliveries of the account by id, null where there is none. */
export async function loadDeliveries({ database }: Reader, accountId: string, ids: readonly string[]): Promise<(Delivery | null)[]> {
  const { rows } = await database.readPool.query<Delivery>({
    name: 'deliveries-by-id',
    text: `SELECT d.* FROM "Webhook" w JOIN "Delivery" d ON d."webhookId" = w.id AND d.id = ANY($2::uuid[]) WHERE w."accountId" = $1`,
    values: [accountId, ids],
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** The deliveries of each change, in the order of the changes. */
export async function loadDeliveriesOfChanges({ database }: Reader, accountId: string, seqs: readonly bigint[]): Promise<Delivery[][]> {
  const { rows } = await database.readPool.query<Delivery>({
    name: 'deliveries-of-changes',
    text: `SELECT d.* FROM "Webhook" w JOIN "Delivery" d ON d."webhookId" = w.id AND d.seq = ANY($2::bigint[]) WHERE w."accountId" = $1 ORDER BY d.id`,
    values: [accountId, seqs],
  });
  return seqs.map((seq) => rows.filter((row) => row.seq === seq));
}

/** The tries of each delivery, first to last. */
export async function loadAttempts({ database }: Reader, ids: readonly string[]): Promise<Attempt[][]> {
  const { rows } = await database.readPool.query<Attempt>({
    name: 'attempts-of-deliveries',
    text: 'SELECT * FROM "Attempt" WHERE "deliveryId" = ANY($1::uuid[]) ORDER BY number',
    values: [ids],
  });
  return ids.map((id) => rows.filter(({ deliveryId }) => deliveryId === id));
}
