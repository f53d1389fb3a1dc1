import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Database } from '../platform/database.ts';
import { createParameters, isStorable, type Parameters } from '../platform/parameters.ts';
import { type Days, isMidnight, lastMidnight, nextMidnight } from './days.ts';
import { measureList, sums } from './slices.ts';

/** Which leads to count. Fields combine with "and", the values of one field with "or"; an absent or empty one restricts nothing. */
export interface AnalyticsFilter {
  readonly source?: readonly string[] | null | undefined;
  readonly campaign?: readonly string[] | null | undefined;
  readonly domain?: readonly string[] | null | undefined;
}

export interface SumsQuery {
  readonly accountId: string;
  readonly filter: AnalyticsFilter;
  /** Null: all time. */
  readonly range: { readonly from: Date; readonly to: Date } | null;
  /** The days to count new leads of. */
  readonly days: Days;
  /** The last seven days, today being the seventh. */
  readonly week: Days;
  /** Whether stays are wanted too: they are most of the rows. */
  readonly withStays: boolean;
  /** Whether leads are also wanted by source and stage at once. */
  readonly stagesOfSources?: boolean;
}

/** What some leads, and the events of some leads, come to. Amounts of money are exact texts. */
export interface Sums {
  /** The breakdown that it belongs to; see slices.ts. */
  readonly what: string;
  readonly item: string;
  readonly leads: number;
  readonly formLeads: number;
  readonly formPercents: string;
  readonly cost: string;
  readonly adSpend: string;
  readonly events: number;
  readonly conversions: number;
  readonly revenue: string;
  readonly payout: string;
}

/** Stays in one stage that are of similar length. */
export interface StayCount {
  readonly stage: string;
  readonly step: number;
  readonly count: number;
  readonly seconds: number;
}

/** Everything of one moment: read by one statement. */
export interface ReadSums {
  readonly seq: number;
  readonly asOf: Date;
  readonly sums: readonly Sums[];
  readonly stays: readonly StayCount[];
  /** New leads of each day. */
  readonly days: readonly number[];
  readonly week: readonly number[];
  readonly stagesOfSources: readonly { readonly source: string; readonly stage: string; readonly leads: number }[];
}

interface Row {
  readonly seq: number;
  readonly head: number;
  readonly asOf: string;
  readonly sums: readonly (readonly [string, string, number, number, string, string, string, number, number, string, string])[] | null;
  readonly stays: readonly (readonly [string, number, number, number])[] | null;
  readonly days: readonly (readonly [number, number])[] | null;
  readonly week: readonly (readonly [number, number])[] | null;
  readonly stagesOfSources: readonly (readonly [string, string, number])[] | null;
}

/** No dashboard shows more, and a sender may make up any number of campaigns. */
const mostItems = 500;
/** So long a question waits for changes that were made just before it. When more than this many wait to be counted it does not. */
const patienceMs = 250;
const fewChanges = 500;

/** Reads the numbers as they stand. What was written a moment ago is waited for, so that a writer sees what it wrote. */
export async function readSums({ readPool }: Pick<Database, 'readPool'>, query: SumsQuery): Promise<ReadSums> {
  const row = await readRow(readPool, query);
  return toSums(query, (await catchUp(readPool, query.accountId, row)) ? await readRow(readPool, query) : row);
}

/** Waits until the numbers have come to `head`. False when they were there already, or have much to do. */
export async function catchUp(
  pool: pg.Pool,
  accountId: string,
  { seq, head }: { readonly seq: number; readonly head: number },
): Promise<boolean> {
  if (seq >= head || head - seq > fewChanges) return false;
  const deadline = performance.now() + patienceMs;
  for (let at = seq; at < head && performance.now() < deadline; ) {
    await sleep(15);
    const { rows } = await pool.query<{ readonly seq: bigint }>({
      name: 'rollup-seq',
      text: 'SELECT seq FROM "Rollup" WHERE "accountId" = $1 AND "isServed"',
      values: [accountId],
    });
    at = Number(rows[0]?.seq ?? 0);
  }
  return true;
}

async function readRow(pool: pg.Pool, query: SumsQuery): Promise<Row> {
  const { values, add } = createParameters(query.accountId);
  const text = toStatement(query, add);
  const { rows } = await pool.query<Row>({ name: nameOf(text), text, values: [...values] });
  const [row] = rows;
  return row ?? { seq: 0, head: 0, asOf: new Date().toISOString(), sums: null, stays: null, days: null, week: null, stagesOfSources: null };
}

/** Prepared once for each shape of a question; there are few. Planning takes longer than reading. */
const names = new Map<string, string>();

