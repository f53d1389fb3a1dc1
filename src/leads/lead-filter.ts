import type { Pipeline } from '../pipeline/stage.ts';
import { BadRequestError } from '../platform/connection.ts';
import { uuidOf } from '../platform/ids.ts';
import { isStorable, type Parameters } from '../platform/parameters.ts';
import { bucketsOf } from './search-buckets.ts';
import { quoteLexeme, type Term, type TextQuery, toTextQuery } from './search-leads.ts';
import { toWord, valueColumns } from './search-words.ts';

/** Which leads to show. Fields combine with "and", the values of one field with "or"; an absent or empty one restricts nothing. */
export interface LeadFilter {
  readonly stage?: readonly string[] | null | undefined;
  readonly search?: string | null | undefined;
  readonly source?: readonly string[] | null | undefined;
  /** Ids of sources whose credentials handed the leads in, with or without prefix. */
  readonly sourceId?: readonly string[] | null | undefined;
  readonly campaign?: readonly string[] | null | undefined;
  readonly domain?: readonly string[] | null | undefined;
  readonly createdFrom?: Date | null | undefined;
  readonly createdTo?: Date | null | undefined;
  readonly updatedFrom?: Date | null | undefined;
  readonly updatedTo?: Date | null | undefined;
  /** The event id of an event that was fired at the lead. */
  readonly hasEvent?: string | null | undefined;
  readonly deviceType?: readonly string[] | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly duplicates?: 'EXCLUDE' | 'INCLUDE' | 'ONLY' | null | undefined;
}

/** Inclusive bounds on a number that rises with time, which stand for a span of time. */
export interface Span {
  readonly low: number;
  readonly high: number;
}

/** A filter, checked and ready to become conditions of a statement about the rows `l` of one account's leads. */
export interface LeadConditions {
  readonly accountId: string;
  readonly stages: readonly string[] | null;
  /** Null: any. */
  readonly numbers: Span | null;
  /** Changes among which a matching lead's last one is; null: any. */
  readonly seqs: Span | null;
  /** The event type whose firings have an index of their own; null: any lead. Gives SQL for its id. */
  readonly firedEvent: ((add: Parameters['add']) => string) | null;
  /** Whether the log alone, read from its end, would have to pass over many leads. (Over duplicates too, but those are few.) */
  readonly restricts: boolean;
  /** What only the row itself answers. */
  readonly onRow: (add: Parameters['add']) => string;
  readonly text: TextQuery | null;
  /** What must stand in the text index for a lead that matches; null: the words say nothing. */
  readonly words: string | null;
  /** All that the words of a lead must meet, one condition each: more than `words` where some of a search say little. */
  readonly terms: readonly Term[];
}

const mostValues = 100;

export function toConditions(
  accountId: string,
  pipeline: Pipeline,
  filter: LeadFilter,
  spans: { readonly numbers: Span | null; readonly seqs: Span | null },
): LeadConditions {
  const stages = toList('stage', filter.stage)?.map((name) => pipeline.find(name)?.name ?? name) ?? null;
  const text = toSearch(accountId, filter.search);
  const lists = {
    sourceName: toList('source', filter.source),
    sourceId: toSourceIds(filter.sourceId),
    campaignName: toList('campaign', filter.campaign),
    domain: toList('domain', filter.domain),
    deviceType: toList('deviceType', filter.deviceType),
    tags: toList('tags', filter.tags),
  };
  const bounds = [
    ['createdAt', '>=', filter.createdFrom],
    ['createdAt', '<=', filter.createdTo],
    ['updatedAt', '>=', filter.updatedFrom],
    ['updatedAt', '<=', filter.updatedTo],
  ] as const;
  const firedEvent = toFiredEvent(accountId, filter.hasEvent);
  const values = toValueTerms(accountId, lists, filter.duplicates === 'ONLY');
  return {
    accountId,
    stages,
    ...spans,
    firedEvent,
    restricts: firedEvent !== null || text !== null || values.length > 0 || stages !== null || spans.numbers !== null,
    onRow: (add) =>
      [
        ...valueColumns.flatMap((column) => (lists[column] ? [isOneOf(column, lists[column], add)] : [])),
        ...(lists.tags ? [`l.tags && ${add(lists.tags)}::text[]`] : []),
        ...bounds.flatMap(([column, operator, time]) => (time ? [`l."${column}" ${operator} ${add(time)}::timestamptz`] : [])),
        ...(filter.duplicates === 'EXCLUDE' ? ['l."duplicateOfId" IS NULL'] : []),
        ...(filter.duplicates === 'ONLY' ? ['l."duplicateOfId" IS NOT NULL'] : []),
        ...(firedEvent ? [`EXISTS (SELECT FROM "EventFiring" e WHERE e."leadId" = l.id AND e."eventTypeId" = ${firedEvent(add)})`] : []),
        'true',
      ].join(' AND '),
    text,
    words: [...(text ? [`(${text.tellingWords})`] : []), ...values.map(({ query }) => query)].join(' & ') || null,
    terms: [...values, ...(text?.terms ?? [])],
  };
}

