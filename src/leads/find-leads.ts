import type { Lead } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import type { Pipeline } from '../pipeline/stage.ts';
import { type Connection, decodeCursor, encodeCursor, once, type Page, toConnection, type Total } from '../platform/connection.ts';
import { countLeads } from './count-leads.ts';
import { type LeadConditions, type LeadFilter, toConditions } from './lead-filter.ts';
import { findSpans } from './lead-spans.ts';
import type { Slice } from './lead-slice.ts';
import { readLeads } from './read-leads.ts';
import { readLeadsByStage, type StagePlace } from './read-stages.ts';

export type LeadOrder = 'NEWEST' | 'OLDEST' | 'RECENTLY_UPDATED' | 'STAGE';

type Reader = Pick<Context, 'database' | 'pipeline'>;

export interface LeadQuery {
  readonly filter: LeadFilter;
  readonly orderBy: LeadOrder;
  readonly page: Page;
  /** What to read of each lead beside its keys; null or left out: everything. */
  readonly columns?: readonly string[] | null;
}

/** A page of the account's leads, by keyset: its cost does not grow with the place in the list. */
export async function findLeads(
  ctx: Reader,
  accountId: string,
  { filter, orderBy, page, columns = null }: LeadQuery,
): Promise<Connection<Lead>> {
  const { readPool } = ctx.database;
  const order = orders[orderBy];
  const toKeys = (cursor: string | null) => (cursor === null ? null : decodeCursor(order.name, order.kinds, cursor).map(Number));
  const [after, before] = [toKeys(page.after), toKeys(page.before)];
  const ends = page.backward ? { from: before, until: after } : { from: after, until: before };
  const slice = { ...ends, descending: order.descending !== page.backward, take: page.limit + 1, columns };
  const conditions = await prepare(ctx, accountId, filter);
  const rows = conditions === null ? [] : await order.read(ctx, conditions, slice);
  const cursorOf = (lead: Lead): string => encodeCursor(order.name, order.keysOf(lead, ctx.pipeline));
  const total = once(() => countLeads(readPool, conditions));
  return toConnection(rows, page, cursorOf, total);
}

export interface LeadPage {
  readonly nodes: readonly Lead[];
  readonly page: number;
  readonly limit: number;
  readonly total: () => Promise<Total>;
}

/** The newest leads by page number, as the documented REST list counts them. */
export async function findLeadPage(ctx: Reader, accountId: string, filter: LeadFilter, page: number, limit: number): Promise<LeadPage> {
  const { readPool } = ctx.database;
  const conditions = await prepare(ctx, accountId, filter);
  const slice = {
    order: 'NUMBER',
    descending: true,
    from: null,
    until: null,
    skip: (page - 1) * limit,
    take: limit,
    columns: null,
  } as const;
  const nodes = conditions === null ? [] : await readLeads(readPool, conditions, slice);
  return { nodes, page, limit, total: once(() => countLeads(readPool, conditions)) };
}

/** A stretch of a list between the sort keys of two rows, in the direction of reading. */
interface KeySlice {
  readonly descending: boolean;
  readonly from: readonly number[] | null;
  readonly until: readonly number[] | null;
  readonly take: number;
  readonly columns: readonly string[] | null;
}

interface Order {
  /** What its cursors say, so that those of another order are refused. */
  readonly name: string;
  readonly descending: boolean;
  readonly kinds: readonly ('int' | 'bigint')[];
  readonly keysOf: (lead: Lead, pipeline: Pipeline) => readonly number[];
  readonly read: (ctx: Reader, conditions: LeadConditions, slice: KeySlice) => Promise<Lead[]>;
}

const readBy =
  (order: Slice['order']): Order['read'] =>
  ({ database }, conditions, { from, until, ...rest }) =>
    readLeads(database.readPool, conditions, { ...rest, order, from: from?.[0] ?? null, until: until?.[0] ?? null, skip: 0 });

const toStagePlace = (keys: readonly number[] | null): StagePlace | null => keys && { position: keys[0] ?? 0, number: keys[1] ?? 0 };

const byNumber: Omit<Order, 'descending'> = { name: 'number', kinds: ['int'], keysOf: ({ number }) => [number], read: readBy('NUMBER') };

const orders: Readonly<Record<LeadOrder, Order>> = {
  NEWEST: { ...byNumber, descending: true },
  OLDEST: { ...byNumber, descending: false },
  // The seq of a lead's last change rises with the time of that change, and no two leads share one.
  RECENTLY_UPDATED: {
    name: 'changed',
    descending: true,
    kinds: ['bigint'],
    keysOf: ({ lastSeq }) => [Number(lastSeq)],
    read: readBy('LAST_CHANGE'),
  },
  STAGE: {
    name: 'stage',
    descending: false,
    kinds: ['int', 'int'],
    keysOf: ({ stage, number }, pipeline) => [pipeline.get(stage).position, number],
    read: ({ database, pipeline }, conditions, { from, until, ...rest }) =>
      readLeadsByStage(database.readPool, pipeline, conditions, { ...rest, from: toStagePlace(from), until: toStagePlace(until) }),
  },
};

/** Null: no lead can match. */
async function prepare(ctx: Reader, accountId: string, filter: LeadFilter): Promise<LeadConditions | null> {
  const spans = await findSpans(ctx.database.readPool, accountId, filter);
  return spans && toConditions(accountId, ctx.pipeline, filter, spans);
}
