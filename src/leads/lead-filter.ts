import type { Pipeline } from '../pipeline/stage.ts';
import { BadRequestError } from '../platform/connection.ts';
import { isStorable, type Parameters } from '../platform/parameters.ts';
import { quoteLexeme, type TextQuery, toTextQuery } from './search-leads.ts';
import { toWord } from './search-words.ts';

/** Which leads to show. Fields combine with "and", the values of one field with "or"; an absent or empty one restricts nothing. */
export interface LeadFilter {
  readonly stage?: readonly string[] | null | undefined;
  readonly search?: string | null | undefined;
  readonly source?: readonly string[] | null | undefined;
  readonly campaign?: readonly string[] | null | undefined;
  readonly domain?: readonly string[] | null | undefined;
  readonly createdFrom?: Date | null | undefined;
  readonly createdTo?: Date | null | undefined;
  readonly updatedFrom?: Date | null | undefined;
  readonly updatedTo?: Date | null | undefined;
  readonly deviceType?: readonly string[] | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly duplicates?: 'EXCLUDE' | 'INCLUDE' | 'ONLY' | null | undefined;
}

/** Lead numbers rise with the time of creation, so a span of time is a span of numbers, by which every list is in order. */
export interface NumberSpan {
  readonly low: number;
  readonly high: number;
}

/** A filter, checked and ready to become conditions of a statement about one account's leads. */
export interface LeadConditions {
  readonly accountId: string;
  readonly stages: readonly string[] | null;
  /** What the indexes of "Lead" answer, about the row `l`. */
  readonly indexed: (add: Parameters['add']) => string;
  /** What only the words answer; null: nothing. */
  readonly worded: WordConditions | null;
}

export interface WordConditions {
  /** Null: no search text. */
  readonly text: TextQuery | null;
  /** The same as words in the text index, for finding the rare ones. */
  readonly indexQuery: string;
  /** On the row `l`. */
  readonly onLead: (add: Parameters['add']) => string;
}

const mostValues = 100;

export function toConditions(accountId: string, pipeline: Pipeline, filter: LeadFilter, span: NumberSpan | null): LeadConditions {
  const stages = toList('stage', filter.stage)?.map((name) => pipeline.find(name)?.name ?? name) ?? null;
  const lists = {
    sourceName: toList('source', filter.source),
    campaignName: toList('campaign', filter.campaign),
    domain: toList('domain', filter.domain),
  };
  return {
    accountId,
    stages,
    indexed: (add) => {
      const conditions = [`l."accountId" = ${add(accountId)}::uuid`];
      if (stages) conditions.push(isOneOf('stage', stages, add));
      for (const [column, values] of Object.entries(lists)) if (values) conditions.push(isOneOf(column, values, add));
      if (span) conditions.push(`l.number BETWEEN ${add(span.low)}::int AND ${add(span.high)}::int`);
      const bounds = [
        ['createdAt', '>=', filter.createdFrom],
        ['createdAt', '<=', filter.createdTo],
        ['updatedAt', '>=', filter.updatedFrom],
        ['updatedAt', '<=', filter.updatedTo],
      ] as const;
      for (const [column, operator, time] of bounds) if (time) conditions.push(`l."${column}" ${operator} ${add(time)}::timestamptz`);
      if (filter.duplicates === 'EXCLUDE') conditions.push('l."duplicateOfId" IS NULL');
      return conditions.join(' AND ');
    },
    worded: toWordConditions(accountId, filter),
  };
}

/** A single value as an equation: then the planner knows that the index gives the rows in order. */
const isOneOf = (column: string, values: readonly string[], add: Parameters['add']): string =>
  values.length === 1 ? `l."${column}" = ${add(values[0])}::text` : `l."${column}" = ANY(${add(values)}::text[])`;

function toWordConditions(accountId: string, filter: LeadFilter): WordConditions | null {
  const text = toSearch(accountId, filter.search);
  const tags = toList('tags', filter.tags);
  const devices = toList('deviceType', filter.deviceType);
  const only = filter.duplicates === 'ONLY';
  if (!text && !tags && !devices && !only) return null;
  const anyWord = (kind: 'tag' | 'device', values: readonly string[]): string =>
    `(${values.map((value) => quoteLexeme(toWord(accountId, kind, value))).join(' | ') || nothing})`;
  // A device alone may be everybody's, so it only counts in the index when nothing else tells more.
  const telling = [text?.tellingWords, tags && anyWord('tag', tags)].filter((query) => query != null);
  const broad = [devices && anyWord('device', devices), only && quoteLexeme(toWord(accountId, 'duplicate', ''))].filter(
    (query) => typeof query === 'string',
  );
  return {
    text,
    indexQuery: (telling.length > 0 ? telling : broad).join(' & '),
    onLead: (add) =>
      [
        tags && `l.tags && ${add(tags)}::text[]`,
        devices && `l."deviceType" = ANY(${add(devices)}::text[])`,
        only && 'l."duplicateOfId" IS NOT NULL',
        'true',
      ]
        .filter((condition) => typeof condition === 'string')
        .join(' AND '),
  };
}

/** A word that no account has. */
const nothing = "'nothing'";

function toSearch(accountId: string, search: string | null | undefined): TextQuery | null {
  if (search == null) return null;
  return isStorable(search) ? toTextQuery(accountId, search) : { everyWord: nothing, tellingWords: nothing };
}

/** The values that a row can have at all; null when the list restricts nothing. */
function toList(name: string, values: readonly string[] | null | undefined): readonly string[] | null {
  if (values == null || values.length === 0) return null;
  if (values.length > mostValues) throw new BadRequestError(`\`${name}\` must have at most ${mostValues} values.`);
  return [...new Set(values)].filter(isStorable);
}