function nameOf(text: string): string {
  const known = names.get(text);
  if (known) return known;
  const name = `analytics-${names.size}`;
  names.set(text, name);
  return name;
}

function toSums({ days, week }: SumsQuery, row: Row): ReadSums {
  return {
    seq: row.seq,
    asOf: new Date(row.asOf),
    sums: (row.sums ?? []).map(
      ([what, item, leads, formLeads, formPercents, cost, adSpend, events, conversions, revenue, payout]): Sums => {
        return { what, item, leads, formLeads, formPercents, cost, adSpend, events, conversions, revenue, payout };
      },
    ),
    stays: (row.stays ?? []).map(([stage, step, count, seconds]) => ({ stage, step, count, seconds })),
    days: toSeries(days, row.days),
    week: toSeries(week, row.week),
    stagesOfSources: (row.stagesOfSources ?? []).map(([source, stage, leads]) => ({ source, stage, leads })),
  };
}

function toSeries({ dates }: Days, counts: readonly (readonly [number, number])[] | null): readonly number[] {
  const byDay = new Map(counts ?? []);
  return dates.map((_, i) => byDay.get(i + 1) ?? 0);
}

const dimensions = [
  { by: 's', field: 'source', column: 'source' },
  { by: 'c', field: 'campaign', column: 'campaign' },
  { by: 'd', field: 'domain', column: 'domain' },
] as const;

interface Wanted {
  readonly by: string;
  readonly column: string;
  readonly keys: readonly string[];
}

function toStatement({ filter, range, days, week, withStays, stagesOfSources = false }: SumsQuery, add: Parameters['add']): string {
  const wanted = dimensions.flatMap(({ by, field, column }): Wanted[] => {
    const values = filter[field];
    return values?.length ? [{ by, column, keys: values.filter(isStorable).map(toKey) }] : [];
  });
  const source = toSource(wanted, withStays, add);
  return `WITH r AS MATERIALIZED (
      SELECT r.id, h.seq AS head, coalesce(r.seq, 0) AS seq, CASE WHEN r.seq >= h.seq OR r.seq IS NULL THEN now() ELSE r."appliedAt" END AS "asOf"
        FROM "LogHead" h LEFT JOIN "Rollup" r ON r."accountId" = h."accountId" AND r."isServed" WHERE h."accountId" = $1
    ),
    summed AS MATERIALIZED (SELECT what, item, step, ${sums} FROM (${source.sums(range)}) AS picked GROUP BY what, item, step),
    ranked AS (
      SELECT *, row_number() OVER (PARTITION BY what ORDER BY leads DESC, events DESC, item) AS rank FROM summed
        WHERE what <> 'T' AND (leads <> 0 OR events <> 0)
    )
    SELECT seq::float8 AS seq, head::float8 AS head, "asOf"::text AS "asOf",
      (SELECT json_agg(json_build_array(what, item, leads, "formLeads", "formPercents"::text, cost::text, "adSpend"::text, events, conversions,
        revenue::text, payout::text) ORDER BY rank) FROM ranked WHERE rank <= ${mostItems}) AS sums,
      (SELECT json_agg(json_build_array(item, step, stays, "staySeconds") ORDER BY item, step) FROM summed WHERE what = 'T' AND stays <> 0) AS stays,
      (SELECT json_agg(json_build_array(day, leads)) FROM (${source.series(days)}) AS d) AS days,
      (SELECT json_agg(json_build_array(day, leads)) FROM (${source.series(week)}) AS w) AS week,
      ${stagesOfSources ? `(SELECT json_agg(json_build_array(key, item, leads)) FROM "RollupCell" WHERE ${ofRollup} AND slice = 'sL' AND span = 0)` : 'NULL::json'} AS "stagesOfSources"
    FROM r`;
}

/** All time has sums for one filter, days have sums without one. What combines more is added up from the finest cells. */
function toSource(wanted: readonly Wanted[], withStays: boolean, add: Parameters['add']): Source {
  const [one] = wanted;
  const finest = fromTuples(wanted, withStays, add);
  if (wanted.length > 1) return finest;
  const cells = fromCells(one, withStays, add);
  return {
    sums: (range) => (range === null || one === undefined ? cells.sums(range) : finest.sums(range)),
    series: (days) => (one === undefined || days.bounds.every(isMidnight) ? cells.series(days) : finest.series(days)),
  };
}

interface Source {
  readonly sums: (range: SumsQuery['range']) => string;
  readonly series: (days: Days) => string;
}

const ofRollup = '"rollupId" = (SELECT id FROM r)';
const whats = ['-', 'S', 'C', 'V', 'L', 'E'];

