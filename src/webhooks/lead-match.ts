import { z } from 'zod';
import type { LeadFilter } from '../leads/lead-filter.ts';
import { emptyLead } from '../leads/lead.ts';
import { toTextQuery } from '../leads/search-leads.ts';
import { searchWords } from '../leads/search-words.ts';
import { Prisma, type Lead } from '../../prisma/generated/client/client.ts';
import type { Pipeline } from '../pipeline/stage.ts';
import type { Snapshot } from './payload.ts';

const time = z.iso
  .datetime()
  .transform((text) => new Date(text))
  .nullish();
const list = z.array(z.string()).nullish();

const stored = z.object({
  stage: list,
  search: z.string().nullish(),
  source: list,
  campaign: list,
  domain: list,
  deviceType: list,
  tags: list,
  createdFrom: time,
  createdTo: time,
  updatedFrom: time,
  updatedTo: time,
  duplicates: z.enum(['EXCLUDE', 'INCLUDE', 'ONLY']).nullish(),
});

/** A filter as it was stored: JSON has no times. */
export const parseStoredFilter = (json: unknown): LeadFilter => stored.parse(json);

/** Whether it restricts anything: then the snapshots of the leads have to be looked at. */
export const isRestricting = (filter: LeadFilter): boolean =>
  Object.values(filter).some((value) => value != null && !(Array.isArray(value) && value.length === 0) && value !== 'INCLUDE');

type Test = (lead: Snapshot) => boolean;

/** The filter of lead lists, put to a lead as a change shows it rather than to the present row. Throws BadRequestError as those lists do. */
export function createLeadMatcher(accountId: string, pipeline: Pipeline, filter: LeadFilter): Test {
  const tests: Test[] = [];
  const isOneOf = (field: string, wanted: readonly string[] | null | undefined) => {
    if (!wanted?.length) return;
    const values: ReadonlySet<unknown> = new Set(wanted);
    tests.push((lead) => values.has(lead[field]));
  };
  const inTime = (field: string, from: Date | null | undefined, to: Date | null | undefined) => {
    if (!from && !to) return;
    const [low, high] = [from?.getTime() ?? -Infinity, to?.getTime() ?? Infinity];
    tests.push((lead) => {
      const at = Date.parse(String(lead[field]));
      return at >= low && at <= high;
    });
  };
  isOneOf(
    'stage',
    filter.stage?.map((name) => pipeline.find(name)?.name ?? name),
  );
  isOneOf('sourceName', filter.source);
  isOneOf('campaignName', filter.campaign);
  isOneOf('domain', filter.domain);
  isOneOf('deviceType', filter.deviceType);
  inTime('createdAt', filter.createdFrom, filter.createdTo);
  inTime('updatedAt', filter.updatedFrom, filter.updatedTo);
  const { tags } = filter;
  if (tags?.length) tests.push(({ tags: has }) => Array.isArray(has) && tags.some((tag) => has.includes(tag)));
  if (filter.duplicates === 'EXCLUDE') tests.push((lead) => (lead['duplicateOfId'] ?? null) === null);
  if (filter.duplicates === 'ONLY') tests.push((lead) => (lead['duplicateOfId'] ?? null) !== null);
  const query = filter.search == null ? null : toTextQuery(accountId, filter.search);
  if (query) tests.push(toWordTest(accountId, query.everyWord));
  return (lead) => tests.every((test) => test(lead));
}

const zero = new Prisma.Decimal(0);

/** The text index's own query, put to the words of one lead: the same words are found here and there. */
function toWordTest(accountId: string, query: string): Test {
  const needs = query.split(' & ').map((alternatives) =>
    alternatives
      .replace(/^\(|\)$/g, '')
      .split(' | ')
      .map(toWordMatch),
  );
  return (lead) => {
    const blank = emptyLead({ id: '', accountId, number: 0, stage: '', createdAt: new Date(0), zero });
    const words = searchWords({ ...blank, ...(lead as Partial<Lead>), accountId });
    return needs.every((alternatives) => words.some((word) => alternatives.some((matches) => matches(word))));
  };
}

function toWordMatch(lexeme: string): (word: string) => boolean {
  const isBeginning = lexeme.endsWith(':*');
  const text = lexeme
    .slice(1, isBeginning ? -3 : -1)
    .replaceAll("''", "'")
    .replaceAll('\\\\', '\\');
  return (word) => (isBeginning ? word.startsWith(text) : word === text);
}
