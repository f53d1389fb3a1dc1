import type pg from 'pg';
import type { Lead } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import { type Connection, type CursorKey, decodeCursor, encodeCursor, once, type Page, toConnection } from '../platform/connection.ts';
import { createParameters, type Parameters } from '../platform/parameters.ts';
import { countLeads } from './count-leads.ts';
import { type LeadConditions, type LeadFilter, type NumberSpan, toConditions } from './lead-filter.ts';

export type LeadOrder = 'NEWEST' | 'OLDEST' | 'RECENTLY_UPDATED' | 'STAGE';

type Reader = Pick<Context, 'database' | 'pipeline'>;

export interface LeadQuery {
  readonly filter: LeadFilter;
  readonly orderBy: LeadOrder;
  readonly page: Page;
}

/** A page of the account's leads, by keyset: its cost does not grow with the place in the list. */
export async function findLeads(ctx: Reader, accountId: string, { filter, orderBy, page }: LeadQuery): Promise<Connection<Lead>> {
  const { readPool } = ctx.database;
  const conditions = await prepare(ctx, accountId, filter);
  const slice = toSlice(orderBy, page);
  const rows =
    conditions === null
      ? []
      : orderBy === 'STAGE'
        ? await readByStage(ctx, conditions, slice)
        : await readSlice(readPool, conditions, slice);
  const cursorOf = (lead: Lead): string => orders[orderBy].cursorOf(lead, (stage) => ctx.pipeline.get(stage).position);
  return toConnection(
    rows,
    page,
    cursorOf,
    once(() => countLeads(readPool, conditions)),
  );
}

export interface LeadPage {
  readonly nodes: readonly Lead[];
  readonly page: number;
  readonly limit: number;
  readonly total: () => Promise<{ readonly count: number; readonly exact: boolean }>;
}

/** The newest leads by page number, as the documented REST list counts them. */
export async function findLeadPage(ctx: Reader, accountId: string, filter: LeadFilter, page: number, limit: number): Promise<LeadPage> {
  const { readPool } = ctx.database;
  const conditions = await prepare(ctx, accountId, filter);
  const slice: Slice = { order: orders.NEWEST, backward: false, after: null, before: null, skip: (page - 1) * limit, take: limit };
  const nodes = conditions === null ? [] : await readSlice(readPool, conditions, slice);
  return { nodes, page, limit, total: once(() => countLeads(readPool, conditions)) };
}

interface Order {
  /** The columns of the row `l` that decide the place; the last one is unique. */
  readonly columns: readonly { readonly sql: string; readonly parameter: (key: CursorKey, add: Parameters['add']) => string }[];
  readonly descending: boolean;
  readonly decode: (cursor: string) => readonly CursorKey[];
  readonly cursorOf: (lead: Lead, positionOf: (stage: string) => number) => string;
}

const byNumber = { sql: 'l.number', parameter: (key: CursorKey, add: Parameters['add']) => `${add(key)}::int` };
const byUpdate = { sql: 'l."updatedAt"', parameter: (key: CursorKey, add: Parameters['add']) => `${add(new Date(key))}::timestamptz` };
const byPosition = { sql: 's.position', parameter: byNumber.parameter };

const numberOrder = {
  columns: [byNumber],
  decode: (cursor: string) => decodeCursor('number', ['int'], cursor),
  cursorOf: (lead: Lead) => encodeCursor('number', [lead.number]),
};

const orders: Readonly<Record<LeadOrder, Order>> = {
  NEWEST: { ...numberOrder, descending: true },
  OLDEST: { ...numberOrder, descending: false },
  RECENTLY_UPDATED: {
    columns: [byUpdate, byNumber],
    descending: true,
    decode: (cursor) => decodeCursor('updated', ['time', 'int'], cursor),
    cursorOf: (lead) => encodeCursor('updated', [lead.updatedAt.getTime(), lead.number]),
  },
  STAGE: {
    columns: [byPosition, byNumber],
    descending: false,
    decode: (cursor) => decodeCursor('stage', ['int', 'int'], cursor),
    cursorOf: (lead, positionOf) => encodeCursor('stage', [positionOf(lead.stage), lead.number]),
  },
};

interface Slice {
  readonly order: Order;
  readonly backward: boolean;
  readonly after: readonly CursorKey[] | null;
  readonly before: readonly CursorKey[] | null;
  readonly skip: number;
  readonly take: number;
}