function fromCells(wanted: Wanted | undefined, withStays: boolean, add: Parameters['add']): Source {
  const by = wanted?.by ?? '-';
  const keys = (): string => `key = ANY(${add(wanted?.keys ?? [''])}::text[])`;
  const slices = [...whats, ...(withStays ? ['T'] : [])].map((what) => `'${by}${what}'`).join(', ');
  const cells = (span: 0 | 1, when: string): string =>
    `SELECT substr(slice, 2) AS what, item, step, ${measureList} FROM "RollupCell" WHERE ${ofRollup} AND slice IN (${slices}) AND span = ${span} AND ${keys()}${when}`;
  return {
    sums(range) {
      if (range === null) return `${cells(0, '')}${ownItems(wanted, add)}`;
      const [from, to] = [nextMidnight(range.from), lastMidnight(range.to)];
      // Zones do not begin their days when UTC does: what sticks out at either end is added up from the finest cells.
      const edges =
        from > to
          ? [[range.from, range.to] as const]
          : ([
              [range.from, from],
              [to, range.to],
            ] as const);
      const parts = from < to ? [cells(1, ` AND at >= ${time(from, add)} AND at < ${time(to, add)}`)] : [];
      for (const [begin, end] of edges) if (begin < end) parts.push(tuples([], between(begin, end, add), withStays, add));
      return parts.join(' UNION ALL ');
    },
    series(days) {
      const span = days.bounds.every(isMidnight) ? 1 : 2;
      const bounds = times(days.bounds, add);
      return `SELECT width_bucket(at, ${bounds}) AS day, sum(leads) AS leads FROM "RollupCell"
        WHERE ${ofRollup} AND slice = '${by}-' AND span = ${span} AND ${keys()} AND at >= (${bounds})[1] AND at < (${bounds})[cardinality(${bounds})] GROUP BY 1`;
    },
  };
}

/** The breakdown by the filtered field itself: one row for each value of the filter. */
function ownItems(wanted: Wanted | undefined, add: Parameters['add']): string {
  if (!wanted || wanted.by === 'd') return '';
  return ` UNION ALL SELECT '${wanted.by.toUpperCase()}', key, step, ${measureList} FROM "RollupCell"
    WHERE ${ofRollup} AND slice = '${wanted.by}-' AND span = 0 AND key = ANY(${add(wanted.keys)}::text[])`;
}

function fromTuples(wanted: readonly Wanted[], withStays: boolean, add: Parameters['add']): Source {
  return {
    sums: (range) => tuples(wanted, range === null ? ` AND quarter = '-infinity'` : between(range.from, range.to, add), withStays, add),
    series(days) {
      const bounds = times(days.bounds, add);
      return `SELECT width_bucket(quarter, ${bounds}) AS day, sum(leads) AS leads FROM "RollupTuple"
        WHERE ${ofRollup} AND kind = 'L' AND quarter >= (${bounds})[1] AND quarter < (${bounds})[cardinality(${bounds})]${conditions(wanted, add)} GROUP BY 1`;
    },
  };
}

function tuples(wanted: readonly Wanted[], when: string, withStays: boolean, add: Parameters['add']): string {
  const where = `${ofRollup}${when}${conditions(wanted, add)}`;
  return `SELECT CASE grouping(source, campaign, device, item) WHEN 7 THEN 'S' WHEN 11 THEN 'C' WHEN 13 THEN 'V' WHEN 14 THEN kind ELSE '-' END AS what,
      coalesce(source, campaign, device, item, '') AS item, 0 AS step, ${sums} FROM "RollupTuple" WHERE ${where} AND kind IN ('L', 'E')
      GROUP BY GROUPING SETS ((), (source), (campaign), (device), (kind, item))${withStays ? ` UNION ALL SELECT 'T', item, step, ${measureList} FROM "RollupTuple" WHERE ${where} AND kind = 'T'` : ''}`;
}

const conditions = (wanted: readonly Wanted[], add: Parameters['add']): string =>
  wanted.map(({ column, keys }) => ` AND ${column} = ANY(${add(keys)}::text[])`).join('');

const between = (from: Date, to: Date, add: Parameters['add']): string =>
  ` AND quarter >= ${time(from, add)} AND quarter < ${time(to, add)}`;
const time = (at: Date, add: Parameters['add']): string => `${add(at)}::timestamptz`;
const times = (list: readonly Date[], add: Parameters['add']): string => `${add(list.map((at) => at.toISOString()))}::timestamptz[]`;

const longestKey = 100;

/** As `rollup_key` in SQL: how a value is kept. */
function toKey(value: string): string {
  const letters = Array.from(value);
  if (letters.length <= longestKey) return value;
  return `${letters.slice(0, 67).join('')}~${createHash('md5').update(value).digest('hex')}`;
}
