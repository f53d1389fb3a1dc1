import type pg from 'pg';
import type { Lead } from '../../prisma/generated/client/client.ts';
import { createParameters, type Parameters } from '../platform/parameters.ts';
import { type Candidates, findCandidates } from './find-candidates.ts';
import { indexedConditions, type LeadConditions, type Span } from './lead-filter.ts';
import { direction, limit, selectLeads, type Slice } from './lead-slice.ts';
import { type Term, toQuery } from './search-leads.ts';
import { candidateUs, planSearch, walkedUs, type WordSample } from './word-plan.ts';

/** How many leads to look through before anything else: most searches for one word end here. */
const glance = 2000;
/** So many candidates are looked at without asking first whether the index would find the leads sooner. */
const fewCandidates = 3000;
/** A beginning that so many times as many leads have is still rare. */
const rareTimes = 3;
/** How many places of the list a sample is taken from, and how many leads at each. */
const samplePlaces = 8;
const sampleSize = 500;
/** Of the words of a long search, the longest: they tell most. */
const mostSampled = 10;
const mostSkipped = 1000;
const firstPortion = 128;
const largestPortion = 8192;
/** The widest window of a walk: of a wider one the database believes that reading and sorting the whole table is cheaper. */
const widest = 32_768;

/** Whether the words of a lead, which stand apart from it, say nearly all that is asked. They are walked five times as fast as leads. */
export const isAnsweredByWords = ({ terms, stages, seqs, firedEvent }: LeadConditions, { order }: Slice): boolean =>
  terms.length > 0 && order === 'NUMBER' && stages === null && seqs === null && firedEvent === null;

/**
 * Reads a stretch of the leads with certain words, in a few statements: for one word, or values of filters, a glance at the first leads in their order; then the candidates
 * that the search blocks name, or what the text index finds.
 */
export async function readByWords(
  pool: pg.Pool,
  conditions: LeadConditions,
  slice: Slice,
  { atFirst = glance, few = fewCandidates, plan = planSearch } = {},
): Promise<Lead[]> {
  const exact = conditions.terms.find(({ isExact }) => isExact);
  if (exact) return gather(pool, conditions, slice, exact.query);
  // Several words of a search are seldom met by the first leads often enough; values of filters, like a source, mostly are.
  const isLikely = (conditions.text?.terms.length ?? 0) <= 1;
  const first = isLikely ? await walk(pool, conditions, slice, leadsOf(conditions, slice, atFirst)) : null;
  if (first?.length === slice.take) return first;
  const span = await findSpan(pool, conditions, slice);
  if (span.high - span.low < atFirst) return first ?? walk(pool, conditions, slice, leadsOf(conditions, slice, atFirst));
  const candidates = await findCandidates(pool, conditions, span);
  const cost = candidates ? costOf(candidates) : Infinity;
  // Portions are put together here, with all that a late page number skips.
  const canLook = candidates !== null && slice.skip <= mostSkipped;
  // To look at the first ones is cheaper than to plan, and they may fill the page.
  const atOnce = cost <= few * candidateUs ? Infinity : unknownUs(candidates) + firstPortion * candidateUs;
  const begun = canLook ? await look(pool, conditions, slice, candidates, atOnce) : null;
  if (begun) return begun;
  // One rare beginning of which few leads have the rest: the index lists them at once.
  if (canLook && conditions.terms.length === 1 && candidates.count <= few * rareTimes)
    return gather(pool, conditions, slice, toQuery(conditions.terms));
  const terms = conditions.terms.toSorted((a, b) => b.query.length - a.query.length).slice(0, mostSampled);
  const { indexed, indexUs, matches } = plan(await takeSample(pool, conditions, terms, span));
  const wanted = slice.skip + slice.take;
  const expected = cost * Math.min(1, wanted / Math.max(matches, 1));
  const looked =
    canLook && expected <= indexUs ? await look(pool, conditions, slice, candidates, cost <= indexUs ? Infinity : indexUs) : null;
  return looked ?? gather(pool, conditions, slice, toQuery(indexed.flatMap((i) => terms[i] ?? [])));
}

const sizeOf = ({ low, high }: Span): number => high - low + 1;
const unknownUs = (candidates: Candidates | null): number => (candidates?.unknown ? sizeOf(candidates.unknown) * walkedUs : 0);
const costOf = (candidates: Candidates): number => candidates.count * candidateUs + unknownUs(candidates);

/** The lowest and highest number that the stretch can have. */
async function findSpan(pool: pg.Pool, conditions: LeadConditions, slice: Slice): Promise<Span> {
  const { values, add } = createParameters();
  const sql = `SELECT min(number) AS low, max(number) AS high FROM "LeadSearch" s WHERE ${inSlice(conditions, slice, add)}`;
  const { rows } = await pool.query<{ low: number | null; high: number | null }>(sql, [...values]);
  return { low: rows[0]?.low ?? 0, high: rows[0]?.high ?? -1 };
}

/** Looks at candidates in their order, portion after portion, until the page is full; null when that took more than `mostUs`. */
async function look(
  pool: pg.Pool,
  conditions: LeadConditions,
  slice: Slice,
  candidates: Candidates,
  mostUs: number,
): Promise<Lead[] | null> {
  const wanted = slice.skip + slice.take;
  const leads: Lead[] = [];
  let us = 0;
  for (const portion of portionsOf(candidates, slice.descending)) {
    if (leads.length >= wanted) break;
    if (us >= mostUs) return null;
    us += 'low' in portion ? sizeOf(portion) * walkedUs : portion.length * candidateUs;
    const from =
      'low' in portion ? leadsOf({ ...conditions, numbers: portion }, slice, sizeOf(portion)) : theseLeads(conditions.accountId, portion);
    leads.push(...(await walk(pool, conditions, { ...slice, skip: 0, take: wanted - leads.length }, from)));
  }
  return leads.slice(slice.skip, wanted);
}

