import type pg from 'pg';
import type { Lead } from '../../prisma/generated/client/client.ts';
import type { Pipeline } from '../pipeline/stage.ts';
import type { LeadConditions } from './lead-filter.ts';
import { createParameters } from '../platform/parameters.ts';
import { selectLeads } from './lead-slice.ts';
import { leadsFoundByWords, readLeads, walkLeads } from './read-leads.ts';

/** A place in the list by stage. */
export interface StagePlace {
  readonly position: number;
  readonly number: number;
}

export interface StageSlice {
  readonly descending: boolean;
  readonly from: StagePlace | null;
  readonly until: StagePlace | null;
  readonly take: number;
  readonly columns: readonly string[] | null;
}

/** Reads along the pipeline, whose order the database does not know: one stage after another, until the page is full. */
export async function readLeadsByStage(pool: pg.Pool, pipeline: Pipeline, conditions: LeadConditions, slice: StageSlice): Promise<Lead[]> {
  const { descending, from, until, take, columns } = slice;
  const names = conditions.stages ?? (await readStageNames(pool, conditions.accountId));
  const positionOf = (name: string): number => pipeline.get(name).position;
  const positions = [...new Set(names.map(positionOf))].toSorted((a, b) => (descending ? b - a : a - b));
  const leads: Lead[] = [];
  for (const position of positions) {
    if (leads.length === take) break;
    if (from && isBefore(position, from.position, descending)) continue;
    if (until && isBefore(until.position, position, descending)) break;
    const numberAt = (place: StagePlace | null): number | null => (place?.position === position ? place.number : null);
    const ofStage = { ...conditions, stages: names.filter((name) => positionOf(name) === position) };
    const part = {
      descending,
      from: numberAt(from),
      until: numberAt(until),
      take: take - leads.length,
      order: 'NUMBER',
      skip: 0,
      columns,
    } as const;
    if (conditions.words === null) leads.push(...(await readLeads(pool, ofStage, part)));
    else {
      // What is rare in one stage is rare in all: the text index then finds it in one statement, not in one for each stage.
      const walked = await walkLeads(pool, ofStage, part, 1 / 2);
      if (walked === null)
        return gatherByStage(
          pool,
          names.map((name) => ({ name, position: positionOf(name) })),
          conditions,
          slice,
        );
      leads.push(...walked);
    }
  }
  return leads;
}

async function gatherByStage(
  pool: pg.Pool,
  stages: readonly { readonly name: string; readonly position: number }[],
  conditions: LeadConditions,
  slice: StageSlice,
): Promise<Lead[]> {
  const { descending, from, until, take } = slice;
  const { values, add } = createParameters();
  const [later, earlier, direction] = descending ? ['<', '>', 'DESC'] : ['>', '<', 'ASC'];
  const bound = (place: StagePlace | null, side: string | undefined): string =>
    place ? ` AND (p.position, l.number) ${side} (${add(place.position)}::int, ${add(place.number)}::int)` : '';
  const sql = `${selectLeads(slice)} FROM (${leadsFoundByWords(conditions, add)}) l
    JOIN unnest(${add(stages.map(({ name }) => name))}::text[], ${add(stages.map(({ position }) => position))}::int[]) AS p(stage, position) ON p.stage = l.stage
    WHERE true${bound(from, later)}${bound(until, earlier)} ORDER BY p.position ${direction}, l.number ${direction} LIMIT ${add(take)}::bigint`;
  return (await pool.query<Lead>(sql, [...values])).rows;
}

const isBefore = (a: number, b: number, descending: boolean): boolean => (descending ? a > b : a < b);

/** Every stage that a lead stands in, also those that left the configuration: one step of the index for each. */
async function readStageNames(pool: pg.Pool, accountId: string): Promise<string[]> {
  const { rows } = await pool.query<{ stage: string }>({
    name: 'stages-in-use',
    text: `WITH RECURSIVE used AS (
        (SELECT stage FROM "Lead" WHERE "accountId" = $1 ORDER BY stage LIMIT 1)
        UNION ALL
        SELECT (SELECT stage FROM "Lead" WHERE "accountId" = $1 AND stage > used.stage ORDER BY stage LIMIT 1) FROM used WHERE used.stage IS NOT NULL)
      SELECT stage FROM used WHERE stage IS NOT NULL`,
    values: [accountId],
  });
  return rows.map((row) => row.stage);
}