function toSlice(orderBy: LeadOrder, page: Page): Slice {
  const order = orders[orderBy];
  const decode = (cursor: string | null) => (cursor === null ? null : order.decode(cursor));
  return { order, backward: page.backward, after: decode(page.after), before: decode(page.before), skip: 0, take: page.limit + 1 };
}

/** Null: no lead can match. */
async function prepare(ctx: Reader, accountId: string, filter: LeadFilter): Promise<LeadConditions | null> {
  if (!filter.createdFrom && !filter.createdTo) return toConditions(accountId, ctx.pipeline, filter, null);
  const span = await findNumberSpan(ctx.database.readPool, accountId, filter);
  return span && toConditions(accountId, ctx.pipeline, filter, span);
}

/** A second on each side, for a clock that was set back; the rows' own times are compared as well. */
async function findNumberSpan(pool: pg.Pool, accountId: string, filter: LeadFilter): Promise<NumberSpan | null> {
  const edge = (aggregate: string, operator: string, direction: string, interval: string, parameter: string): string =>
    `(SELECT ${aggregate}(number) FROM "Lead" WHERE "accountId" = $1 AND "createdAt" =
      (SELECT "createdAt" FROM "Lead" WHERE "accountId" = $1 AND "createdAt" ${operator} ${parameter}::timestamptz ${interval}
        ORDER BY "createdAt" ${direction} LIMIT 1))`;
  const { rows } = await pool.query<{ low: number | null; high: number | null }>({
    name: 'lead-number-span',
    text: `SELECT ${edge('min', '>=', 'ASC', "- interval '1 second'", '$2')} AS low, ${edge('max', '<=', 'DESC', "+ interval '1 second'", '$3')} AS high`,
    values: [accountId, filter.createdFrom ?? '-infinity', filter.createdTo ?? 'infinity'],
  });
  const [found] = rows;
  return found?.low == null || found.high === null ? null : { low: found.low, high: found.high };
}

/** `ORDER BY` and what a page's cursors mean, in the direction of reading. */
function orderClauses(
  { order, backward, after, before }: Slice,
  add: Parameters['add'],
): { readonly where: string; readonly orderBy: string } {
  const names = order.columns.map((column) => column.sql).join(', ');
  const compare = (operator: string, keys: readonly CursorKey[]): string =>
    ` AND (${names}) ${operator} (${keys.map((key, i) => order.columns[i]?.parameter(key, add)).join(', ')})`;
  const [later, earlier] = order.descending ? ['<', '>'] : ['>', '<'];
  return {
    where: (after ? compare(later, after) : '') + (before ? compare(earlier, before) : ''),
    orderBy: order.columns.map((column) => `${column.sql} ${order.descending === backward ? 'ASC' : 'DESC'}`).join(', '),
  };
}

/** How many leads to look through, in order, before a search asks the text index: a word that is not found among them is rare enough for it. */
const walkedLeads = 3000;

async function readSlice(pool: pg.Pool, conditions: LeadConditions, slice: Slice): Promise<Lead[]> {
  if (!conditions.worded) return readInOrder(pool, conditions, slice);
  const walked = await walk(pool, conditions, slice);
  return walked.length === slice.take ? walked : readByWords(pool, conditions, slice);
}

/** Along the index that the order or a filter names, until the page is full. */
async function readInOrder(pool: pg.Pool, conditions: LeadConditions, slice: Slice): Promise<Lead[]> {
  const { values, add } = createParameters();
  const { where, orderBy } = orderClauses(slice, add);
  const text = `SELECT l.* FROM "Lead" l WHERE ${conditions.indexed(add)}${where} ORDER BY ${orderBy} ${limit(slice, add)}`;
  return (await pool.query<Lead>(text, [...values])).rows;
}

const limit = ({ take, skip }: Slice, add: Parameters['add']): string => `LIMIT ${add(take)}::bigint OFFSET ${add(skip)}::bigint`;

