/**
 * How the numbers of leads are kept. The finest cells (RollupTuple) tell what happened in a quarter of an hour to leads that agree in source,
 * campaign, domain and device. Sums of them (RollupCell) answer what dashboards ask all day, at a cost that does not grow with the leads: a
 * slice is a filter (`-` none, `s` source, `c` campaign, `d` domain) and a breakdown (`-` none, `S` source, `C` campaign, `V` device, or the
 * kind of item: `L` stages of leads, `E` events, `T` stays that ended in a forward move). `X` tells beside them how many of the leads of a stage
 * are erased: they count in all the others.
 */
export const measures = [
  'leads',
  'formLeads',
  'formPercents',
  'cost',
  'adSpend',
  'events',
  'conversions',
  'revenue',
  'payout',
  'stays',
  'staySeconds',
] as const;

export type Measure = (typeof measures)[number];

export const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');
export const measureList = quoted(measures);
const counts: ReadonlySet<string> = new Set(['leads', 'formLeads', 'events', 'conversions', 'stays']);
// Sums of integers are kept as such: sums of those again are several times as fast as sums of what PostgreSQL makes of them.
const sumsOf = (alias: string, names: readonly string[]): string =>
  names.map((name) => `sum(${alias}"${name}")${counts.has(name) ? '::int' : ''} AS "${name}"`).join(', ');

export const sums = sumsOf('', measures);
/** What leads and events come to, apart from the stays, which are most of the rows. */
export const tallies = measures.filter((name) => name !== 'stays' && name !== 'staySeconds');
export const tallySums = sumsOf('', tallies);
export const staySums = sumsOf('', ['stays', 'staySeconds']);
export const isNothing = measures.map((name) => `"${name}" = 0`).join(' AND ');
const isSomething = measures.map((name) => `sum("${name}") <> 0`).join(' OR ');

/** How long the time of a cell is: everything there ever was, a day (UTC), an hour. */
export const spans = { ever: 0, day: 1, hour: 2 } as const;

const columnOf = { s: 'source', c: 'campaign', d: 'domain', S: 'source', C: 'campaign', V: 'device' } as const;
/** When the cell of a tuple begins, by span. */
const begins = [`'-infinity'::timestamptz`, `date_trunc('day', d.quarter, 'UTC')`, `date_trunc('hour', d.quarter, 'UTC')`];

const filters = ['-', 's', 'c', 'd'] as const;
const breakdowns = ['-', 'S', 'C', 'V', 'L', 'E', 'T', 'X'] as const;

/** Kinds of items whose rows count in a breakdown. */
const kindsOf = (what: (typeof breakdowns)[number]): string => (what === 'L' || what === 'E' || what === 'T' || what === 'X' ? what : 'LE');

function lastSpan(by: (typeof filters)[number], what: (typeof breakdowns)[number]): number {
  if (what === 'X') return spans.ever;
  // Hours of anything narrower, and of stays, would be about as many as the leads.
  return what !== 'T' && (by === '-' || what === '-') ? spans.hour : spans.day;
}

const slices = filters.flatMap((by) =>
  breakdowns
    // A filter by source shows one source.
    .filter((what) => by === '-' || (what.toLowerCase() !== by && what !== 'X'))
    .map((what) => ({
      slice: `${by}${what}`,
      lastSpan: lastSpan(by, what),
      kinds: kindsOf(what),
      key: by === '-' ? `''` : `d.${columnOf[by]}`,
      item: what === '-' ? `''` : what === 'S' || what === 'C' || what === 'V' ? `d.${columnOf[what]}` : 'd.item',
    })),
);

export const tupleKey = quoted(['kind', 'quarter', 'source', 'campaign', 'domain', 'device', 'item', 'step']);
export const cellKey = quoted(['slice', 'span', 'key', 'at', 'item', 'step']);

/** What a number of contributions comes to: `contributions` is a SELECT of the tuple's key and the measures. */
export const tupleSums = (contributions: string): string =>
  `SELECT ${tupleKey}, ${sums} FROM (${contributions}) AS c GROUP BY ${tupleKey} HAVING ${isSomething}`;