/** What an index of "Lead" answers about the row `l`. */
export const indexedConditions = ({ accountId, stages, numbers }: LeadConditions, add: Parameters['add']): string =>
  [
    `l."accountId" = ${add(accountId)}::uuid`,
    ...(stages ? [isOneOf('stage', stages, add)] : []),
    ...(numbers ? [`l.number BETWEEN ${add(numbers.low)}::int AND ${add(numbers.high)}::int`] : []),
  ].join(' AND ');

/** A single value as an equation: then the planner knows that the index gives the rows in order. */
const isOneOf = (column: string, values: readonly string[], add: Parameters['add']): string => {
  const type = column === 'sourceId' ? 'uuid' : 'text';
  return values.length === 1 ? `l."${column}" = ${add(values[0])}::${type}` : `l."${column}" = ANY(${add(values)}::${type}[])`;
};

type ValueLists = Readonly<Record<(typeof valueColumns)[number] | 'tags', readonly string[] | null>>;

function toValueTerms(accountId: string, lists: ValueLists, onlyDuplicates: boolean): Term[] {
  const ofList = (kind: keyof ValueLists): Term | null => lists[kind] && toTerm(lists[kind].map((value) => toWord(accountId, kind, value)));
  const terms = [ofList('tags'), ...valueColumns.map(ofList)].filter((term) => term !== null);
  return onlyDuplicates ? [...terms, toTerm([toWord(accountId, 'duplicate', '')])] : terms;
}

/** One of these words. */
const toTerm = (words: readonly string[]): Term => ({
  query: `(${words.map(quoteLexeme).join(' | ') || nothing})`,
  buckets: [...new Set(words.flatMap(bucketsOf))],
  isExact: false,
});

function toFiredEvent(accountId: string, eventId: string | null | undefined): LeadConditions['firedEvent'] {
  if (!eventId) return null;
  const known = isStorable(eventId) ? eventId : null;
  return (add) => `(SELECT id FROM "EventType" WHERE "accountId" = ${add(accountId)}::uuid AND "eventId" = ${add(known)}::text)`;
}

/** A word that no account has. */
const nothing = "'nothing'";

export function toSearch(accountId: string, search: string | null | undefined): TextQuery | null {
  if (search == null) return null;
  return isStorable(search) ? toTextQuery(accountId, search) : { everyWord: nothing, terms: [toTerm([])], tellingWords: nothing };
}

/** What is no id of a source matches no lead. */
export const toSourceIds = (ids: LeadFilter['sourceId']): readonly string[] | null =>
  toList('sourceId', ids)?.flatMap((id) => uuidOf('Source', id) ?? []) ?? null;

/** The values that a row can have at all; null when the list restricts nothing. */
export function toList(name: string, values: readonly string[] | null | undefined): readonly string[] | null {
  if (values == null || values.length === 0) return null;
  if (values.length > mostValues) throw new BadRequestError(`\`${name}\` must have at most ${mostValues} values.`);
  return [...new Set(values)].filter(isStorable);
}