/** The numbers without bits are the highest. */
function* portionsOf({ unknown, numbers }: Candidates, descending: boolean): Generator<Span | readonly number[]> {
  if (descending && unknown) yield* windowsOf(unknown, descending);
  let portion: number[] = [];
  let size = firstPortion;
  for (const number of numbers(descending)) {
    portion.push(number);
    if (portion.length < size) continue;
    yield portion;
    portion = [];
    size = Math.min(size * 4, largestPortion);
  }
  if (portion.length > 0) yield portion;
  if (!descending && unknown) yield* windowsOf(unknown, descending);
}

/** One window after another, each twice as wide as the one before. */
function* windowsOf({ low, high }: Span, descending: boolean): Generator<Span> {
  for (let done = 0, size = glance; low + done <= high; done += size, size = Math.min(size * 2, widest))
    yield descending
      ? { low: Math.max(low, high - done - size + 1), high: high - done }
      : { low: low + done, high: Math.min(high, low + done + size - 1) };
}

/** SQL for the words of leads. */
type Words = (add: Parameters['add']) => string;

const leadsOf =
  (conditions: LeadConditions, slice: Slice, most: number): Words =>
  (add) =>
    `SELECT "accountId", number, words FROM "LeadSearch" s WHERE ${inSlice(conditions, slice, add)} ORDER BY number ${direction(slice)} LIMIT ${most}`;

/** OFFSET 0 keeps the planner from asking the text index as well, which lists all that it knows of. */
const theseLeads =
  (accountId: string, numbers: readonly number[]): Words =>
  (add) =>
    `SELECT "accountId", number, words FROM "LeadSearch" WHERE "accountId" = ${add(accountId)}::uuid AND number = ANY(${add(numbers)}::int[]) OFFSET 0`;

async function walk(pool: pg.Pool, conditions: LeadConditions, slice: Slice, words: Words): Promise<Lead[]> {
  const { values, add } = createParameters();
  const sql = `${selectLeads(slice)} FROM (SELECT "accountId", number FROM (${words(add)}) s
      WHERE s.words @@ ${add(toQuery(conditions.terms))}::tsquery ORDER BY s.number ${direction(slice)} OFFSET 0) f
    ${theirLeads(conditions, add)} ORDER BY f.number ${direction(slice)} ${limit(slice, add)}`;
  return (await pool.query<Lead>(sql, [...values])).rows;
}

/** The words know the number, so the order is made before the leads are read: no more of them than the page needs. */
async function gather(pool: pg.Pool, conditions: LeadConditions, slice: Slice, indexed: string): Promise<Lead[]> {
  const { values, add } = createParameters();
  const sql = `${selectLeads(slice)} FROM (SELECT s."accountId", s.number FROM "LeadSearch" s
      WHERE s.words @@ ${add(indexed)}::tsquery AND (s.words || ''::tsvector) @@ ${add(toQuery(conditions.terms))}::tsquery
        AND ${inSlice(conditions, slice, add)} ORDER BY s.number ${direction(slice)}) f
    ${theirLeads(conditions, add)} ORDER BY f.number ${direction(slice)} ${limit(slice, add)}`;
  return (await pool.query<Lead>(sql, [...values])).rows;
}

async function takeSample(pool: pg.Pool, conditions: LeadConditions, terms: readonly Term[], { low, high }: Span): Promise<WordSample> {
  const { values, add } = createParameters();
  const bits = terms.map(({ query }, i) => `((s.words @@ ${add(query)}::tsquery)::int << ${i})`);
  const step = Math.max(1, Math.ceil((high - low + 1) / samplePlaces));
  const account = add(conditions.accountId);
  const [first, last] = [add(low), add(high)];
  const sql = `SELECT ${bits.join(' | ')} AS mask, count(*)::int AS leads,
      count(*) FILTER (WHERE s.words @@ ${add(toQuery(conditions.terms))}::tsquery)::int AS matches
    FROM generate_series(${first}::bigint, ${last}::bigint, ${step}) AS place CROSS JOIN LATERAL (
      SELECT words FROM "LeadSearch" WHERE "accountId" = ${account}::uuid AND number >= place ORDER BY number LIMIT ${sampleSize}) s GROUP BY mask`;
  const { rows } = await pool.query<{ mask: number; leads: number; matches: number }>(sql, [...values]);
  const matches = rows.reduce((sum, row) => sum + row.matches, 0);
  return { met: rows, conditions: terms.length, matches, span: high - low + 1 };
}

/** The words carry only the end of the account's id, so the account is compared as well. */
function inSlice({ accountId, numbers }: LeadConditions, { descending, from, until }: Slice, add: Parameters['add']): string {
  const [later, earlier] = descending ? ['<', '>'] : ['>', '<'];
  return [
    `s."accountId" = ${add(accountId)}::uuid`,
    ...(numbers ? [`s.number BETWEEN ${add(numbers.low)}::int AND ${add(numbers.high)}::int`] : []),
    ...(from === null ? [] : [`s.number ${later} ${add(from)}::int`]),
    ...(until === null ? [] : [`s.number ${earlier} ${add(until)}::int`]),
  ].join(' AND ');
}

const theirLeads = (conditions: LeadConditions, add: Parameters['add']): string =>
  `JOIN LATERAL (SELECT * FROM "Lead" l WHERE l."accountId" = f."accountId" AND l.number = f.number
    AND ${indexedConditions(conditions, add)} AND ${conditions.onRow(add)} OFFSET 0) l ON true`;
