import type pg from 'pg';
import type { LeadFilter, Span } from './lead-filter.ts';

/** Times that rise with a number by which an index is sorted need no index of their own: twenty steps find a moment among a million rows. */
const clocks = {
  number: { table: 'Lead', key: 'number', time: 'createdAt' },
  seq: { table: 'Change', key: 'seq', time: 'recordedAt' },
} as const;

/** For a clock that was set back a little. The rows' own times are compared as well. */
const clockSlackMs = 1000;

export interface Spans {
  readonly numbers: Span | null;
  readonly seqs: Span | null;
}

/** The spans of numbers and of changes that a filter's times stand for; null when nothing lies in one of them. */
export async function findSpans(pool: pg.Pool, accountId: string, filter: LeadFilter): Promise<Spans | null> {
  // What last changed before a moment was created before it.
  const createdTo = [filter.createdTo, filter.updatedTo].filter((time) => time != null).toSorted((a, b) => a.getTime() - b.getTime())[0];
  const [numbers, seqs] = await Promise.all([
    findSpan(pool, 'number', accountId, filter.createdFrom, createdTo),
    findSpan(pool, 'seq', accountId, filter.updatedFrom, filter.updatedTo),
  ]);
  return isEmpty(numbers) || isEmpty(seqs) ? null : { numbers, seqs };
}

const isEmpty = (span: Span | null): boolean => span !== null && span.low > span.high;

async function findSpan(
  pool: pg.Pool,
  clock: keyof typeof clocks,
  accountId: string,
  from?: Date | null,
  to?: Date | null,
): Promise<Span | null> {
  if (!from && !to) return null;
  const { table, key, time } = clocks[clock];
  // The first row at or after a moment. Rows may be missing in between: each step asks for the next one that is there.
  const firstAt = (parameter: string): string => `(
    WITH RECURSIVE steps AS (
      SELECT coalesce(min(${key}), 1)::bigint AS low, coalesce(max(${key}), 0)::bigint + 1 AS high FROM "${table}" WHERE "accountId" = $1
      UNION ALL
      SELECT CASE WHEN late THEN low ELSE middle + 1 END, CASE WHEN late THEN middle ELSE high END
      FROM (SELECT low, high, (low + high) / 2 AS middle FROM steps WHERE low < high) s
      CROSS JOIN LATERAL (SELECT coalesce(
        (SELECT "${time}" >= ${parameter}::timestamptz FROM "${table}" WHERE "accountId" = $1 AND ${key} >= s.middle ORDER BY ${key} LIMIT 1),
        true) AS late) probe)
    SELECT low FROM steps WHERE low = high)`;
  const { rows } = await pool.query<{ low: bigint; high: bigint }>({
    name: `find-${clock}-span`,
    text: `SELECT ${firstAt('$2')} AS low, ${firstAt('$3')} - 1 AS high`,
    values: [
      accountId,
      from ? new Date(from.getTime() - clockSlackMs) : '-infinity',
      to ? new Date(to.getTime() + clockSlackMs + 1) : 'infinity',
    ],
  });
  return { low: Number(rows[0]?.low ?? 1), high: Number(rows[0]?.high ?? 0) };
}
