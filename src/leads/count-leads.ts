import type pg from 'pg';
import type { Total } from '../platform/connection.ts';
import { createParameters, type Parameters } from '../platform/parameters.ts';
import type { LeadConditions } from './lead-filter.ts';

/** Counting costs time for each row, so beyond this the planner's estimate has to do. */
const mostCounted = 100_000;

/** How many leads match: exact up to 100,000, an honest estimate beyond. */
export async function countLeads(pool: pg.Pool, conditions: LeadConditions | null): Promise<Total> {
  if (conditions === null) return { count: 0, exact: true };
  const counted = createParameters();
  const matching = matchingLeads(conditions, counted.add);
  const { rows } = await pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM (${matching} LIMIT ${mostCounted + 1}) found`, [
    ...counted.values,
  ]);
  const count = rows[0]?.count ?? 0;
  if (count <= mostCounted) return { count, exact: true };
  return { count: Math.max(count, await estimate(pool, conditions)), exact: false };
}

function matchingLeads(conditions: LeadConditions, add: Parameters['add']): string {
  const { worded } = conditions;
  const words = worded?.text
    ? ` AND EXISTS (SELECT FROM "LeadSearch" s WHERE s."accountId" = l."accountId" AND s.number = l.number
        AND s.words @@ ${add(worded.text.everyWord)}::tsquery AND s."accountId" = ${add(conditions.accountId)}::uuid)`
    : '';
  return `SELECT FROM "Lead" l WHERE ${conditions.indexed(add)} AND ${worded?.onLead(add) ?? 'true'}${words}`;
}

async function estimate(pool: pg.Pool, conditions: LeadConditions): Promise<number> {
  const { values, add } = createParameters();
  const { rows } = await pool.query<{ 'QUERY PLAN': readonly { readonly Plan: { readonly 'Plan Rows': number } }[] }>(
    `EXPLAIN (FORMAT JSON) ${matchingLeads(conditions, add)}`,
    [...values],
  );
  return Math.round(rows[0]?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0);
}
