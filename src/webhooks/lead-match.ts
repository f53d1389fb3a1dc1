import { type LeadFilter, toList, toSearch, toSourceIds } from '../leads/lead-filter.ts';
import { emptyLead } from '../leads/lead.ts';
import { searchWords } from '../leads/search-words.ts';
import { Prisma, type Lead } from '../../prisma/generated/client/client.ts';
import type { Pipeline } from '../pipeline/stage.ts';
import type { Snapshot } from './payload.ts';

/** What a filter is put to: a lead as a change shows it, and the event ids that had been fired at it by then. */
type Test = (lead: Snapshot, firedEvents: readonly string[]) => boolean;

/** The filter of lead lists, put to a lead as a change shows it rather than to the present row. Throws BadRequestError as those lists do. */
export function createLeadMatcher(accountId: string, pipeline: Pipeline, filter: LeadFilter): Test {
  const tests: Test[] = [];
  const isOneOf = (field: string, wanted: readonly string[] | null | undefined) => {
    if (!wanted) return;
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
    toList('stage', filter.stage)?.map((name) => pipeline.find(name)?.name ?? name),
  );
  isOneOf('sourceName', toList('source', filter.source));
  isOneOf('sourceId', toSourceIds(filter.sourceId));
  isOneOf('campaignName', toList('campaign', filter.campaign));
  isOneOf('domain', toList('domain', filter.domain));
  isOneOf('deviceType', toList('deviceType', filter.deviceType));
  inTime('createdAt', filter.createdFrom, filter.createdTo);
  inTime('updatedAt', filter.updatedFrom, filter.updatedTo);
  const tags = toList('tags', filter.tags);
  if (tags) tests.push(({ tags: has }) => Array.isArray(has) && tags.some((tag) => has.includes(tag)));
  if (filter.duplicates === 'EXCLUDE') tests.push((lead) => (lead['duplicateOfId'] ?? null) === null);
  if (filter.duplicates === 'ONLY') tests.push((lead) => (lead['duplicateOfId'] ?? null) !== null);
  const { hasEvent } = filter;
  if (hasEvent) tests.push((_lead, firedEvents) => firedEvents.includes(hasEvent));
  const query = toSearch(accountId, filter.search);
  if (query) tests.push(toWordTest(accountId, query.everyWord));
  return (lead, firedEvents) => tests.every((test) => test(lead, firedEvents));
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
