import type pg from 'pg';
import type { Lead } from '../../prisma/generated/client/client.ts';
import { createParameters, type Parameters } from '../platform/parameters.ts';
import { indexedConditions, type LeadConditions, type Span } from './lead-filter.ts';
import { direction, limit, selectLeads, type Slice } from './lead-slice.ts';
import { isTelling, planSearch, type WordSample } from './word-plan.ts';

/** How many leads to look through before anything is planned: most searches end here. */
const glance = 4000;
/** How many places of the list a sample is taken from, and how many leads at each: more where the first look does not tell enough. */
const samplePlaces = 8;
const sampleSize = 500;
const largeSampleSize = 2000;
/** Of the words of a long search, the longest: they tell most. */
const mostSampled = 10;
const mostSkipped = 1000;
/** The widest window of a walk: of a wider one the database believes that reading and sorting the whole table is cheaper. */
const widest = 32_768;

/** Whether the words of a lead, which stand apart from it, say nearly all that is asked. They are walked five times as fast as leads. */
export const isAnsweredByWords = ({ terms, stages, seqs, firedEvent }: LeadConditions, { order }: Slice): boolean =>
  terms.length > 0 && order === 'NUMBER' && stages === null && seqs === null && firedEvent === null;

/** Reads a stretch of the leads with certain words, in a few statements: a glance, a sample, a longer walk, the text index. */
export async function readByWords(
  pool: pg.Pool,
  conditions: LeadConditions,
  slice: Slice,
  { atFirst = glance, plan = planSearch } = {},
): Promise<Lead[]> {
  const first = await walk(pool, conditions, slice, atFirst);
  if (first.length === slice.take) return first;
  const terms = [...conditions.terms].sort((a, b) => b.length - a.length).slice(0, mostSampled);
  const rough = await takeSample(pool, conditions, terms, slice, sampleSize);
  if (rough.span <= atFirst) return first;
  const sample = isTelling(rough) ? rough : await takeSample(pool, conditions, terms, slice, largeSampleSize);
  const { walk: further, indexed } = plan(sample, slice.skip + slice.take);
  // Windows are put together here, with all that a late page number skips.
  const walks = slice.skip <= mostSkipped;
  const walked = walks && further > 0 ? await walkOn(pool, conditions, slice, sample, further) : null;
  return walked ?? gather(pool, conditions, slice, indexed.map((i) => terms[i] ?? '').join(' & '));
}

/** Looks through one window after another, each twice as long as the one before; null when `most` leads did not fill the page. */
async function walkOn(pool: pg.Pool, conditions: LeadConditions, slice: Slice, { low, high }: Span, most: number): Promise<Lead[] | null> {
  const wanted = slice.skip + slice.take;
  const leads: Lead[] = [];
  let size = glance;
  for (let done = 0; done <= high - low && leads.length < wanted; done += size, size *= 2) {
    if (done >= most) return null;
    size = Math.min(size, widest, most - done);
    const numbers = slice.descending
      ? { low: high - done - size + 1, high: high - done }
      : { low: low + done, high: low + done + size - 1 };
    const within = { low: Math.max(low, numbers.low), high: Math.min(high, numbers.high) };
    leads.push(...(await walk(pool, { ...conditions, numbers: within }, { ...slice, skip: 0, take: wanted - leads.length }, size)));
  }
  return leads.slice(slice.skip);
}

async function walk(pool: pg.Pool, conditions: LeadConditions, slice: Slice, most: number): Promise<Lead[]> {
  const { values, add } = createParameters();
  const sql = `${selectLeads(slice)} FROM (SELECT "accountId", number FROM (
        SELECT "accountId", number, words FROM "LeadSearch" s WHERE ${inSlice(conditions, slice, add)}
        ORDER BY number ${direction(slice)} LIMIT ${most}) s
      WHERE s.words @@ ${add(conditions.terms.join(' & '))}::tsquery ORDER BY s.number ${direction(slice)} OFFSET 0) f
    ${theirLeads(conditions, add)} ORDER BY f.number ${direction(slice)} ${limit(slice, add)}`;
  return (await pool.query<Lead>(sql, [...values])).rows;
}

/** The words know the number, so the order is made before the leads are read: no more of them than the page needs. */
async function gather(pool: pg.Pool, conditions: LeadConditions, slice: Slice, indexed: string): Promise<Lead[]> {
  const { values, add } = createParameters();
  const sql = `${selectLeads(slice)} FROM (SELECT s."accountId", s.number FROM "LeadSearch" s
      WHERE s.words @@ ${add(indexed)}::tsquery AND (s.words || ''::tsvector) @@ ${add(conditions.terms.join(' & '))}::tsquery
        AND ${inSlice(conditions, slice, add)} ORDER BY s.number ${direction(slice)}) f
    ${theirLeads(conditions, add)} ORDER BY f.number ${direction(slice)} ${limit(slice, add)}`;
  return (await pool.query<Lead>(sql, [...values])).rows;
}

async function takeSample(
  pool: pg.Pool,
  conditions: LeadConditions,
  terms: readonly string[],
  slice: Slice,
  size: number,
): Promise<WordSample & Span> {
  const { values, add } = createParameters();
  const bits = terms.map((term, i) => `((s.words @@ ${add(term)}::tsquery)::int << ${i})`);
  const account = add(conditions.accountId);
  const sql = `WITH ends AS MATERIALIZED (
      SELECT min(number) AS low, max(number) AS high FROM "LeadSearch" s WHERE ${inSlice(conditions, slice, add)})
    SELECT max(e.low) AS low, max(e.high) AS high, ${bits.join(' | ')} AS mask, count(*)::int AS leads,
      count(*) FILTER (WHERE s.words @@ ${add(conditions.terms.join(' & '))}::tsquery)::int AS matches
    FROM ends e CROSS JOIN generate_series(0, ${samplePlaces - 1}) AS place CROSS JOIN LATERAL (
      SELECT words FROM "LeadSearch" WHERE "accountId" = ${account}::uuid AND number >= e.low + (e.high - e.low)::bigint * place / ${samplePlaces}
      ORDER BY number LIMIT ${size}) s GROUP BY mask`;
  const { rows } = await pool.query<Sampled>(sql, [...values]);
  const [low, high] = [rows[0]?.low ?? 0, rows[0]?.high ?? -1];
  const matches = rows.reduce((sum, row) => sum + row.matches, 0);
  return { met: rows, conditions: terms.length, matches, low, high, span: high - low + 1 };
}

interface Sampled extends Span {
  readonly mask: number;
  readonly leads: number;
  readonly matches: number;
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