async function walk(pool: pg.Pool, conditions: LeadConditions, slice: Slice): Promise<Lead[]> {
  const { values, add } = createParameters();
  const { where, orderBy } = orderClauses(slice, add);
  const { text, onLead } = conditions.worded ?? { text: null, onLead: () => 'true' };
  // OFFSET 0 keeps the planner from turning the walk around: it stops as soon as the page is full.
  const textMatch =
    text &&
    `CROSS JOIN LATERAL (SELECT FROM "LeadSearch" s WHERE s."accountId" = l."accountId" AND s.number = l.number
      AND s.words @@ ${add(text.everyWord)}::tsquery OFFSET 0) s`;
  const sql = `SELECT l.* FROM (
      SELECT * FROM "Lead" l WHERE ${conditions.indexed(add)}${where} ORDER BY ${orderBy} LIMIT ${walkedLeads}) l
    ${textMatch ?? ''} WHERE ${onLead(add)} ORDER BY ${orderBy} ${limit(slice, add)}`;
  return (await pool.query<Lead>(sql, [...values])).rows;
}

/** From the text index to the leads, which are few. */
async function readByWords(pool: pg.Pool, conditions: LeadConditions, slice: Slice, stages?: StageSpan): Promise<Lead[]> {
  const { values, add } = createParameters();
  const { where, orderBy } = orderClauses(slice, add);
  const sql = `${foundByWords(conditions, add)} SELECT l.* FROM found f
    CROSS JOIN LATERAL (SELECT * FROM "Lead" l WHERE l."accountId" = f."accountId" AND l.number = f.number AND ${conditions.indexed(add)}
      AND ${conditions.worded?.onLead(add) ?? 'true'} OFFSET 0) l
    ${stages ? `JOIN ${stageTable(stages, add)} ON s.name = l.stage` : ''}
    WHERE true${where} ORDER BY ${orderBy} ${limit(slice, add)}`;
  return (await pool.query<Lead>(sql, [...values])).rows;
}

/** The words carry only the end of the account's id, so the account is compared as well. */
export function foundByWords({ accountId, worded }: LeadConditions, add: Parameters['add']): string {
  const { text, indexQuery } = worded ?? { text: null, indexQuery: '' };
  return `WITH found AS MATERIALIZED (SELECT s."accountId", s.number FROM "LeadSearch" s
    WHERE s.words @@ ${add(indexQuery)}::tsquery AND s."accountId" = ${add(accountId)}::uuid
    ${text && text.everyWord !== indexQuery ? `AND (s.words || ''::tsvector) @@ ${add(text.everyWord)}::tsquery` : ''})`;
}

interface StageSpan {
  readonly names: readonly string[];
  readonly positions: readonly number[];
}

const stageTable = ({ names, positions }: StageSpan, add: Parameters['add']): string =>
  `unnest(${add(names)}::text[], ${add(positions)}::int[]) AS s(name, position)`;

/** Stage after stage along the pipeline, which the database does not know: one short read for each stage, merged. */
async function readByStage(ctx: Reader, conditions: LeadConditions, slice: Slice): Promise<Lead[]> {
  const { readPool } = ctx.database;
  const names = conditions.stages ?? (await findStageNames(readPool, conditions.accountId));
  const stages = { names, positions: names.map((name) => ctx.pipeline.get(name).position) };
  if (conditions.worded) return readByWords(readPool, conditions, slice, stages);
  const { values, add } = createParameters();
  const { where, orderBy } = orderClauses(slice, add);
  const direction = slice.backward ? 'DESC' : 'ASC';
  const sql = `SELECT l.* FROM ${stageTable(stages, add)} CROSS JOIN LATERAL (
      SELECT * FROM "Lead" l WHERE ${conditions.indexed(add)} AND l.stage = s.name${where} ORDER BY l.number ${direction} LIMIT ${slice.take}) l
    ORDER BY ${orderBy} LIMIT ${slice.take}`;
  return (await readPool.query<Lead>(sql, [...values])).rows;
}

/** Every stage that a lead stands in, also those that left the configuration: one step of the index for each. */
async function findStageNames(pool: pg.Pool, accountId: string): Promise<string[]> {
  const { rows } = await pool.query<{ stage: string }>({
    name: 'stages-in-use',
    text: `WITH RECURSIVE used AS (
        (SELECT stage FROM "Lead" WHERE "accountId" = $1 ORDER BY stage LIMIT 1)
        UNION ALL
        SELECT (SELECT stage FROM "Lead" WHERE "accountId" = $1 AND stage > used.stage ORDER BY stage LIMIT 1) FROM used WHERE used.stage IS NOT NULL)
      SELECT stage FROM used WHERE stage IS NOT NULL`,
    values: [accountId],
  });
  return rows.map((row) => row.stage);
}
