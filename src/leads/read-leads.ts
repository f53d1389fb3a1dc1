import type pg from 'pg';
import type { Lead } from '../../prisma/generated/client/client.ts';
import type { CursorKey } from '../platform/connection.ts';
import { createParameters, type Parameters } from '../platform/parameters.ts';
import type { LeadConditions } from './lead-filter.ts';

/** A stretch of an ordered list. */
export interface Slice {
  readonly order: 'NUMBER' | 'LAST_CHANGE' | 'STAGE';
  readonly descending: boolean;
  /** The sort keys of the rows that the stretch lies between, in the direction of reading. */
  readonly from: readonly CursorKey[] | null;
  readonly until: readonly CursorKey[] | null;
  readonly skip: number;
  readonly take: number;
}

/** How the stages of the leads to read follow each other. */
export interface StageOrder {
  readonly names: readonly string[];
  readonly positions: readonly number[];
}

/**
 * How many leads to look through, in order, before something else is tried: what is common fills a page of them at once, and what is not
 * found among them is rare enough to be gathered by an index and sorted.
 */
const walkedLeads = 12_000;
/** Fewer where each costs a look at its words. */
const walkedWords = 8000;

/** Reads a stretch of the leads that match, in at most two statements. */
export async function readLeads(pool: pg.Pool, conditions: LeadConditions, slice: Slice, stages: StageOrder | null): Promise<Lead[]> {
  if (slice.order === 'STAGE' && stages) {
    return conditions.words === null ? readByStage(pool, conditions, slice, stages) : gather(pool, conditions, slice, stages);
  }
  const exhaustive = isAnsweredInOrder(conditions, slice);
  const walked = await walk(pool, conditions, slice, exhaustive ? null : conditions.text ? walkedWords : walkedLeads);
  return exhaustive || walked.length === slice.take ? walked : gather(pool, conditions, slice, null);
}

/** Whether the index that gives the order passes over little that does not match. */
const isAnsweredInOrder = (conditions: LeadConditions, { order }: Slice): boolean =>
  order === 'LAST_CHANGE' ? !conditions.restricts : conditions.words === null && conditions.seqs === null;

async function walk(pool: pg.Pool, conditions: LeadConditions, slice: Slice, most: number | null): Promise<Lead[]> {
  const { values, add } = createParameters();
  const inLog = slice.order === 'LAST_CHANGE';
  const inner = inLog ? alongTheLog(conditions, slice, most, add) : alongTheNumbers(conditions, slice, most, add);
  // OFFSET 0 keeps the planner from turning the walk around: it stops as soon as the page is full.
  const text = conditions.text
    ? `CROSS JOIN LATERAL (SELECT FROM "LeadSearch" s WHERE s."accountId" = l."accountId" AND s.number = l.number
        AND s.words @@ ${add(conditions.text.everyWord)}::tsquery OFFSET 0) s`
    : '';
  const sql = `SELECT l.* FROM ${inner} ${text} WHERE ${conditions.onRow(add)}
    ORDER BY ${inLog ? 'c.seq' : 'l.number'} ${direction(slice)} ${limit(slice, add)}`;
  return (await pool.query<Lead>(sql, [...values])).rows;
}

const alongTheNumbers = (conditions: LeadConditions, slice: Slice, most: number | null, add: Parameters['add']): string =>
  `(SELECT * FROM "Lead" l WHERE ${conditions.indexed(add)}${between(slice, ['l.number'], add)}
    ORDER BY l.number ${direction(slice)} ${most === null ? '' : `LIMIT ${most}`}) l`;

/** The log holds a change for every alteration of a lead; the one that the lead itself names was its last. */
const alongTheLog = (conditions: LeadConditions, slice: Slice, most: number | null, add: Parameters['add']): string =>
  `(SELECT c."leadId", c.seq FROM "Change" c WHERE ${inTheLog(conditions, add)}${between(slice, ['c.seq'], add)}
      ORDER BY c.seq ${direction(slice)} ${most === null ? '' : `LIMIT ${most}`}) c
    JOIN LATERAL (SELECT * FROM "Lead" l WHERE ${sameChange} AND ${conditions.indexed(add)} OFFSET 0) l ON true`;

const inTheLog = ({ accountId, seqs }: LeadConditions, add: Parameters['add']): string =>
  `c."accountId" = ${add(accountId)}::uuid${seqs ? ` AND c.seq BETWEEN ${add(seqs.low)}::bigint AND ${add(seqs.high)}::bigint` : ''}`;

