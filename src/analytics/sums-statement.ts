import { createHash } from 'node:crypto';
import { isStorable, type Parameters } from '../platform/parameters.ts';
import type { Days } from './days.ts';
import { quoted, spans, staySums, tallies, tallySums } from './slices.ts';
import { isMidnight, quartersOf, type Stretch, splitHours, toStretches } from './spans.ts';

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

type Add = Parameters['add'];

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

/** No dashboard shows more, and a sender may make up any number of campaigns. */
const mostItems = 500;

/** One statement, so that everything is of one moment. */
export function toStatement({ filter, range, days, week, withStays, stagesOfSources = false }: SumsQuery, add: Add): string {
  const wanted = dimensions.flatMap(({ by, field, column }): Wanted[] => {
    const values = filter[field];
    return values?.length ? [{ by, column, keys: values.filter(isStorable).map(toKey) }] : [];
  });
  const source = wanted.length > 1 ? fromTuples(wanted, add) : fromCells(wanted[0], add);
  return `WITH r AS MATERIALIZED (
      SELECT r.id, h.seq AS head, coalesce(r.seq, 0) AS seq, CASE WHEN r.seq >= h.seq OR r.seq IS NULL THEN now() ELSE r."appliedAt" END AS "asOf"
        FROM "LogHead" h LEFT JOIN "Rollup" r ON r."accountId" = h."accountId" AND r."isServed" WHERE h."accountId" = $1
    ),
    ranked AS MATERIALIZED (
      SELECT *, row_number() OVER (PARTITION BY what ORDER BY leads DESC, events DESC, item) AS rank
        FROM (SELECT what, item, ${tallySums} FROM (${source.sums(range)}) AS picked GROUP BY what, item) AS summed WHERE leads <> 0 OR events <> 0
    )
    SELECT seq::float8 AS seq, head::float8 AS head, "asOf"::text AS "asOf",
      (SELECT json_agg(json_build_array(what, item, leads, "formLeads", "formPercents"::text, cost::text, "adSpend"::text, events, conversions,
        revenue::text, payout::text) ORDER BY rank) FROM ranked WHERE rank <= ${mostItems}) AS sums,
      ${withStays ? `(SELECT json_agg(json_build_array(item, step, stays, "staySeconds")) FROM (SELECT item, step, ${staySums} FROM (${source.stays(range)}) AS picked GROUP BY item, step) AS t WHERE stays <> 0)` : 'NULL::json'} AS stays,
      (SELECT json_agg(json_build_array(day, leads)) FROM (${source.series(days)}) AS d) AS days,
      (SELECT json_agg(json_build_array(day, leads)) FROM (${source.series(week)}) AS w) AS week,
      ${stagesOfSources ? `(SELECT json_agg(json_build_array(key, item, leads)) FROM "RollupCell" WHERE ${ofRollup} AND slice = 'sL' AND span = ${spans.ever})` : 'NULL::json'} AS "stagesOfSources"
    FROM r`;
}

/** SELECTs of what is to be added up. */
interface Source {
  readonly sums: (range: SumsQuery['range']) => string;
  readonly stays: (range: SumsQuery['range']) => string;
  /** The numbers of the days, counted from 1, and the new leads of each; a day may come several times. */
  readonly series: (days: Days) => string;
}

const ofRollup = '"rollupId" = (SELECT id FROM r)';
const whats = ['-', 'S', 'C', 'V', 'L', 'E'];
const tallyList = quoted(tallies);
const stayList = 'item, step, stays, "staySeconds"';

