import type pg from 'pg';
import type { Total } from '../platform/connection.ts';
import { createParameters, type Parameters } from '../platform/parameters.ts';
import { indexedConditions, type LeadConditions } from './lead-filter.ts';

/** Counting costs time for each row, so beyond this the planner's estimate has to do. */
const mostCounted = 100_000;

/** How many leads match: exact up to 100,000, an honest estimate beyond. */
export async function countLeads(pool: pg.Pool, conditions: LeadConditions | null): Promise<Total> {
  if (conditions === null) return { count: 0, exact: true };
  const { values, add } = createParameters();
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (${matchingLeads(conditions, add)} LIMIT ${mostCounted + 1}) found`,
    [...values],
  );
  const count = rows[0]?.count ?? 0;
  if (count <= mostCounted) return { count, exact: true };
  return { count: Math.max(count, await estimate(pool, conditions)), exact: false };
}

function matchingLeads(conditions: LeadConditions, add: Parameters['add']): string {
  const { accountId, text, words, seqs } = conditions;
  const joins: string[] = [];
  if (words !== null) {
    const all = text && text.everyWord !== text.tellingWords ? ` AND s.words @@ ${add(text.everyWord)}::tsquery` : '';
    joins.push(
      `JOIN "LeadSearch" s ON s."leadId" = l.id AND s."accountId" = ${add(accountId)}::uuid AND s.words @@ ${add(words)}::tsquery${all}`,
    );
  }
  if (seqs) {
    joins.push(`JOIN "Change" c ON c."accountId" = l."accountId" AND c.seq = l."lastSeq"
      AND c.seq BETWEEN ${add(seqs.low)}::bigint AND ${add(seqs.high)}::bigint`);
  }
  return `SELECT FROM "Lead" l ${joins.join(' ')} WHERE ${indexedConditions(conditions, add)} AND ${conditions.onRow(add)}`;
}

async function estimate(pool: pg.Pool, conditions: LeadConditions): Promise<number> {
  const { values, add } = createParameters();
  const { rows } = await pool.query<{ 'QUERY PLAN': readonly { readonly Plan: { readonly 'Plan Rows': number } }[] }>(
    `EXPLAIN (FORMAT JSON) ${matchingLeads(conditions, add)}`,
    [...values],
  );
  return Math.round(rows[0]?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0);
}
