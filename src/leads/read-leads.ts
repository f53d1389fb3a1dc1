import type pg from 'pg';
import type { Lead } from '../../prisma/generated/client/client.ts';
import { createParameters, type Parameters } from '../platform/parameters.ts';
import { readRows } from '../platform/read-rows.ts';
import { indexedConditions, type LeadConditions } from './lead-filter.ts';
import { isAnsweredByWords, readByWords } from './read-by-words.ts';
import { direction, limit, selectLeads, type Slice } from './lead-slice.ts';
import type { TextQuery } from './search-leads.ts';

/**
 * How many leads to look through, in order, before something else is tried: what is common fills a page of them at once, and what is not
 * found among them is rare enough to be gathered by an index and sorted.
 */
const walkedLeads = 12_000;
/** Fewer where each costs a look at its words. */
const walkedWords = 8000;

/** Reads a stretch of the leads that match, in a few statements at most. */
export async function readLeads(pool: pg.Pool, conditions: LeadConditions, slice: Slice): Promise<Lead[]> {
  if (isAnsweredByWords(conditions, slice)) return readByWords(pool, conditions, slice);
  return (await walkLeads(pool, conditions, slice)) ?? gather(pool, conditions, slice);
}

/** Looks for a stretch of the leads that match in their order; null when that would take long. `share`: how much of the usual walk it may take. */
export async function walkLeads(pool: pg.Pool, conditions: LeadConditions, slice: Slice, share = 1): Promise<Lead[] | null> {
  const exhaustive = isAnsweredInOrder(conditions, slice);
  const most = Math.ceil((conditions.text ? walkedWords : walkedLeads) * share);
  const walked = await walk(pool, conditions, slice, exhaustive ? null : most);
  return exhaustive || walked.length === slice.take ? walked : null;
}

/** Whether the index that gives the order passes over little that does not match. */
const isAnsweredInOrder = (conditions: LeadConditions, { order }: Slice): boolean =>
  order === 'LAST_CHANGE' ? !conditions.restricts : conditions.words === null && conditions.seqs === null && conditions.firedEvent === null;

async function walk(pool: pg.Pool, conditions: LeadConditions, slice: Slice, most: number | null): Promise<Lead[]> {
  const { values, add } = createParameters();
  const inLog = slice.order === 'LAST_CHANGE';
  const inner = inLog ? alongTheLog(conditions, slice, most, add) : alongTheNumbers(conditions, slice, most, add);
  const text = conditions.text && !inLog ? withWords('s."accountId" = l."accountId" AND s.number = l.number', conditions.text, add) : '';
  const first = slice.skip === 0 ? `LIMIT ${slice.take}` : null;
  const sql = `${selectLeads(slice)} FROM ${inner} ${text} WHERE ${conditions.onRow(add)}
    ORDER BY ${inLog ? 'c.seq' : 'l.number'} ${direction(slice)} ${first ?? limit(slice, add)}`;
  return first ? readRows(pool, sql, values) : (await pool.query<Lead>(sql, [...values])).rows;
}

/** OFFSET 0 keeps the planner from turning the walk around: it stops as soon as the page is full. */
const withWords = (on: string, { everyWord }: TextQuery, add: Parameters['add']): string =>
  `CROSS JOIN LATERAL (SELECT FROM "LeadSearch" s WHERE ${on} AND s.words @@ ${add(everyWord)}::tsquery OFFSET 0) s`;

const alongTheNumbers = (conditions: LeadConditions, slice: Slice, most: number | null, add: Parameters['add']): string =>
  `(SELECT * FROM "Lead" l WHERE ${indexedConditions(conditions, add)}${between(slice, 'l.number', add)}
    ORDER BY l.number ${direction(slice)} ${most === null ? '' : `LIMIT ${most}`}) l`;