/** There are sums for no filter and for each that names one field: of days, without a filter also of hours. What is left comes from the finest cells. */
function fromCells(wanted: Wanted | undefined, add: Add): Source {
  const by = wanted?.by ?? '-';
  const keys = (): string => `key = ANY(${add(wanted?.keys ?? [''])}::text[])`;
  const finest = fromTuples(wanted ? [wanted] : [], add);
  const parts = (
    range: SumsQuery['range'],
    withHours: boolean,
    cells: (span: number, when: string) => string,
    left: (rest: Stretch) => string,
  ): string => {
    if (range === null) return cells(spans.ever, '');
    const { days, hours, rest } = toStretches(range, withHours);
    return [
      ...days.map((stretch) => cells(spans.day, within('at', stretch, add))),
      ...hours.map((stretch) => cells(spans.hour, within('at', stretch, add))),
      ...rest.map(left),
    ].join(' UNION ALL ');
  };
  const slices = whats.filter((what) => what.toLowerCase() !== by || by === '-').map((what) => `'${by}${what}'`);
  // The breakdown by the filtered field itself: one row for each value of the filter.
  const own = (span: number, when: string): string =>
    ` UNION ALL SELECT '${by.toUpperCase()}', key, ${tallyList} FROM "RollupCell" WHERE ${ofRollup} AND slice = '${by}-' AND span = ${span} AND ${keys()}${when}`;
  return {
    sums: (range) =>
      parts(
        range,
        wanted === undefined,
        (span, when) =>
          `SELECT substr(slice, 2) AS what, item, ${tallyList} FROM "RollupCell"
            WHERE ${ofRollup} AND slice IN (${slices.join(', ')}) AND span = ${span} AND ${keys()}${when}${by === 's' || by === 'c' ? own(span, when) : ''}`,
        finest.sums,
      ),
    stays: (range) =>
      parts(
        range,
        false,
        (span, when) =>
          `SELECT ${stayList} FROM "RollupCell" WHERE ${ofRollup} AND slice = '${by}T' AND span = ${span} AND ${keys()}${when}`,
        finest.stays,
      ),
    series(days) {
      const bounds = times(days.bounds, add);
      const inDays = `at >= (${bounds})[1] AND at < (${bounds})[cardinality(${bounds})]`;
      const cells = (span: number): string => `SELECT width_bucket(at, ${bounds}) AS day, sum(leads) AS leads FROM "RollupCell"
        WHERE ${ofRollup} AND slice = '${by}-' AND span = ${span} AND ${keys()} AND ${inDays}`;
      if (days.bounds.every(isMidnight)) return `${cells(spans.day)} GROUP BY 1`;
      const split = splitHours(days.bounds);
      if (split.length === 0) return `${cells(spans.hour)} GROUP BY 1`;
      // Some zones begin their days in the middle of an hour: those hours come from the finest cells. OFFSET 0 has each quarter looked up by itself.
      return `${cells(spans.hour)} AND at <> ALL(${times(split, add)}) GROUP BY 1
        UNION ALL SELECT width_bucket(at, ${bounds}), leads FROM unnest(${times(split.flatMap(quartersOf), add)}) AS q(at) CROSS JOIN LATERAL (
          SELECT leads FROM "RollupTuple" WHERE ${ofRollup} AND kind = 'L' AND quarter = q.at${conditions(wanted ? [wanted] : [], add)} OFFSET 0) AS t
        WHERE ${inDays}`;
    },
  };
}

function fromTuples(wanted: readonly Wanted[], add: Add): Source {
  const where = (range: SumsQuery['range']): string =>
    `${ofRollup}${range === null ? ` AND quarter = '-infinity'` : within('quarter', range, add)}${conditions(wanted, add)}`;
  return {
    sums: (
      range,
    ) => `SELECT CASE grouping(source, campaign, device, item) WHEN 7 THEN 'S' WHEN 11 THEN 'C' WHEN 13 THEN 'V' WHEN 14 THEN kind ELSE '-' END AS what,
        coalesce(source, campaign, device, item, '') AS item, ${tallySums} FROM "RollupTuple" WHERE ${where(range)} AND kind IN ('L', 'E')
        GROUP BY GROUPING SETS ((), (source), (campaign), (device), (kind, item))`,
    stays: (range) => `SELECT ${stayList} FROM "RollupTuple" WHERE ${where(range)} AND kind = 'T'`,
    series(days) {
      const bounds = times(days.bounds, add);
      return `SELECT width_bucket(quarter, ${bounds}) AS day, sum(leads) AS leads FROM "RollupTuple"
        WHERE ${ofRollup} AND kind = 'L' AND quarter >= (${bounds})[1] AND quarter < (${bounds})[cardinality(${bounds})]${conditions(wanted, add)} GROUP BY 1`;
    },
  };
}

const conditions = (wanted: readonly Wanted[], add: Add): string =>
  wanted.map(({ column, keys }) => ` AND ${column} = ANY(${add(keys)}::text[])`).join('');

const within = (column: string, { from, to }: Stretch, add: Add): string =>
  ` AND ${column} >= ${time(from, add)} AND ${column} < ${time(to, add)}`;
const time = (at: Date, add: Add): string => `${add(at)}::timestamptz`;
const times = (list: readonly Date[], add: Add): string => `${add(list.map((at) => at.toISOString()))}::timestamptz[]`;

const longestKey = 100;

/** As `rollup_key` in SQL: how a value is kept. */
function toKey(value: string): string {
  const letters = Array.from(value);
  if (letters.length <= longestKey) return value;
  return `${letters.slice(0, 67).join('')}~${createHash('md5').update(value).digest('hex')}`;
}
