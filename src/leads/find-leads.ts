import type { Lead } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import type { Pipeline } from '../pipeline/stage.ts';
import {
  type Connection,
  type CursorKey,
  decodeCursor,
  encodeCursor,
  once,
  type Page,
  toConnection,
  type Total,
} from '../platform/connection.ts';
import { countLeads } from './count-leads.ts';
import { type LeadConditions, type LeadFilter, toConditions } from './lead-filter.ts';
import { findSpans } from './lead-spans.ts';
import { readLeads, readStageNames, type Slice } from './read-leads.ts';

export type LeadOrder = 'NEWEST' | 'OLDEST' | 'RECENTLY_UPDATED' | 'STAGE';

type Reader = Pick<Context, 'database' | 'pipeline'>;

export interface LeadQuery {
  readonly filter: LeadFilter;
  readonly orderBy: LeadOrder;
  readonly page: Page;
}

/** A page of the account's leads, by keyset: its cost does not grow with the place in the list. */
export async function findLeads(ctx: Reader, accountId: string, { filter, orderBy, page }: LeadQuery): Promise<Connection<Lead>> {
  const order = orders[orderBy];
  const slice = toSlice(order, page);
  const conditions = await prepare(ctx, accountId, filter);
  const rows =
    conditions === null ? [] : await readLeads(ctx.database.readPool, conditions, slice, await stageOrder(ctx, conditions, slice));
  const cursorOf = (lead: Lead): string => encodeCursor(order.name, order.keysOf(lead, ctx.pipeline));
  const total = once(() => countLeads(ctx.database.readPool, conditions));
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
  const slice = { order: 'NUMBER', descending: true, from: null, until: null, skip: (page - 1) * limit, take: limit } as const;
  const nodes = conditions === null ? [] : await readLeads(readPool, conditions, slice, null);
  return { nodes, page, limit, total: once(() => countLeads(readPool, conditions)) };
}

interface Order {
  /** What its cursors say, so that those of another order are refused. */
  readonly name: string;
  readonly sortedBy: Slice['order'];
  readonly descending: boolean;
  readonly kinds: readonly ('int' | 'bigint')[];
  readonly keysOf: (lead: Lead, pipeline: Pipeline) => readonly CursorKey[];
}

const byNumber = { name: 'number', sortedBy: 'NUMBER', kinds: ['int'], keysOf: ({ number }: Lead) => [number] } as const;

const orders: Readonly<Record<LeadOrder, Order>> = {
  NEWEST: { ...byNumber, descending: true },
  OLDEST: { ...byNumber, descending: false },
  // The seq of a lead's last change rises with the time of that change, and no two leads share one.
  RECENTLY_UPDATED: {
    name: 'changed',
    sortedBy: 'LAST_CHANGE',
    descending: true,
    kinds: ['bigint'],
    keysOf: ({ lastSeq }) => [Number(lastSeq)],
  },
  STAGE: {
    name: 'stage',
    sortedBy: 'STAGE',
    descending: false,
    kinds: ['int', 'int'],
    keysOf: ({ stage, number }, pipeline) => [pipeline.get(stage).position, number],
  },
};

function toSlice({ name, sortedBy, descending, kinds }: Order, { limit, backward, after, before }: Page): Slice {
  const [later, earlier] = [after, before].map((cursor) => (cursor === null ? null : decodeCursor(name, kinds, cursor)));
  const ends = backward ? { from: earlier, until: later } : { from: later, until: earlier };
  return {
    order: sortedBy,
    descending: descending !== backward,
    from: ends.from ?? null,
    until: ends.until ?? null,
    skip: 0,
    take: limit + 1,
  };
}

/** Null: no lead can match. */
async function prepare(ctx: Reader, accountId: string, filter: LeadFilter): Promise<LeadConditions | null> {
  const spans = await findSpans(ctx.database.readPool, accountId, filter);
  return spans && toConditions(accountId, ctx.pipeline, filter, spans);
}

async function stageOrder(ctx: Reader, conditions: LeadConditions, slice: Slice) {
  if (slice.order !== 'STAGE') return null;
  const names = conditions.stages ?? (await readStageNames(ctx.database.readPool, conditions.accountId));
  return { names, positions: names.map((name) => ctx.pipeline.get(name).position) };
}