/** The log holds a change for every alteration of a lead; the one that the lead itself names was its last. Few leads have the words: they are asked first. */
const alongTheLog = (conditions: LeadConditions, slice: Slice, most: number | null, add: Parameters['add']): string =>
  `(SELECT c."leadId", c.seq FROM "Change" c WHERE ${inTheLog(conditions, add)}${between(slice, 'c.seq', add)}
      ORDER BY c.seq ${direction(slice)} ${most === null ? '' : `LIMIT ${most}`}) c
    ${conditions.text ? withWords('s."leadId" = c."leadId"', conditions.text, add) : ''}
    JOIN LATERAL (SELECT * FROM "Lead" l WHERE ${sameChange} AND ${indexedConditions(conditions, add)} OFFSET 0) l ON true`;

const inTheLog = ({ accountId, seqs }: LeadConditions, add: Parameters['add']): string =>
  `c."accountId" = ${add(accountId)}::uuid${seqs ? ` AND c.seq BETWEEN ${add(seqs.low)}::bigint AND ${add(seqs.high)}::bigint` : ''}`;

/** By another index than the one of the order: the words, the log, or whatever the planner finds best. */
async function gather(pool: pg.Pool, conditions: LeadConditions, slice: Slice): Promise<Lead[]> {
  const { values, add } = createParameters();
  const found =
    conditions.words !== null
      ? leadsFoundByWords(conditions, add)
      : conditions.seqs
        ? `${leadsOf('"Change" c', sameChange, conditions, add)} WHERE ${inTheLog(conditions, add)}`
        : conditions.firedEvent
          ? leadsOf(
              `(SELECT "leadId" FROM "EventFiring" WHERE "eventTypeId" = ${conditions.firedEvent(add)} OFFSET 0) f`,
              sameLead,
              conditions,
              add,
            )
          : `SELECT * FROM "Lead" l WHERE ${indexedConditions(conditions, add)} AND ${conditions.onRow(add)}`;
  const place = slice.order === 'LAST_CHANGE' ? 'l."lastSeq"' : 'l.number';
  const sql = `${selectLeads(slice)} FROM (${found}) l WHERE true${between(slice, place, add)} ORDER BY ${place} ${direction(slice)} ${limit(slice, add)}`;
  return (await pool.query<Lead>(sql, [...values])).rows;
}

const sameNumber = 'l."accountId" = f."accountId" AND l.number = f.number';
const sameLead = 'l.id = f."leadId"';
const sameChange = 'l.id = c."leadId" AND l."lastSeq" = c.seq';

const leadsOf = (from: string, on: string, conditions: LeadConditions, add: Parameters['add']): string =>
  `SELECT l.* FROM ${from} JOIN LATERAL (
    SELECT * FROM "Lead" l WHERE ${on} AND ${indexedConditions(conditions, add)} AND ${conditions.onRow(add)} OFFSET 0) l ON true`;

export const leadsFoundByWords = (conditions: LeadConditions, add: Parameters['add']): string =>
  leadsOf(`(${foundByWords(conditions, add)} OFFSET 0) f`, sameNumber, conditions, add);

/** The words carry only the end of the account's id, so the account is compared as well. */
function foundByWords({ accountId, words, text, numbers }: LeadConditions, add: Parameters['add']): string {
  const rest = text && text.everyWord !== text.tellingWords ? ` AND (s.words || ''::tsvector) @@ ${add(text.everyWord)}::tsquery` : '';
  return `SELECT s."accountId", s.number FROM "LeadSearch" s
    WHERE s.words @@ ${add(words)}::tsquery AND s."accountId" = ${add(accountId)}::uuid${rest}
    ${numbers ? `AND s.number BETWEEN ${add(numbers.low)}::int AND ${add(numbers.high)}::int` : ''}`;
}

function between({ descending, from, until }: Slice, place: string, add: Parameters['add']): string {
  const [later, earlier] = descending ? ['<', '>'] : ['>', '<'];
  const bounds = [from !== null && `${place} ${later} ${add(from)}::bigint`, until !== null && `${place} ${earlier} ${add(until)}::bigint`];
  return bounds.map((bound) => (bound ? ` AND ${bound}` : '')).join('');
}