/** The same once more over all time, for filters that combine: as tuples of the quarter "-infinity". `tuples` names a relation. */
export const withAllTime = (tuples: string): string => `
  SELECT ${tupleKey}, ${measureList} FROM ${tuples} UNION ALL
  SELECT kind, '-infinity'::timestamptz, source, campaign, domain, device, item, step, ${sums} FROM ${tuples}
    GROUP BY kind, source, campaign, domain, device, item, step`;

const measuresOf: Readonly<Record<string, ReadonlySet<string>>> = {
  L: new Set(['leads', 'formLeads', 'formPercents', 'cost', 'adSpend']),
  E: new Set(['events', 'conversions', 'revenue', 'payout']),
  T: new Set(['stays', 'staySeconds']),
  X: new Set(['leads']),
};

/**
 * The same summed up for every slice and span: first for the shortest span of each slice, where most of a batch falls together, and those once
 * more for the longer ones. `tuples` names a relation.
 */
export const cellSums = (tuples: string): string => `
  SELECT slice, s.span, key, s.at, item, step, ${sums} FROM (${Object.keys(measuresOf)
    .map((kind) => shortest(tuples, kind))
    .join(' UNION ALL ')}) AS d
    CROSS JOIN LATERAL (VALUES ${begins.map((at, span) => `(${span}, ${at})`).join(', ')}) AS s(span, at)
    WHERE s.span <= "lastSpan" GROUP BY slice, s.span, key, s.at, item, step HAVING ${isSomething}`;

/** The tuples of a kind summed up for the shortest span of each slice. */
const shortest = (tuples: string, kind: string): string => `
  SELECT v.slice, v."lastSpan", v.key, v.at AS quarter, v.item, d.step,
      ${measures.map((name) => (measuresOf[kind]?.has(name) ? sumsOf('d.', [name]) : `0 AS "${name}"`)).join(', ')}
    FROM (SELECT *, ${begins.map((at, span) => `${at.replaceAll('d.', '')} AS at${span}`).join(', ')} FROM ${tuples} WHERE kind = '${kind}') AS d
    CROSS JOIN LATERAL (VALUES ${slices
      .filter(({ kinds }) => kinds.includes(kind))
      .map(({ slice, lastSpan: last, key, item }) => `('${slice}', ${last}, ${key}, d.at${last}, ${item})`)
      .join(', ')}) AS v(slice, "lastSpan", key, at, item)
    GROUP BY v.slice, v."lastSpan", v.key, v.at, v.item, d.step`;

/** The same one slice and span at a time: for many tuples, where one statement for all of them would sort them many times over. */
export const cellSumsOneByOne = (tuples: string): readonly string[] =>
  slices.flatMap(({ slice, lastSpan, kinds, key, item }) =>
    Array.from({ length: lastSpan + 1 }, (_, span) => {
      const at = begins[span];
      return `SELECT '${slice}' AS slice, ${span} AS span, ${key} AS key, ${at} AS at, ${item} AS item, d.step, ${sumsOf('d.', measures)}
        FROM ${tuples} AS d WHERE strpos('${kinds}', d.kind) > 0 GROUP BY 3, 4, 5, 6`;
    }),
  );

const added = (table: string): string => measures.map((name) => `"${name}" = ${table}."${name}" + excluded."${name}"`).join(', ');

/** Adds sums to the tuples of rollup `$rollup`; gives the rows and whether nothing is left in them. */
export const addTuples = (rollup: string, from: string): string => `
  INSERT INTO "RollupTuple" AS t ("rollupId", ${tupleKey}, ${measureList})
    SELECT ${rollup}, ${tupleKey}, ${measureList} FROM (${withAllTime(from)}) AS f
    ON CONFLICT ("rollupId", ${tupleKey}) DO UPDATE SET ${added('t')} RETURNING t.ctid, ${isNothing} AS "isNothing"`;

export const addCells = (rollup: string, from: string): string => `
  INSERT INTO "RollupCell" AS t ("rollupId", ${cellKey}, ${measureList})
    SELECT ${rollup}, ${cellKey}, ${measureList} FROM (${from}) AS f
    ON CONFLICT ("rollupId", ${cellKey}) DO UPDATE SET ${added('t')} RETURNING t.ctid, ${isNothing} AS "isNothing"`;
