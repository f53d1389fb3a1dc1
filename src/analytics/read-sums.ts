import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Database } from '../platform/database.ts';
import { createParameters } from '../platform/parameters.ts';
import type { Days } from './days.ts';
import { type SumsQuery, toStatement } from './sums-statement.ts';

/** What some leads, and the events of some leads, come to. Amounts of money are exact texts. */
export interface Sums {
  /** The breakdown that it belongs to: see slices.ts. */
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
  const series = dates.map(() => 0);
  for (const [day, leads] of counts ?? []) series[day - 1] = (series[day - 1] ?? 0) + leads;
  return series;
}