/** By another index than the one of the order: the words, the log, or whatever the planner finds best. */
async function gather(pool: pg.Pool, conditions: LeadConditions, slice: Slice, stages: StageOrder | null): Promise<Lead[]> {
  if (conditions.words !== null && slice.order === 'NUMBER') return gatherByWordsInOrder(pool, conditions, slice);
  const { values, add } = createParameters();
  const found =
    conditions.words !== null
      ? leadsOf(`(${foundByWords(conditions, add)} OFFSET 0) f`, sameNumber, conditions, add)
      : conditions.seqs
        ? `${leadsOf('"Change" c', sameChange, conditions, add)} WHERE ${inTheLog(conditions, add)}`
        : `SELECT * FROM "Lead" l WHERE ${conditions.indexed(add)} AND ${conditions.onRow(add)}`;
  const sql = `SELECT l.* FROM (${found}) l ${stages ? `JOIN ${stageTable(stages, add)} ON s.name = l.stage` : ''}
    WHERE true${between(slice, columns[slice.order], add)} ORDER BY ${orderBy(slice)} ${limit(slice, add)}`;
  return (await pool.query<Lead>(sql, [...values])).rows;
}

/** The words know the number, so the order is made before the leads are read: no more of them than the page needs. */
async function gatherByWordsInOrder(pool: pg.Pool, conditions: LeadConditions, slice: Slice): Promise<Lead[]> {
  const { values, add } = createParameters();
  const found = `(${foundByWords(conditions, add)}${between(slice, ['s.number'], add)} ORDER BY s.number ${direction(slice)}) f`;
  const sql = `${leadsOf(found, sameNumber, conditions, add)} ORDER BY f.number ${direction(slice)} ${limit(slice, add)}`;
  return (await pool.query<Lead>(sql, [...values])).rows;
}

const sameNumber = 'l."accountId" = f."accountId" AND l.number = f.number';
const sameChange = 'l.id = c."leadId" AND l."lastSeq" = c.seq';

const leadsOf = (from: string, on: string, conditions: LeadConditions, add: Parameters['add']): string =>
  `SELECT l.* FROM ${from} JOIN LATERAL (
    SELECT * FROM "Lead" l WHERE ${on} AND ${conditions.indexed(add)} AND ${conditions.onRow(add)} OFFSET 0) l ON true`;

/** The words carry only the end of the account's id, so the account is compared as well. */
function foundByWords({ accountId, words, text, numbers }: LeadConditions, add: Parameters['add']): string {
  const rest = text && text.everyWord !== text.tellingWords ? ` AND (s.words || ''::tsvector) @@ ${add(text.everyWord)}::tsquery` : '';
  return `SELECT s."accountId", s.number FROM "LeadSearch" s
    WHERE s.words @@ ${add(words)}::tsquery AND s."accountId" = ${add(accountId)}::uuid${rest}
    ${numbers ? `AND s.number BETWEEN ${add(numbers.low)}::int AND ${add(numbers.high)}::int` : ''}`;
}

/** Stage after stage along the pipeline, whose order the database does not know: one short read for each stage, merged. */
async function readByStage(pool: pg.Pool, conditions: LeadConditions, slice: Slice, stages: StageOrder): Promise<Lead[]> {
  const { values, add } = createParameters();
  const sql = `SELECT l.* FROM ${stageTable(stages, add)} CROSS JOIN LATERAL (
      SELECT * FROM "Lead" l WHERE ${conditions.indexed(add)} AND l.stage = s.name AND ${conditions.onRow(add)}${between(slice, columns.STAGE, add)}
      ORDER BY l.number ${direction(slice)} LIMIT ${add(slice.take)}::bigint) l
    ORDER BY ${orderBy(slice)} ${limit(slice, add)}`;
  return (await pool.query<Lead>(sql, [...values])).rows;
}

const stageTable = ({ names, positions }: StageOrder, add: Parameters['add']): string =>
  `unnest(${add(names)}::text[], ${add(positions)}::int[]) AS s(name, position)`;

const columns = { NUMBER: ['l.number'], LAST_CHANGE: ['l."lastSeq"'], STAGE: ['s.position', 'l.number'] } as const;

const direction = ({ descending }: Slice): string => (descending ? 'DESC' : 'ASC');

const orderBy = (slice: Slice): string => columns[slice.order].map((column) => `${column} ${direction(slice)}`).join(', ');

const limit = ({ take, skip }: Slice, add: Parameters['add']): string => `LIMIT ${add(take)}::bigint OFFSET ${add(skip)}::bigint`;

function between({ descending, from, until }: Slice, names: readonly string[], add: Parameters['add']): string {
  const compare = (operator: string, keys: readonly CursorKey[]): string =>
    ` AND (${names.join(', ')}) ${operator} (${keys.map((key) => `${add(key)}::bigint`).join(', ')})`;
  const [later, earlier] = descending ? ['<', '>'] : ['>', '<'];
  return (from ? compare(later, from) : '') + (until ? compare(earlier, until) : '');
}

/** Every stage that a lead stands in, also those that left the configuration: one step of the index for each. */
export async function readStageNames(pool: pg.Pool, accountId: string): Promise<string[]> {
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
