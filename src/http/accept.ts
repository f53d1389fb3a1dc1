import { isUtf8OrNoCharset } from './media-type.ts';

/** What an answer of the graph can be written as, the usual first. */
const answerTypes = ['application/json', 'application/graphql-response+json', 'text/event-stream', 'multipart/mixed'] as const;
export type AnswerType = (typeof answerTypes)[number];

interface Range {
  readonly name: string;
  readonly weight: number;
  readonly place: number;
}

/** The types that an `Accept` header allows an answer to have, those it prefers first. Without the header all of them. */
export function acceptedTypes(accept: string | undefined): readonly AnswerType[] {
  if (accept === undefined || accept.trim() === '') return answerTypes;
  const ranges = accept.split(',').flatMap(toRange);
  return answerTypes
    .map((type) => ({ type, range: closest(ranges, type) }))
    .filter(({ range }) => range.weight > 0)
    .sort((one, other) => other.range.weight - one.range.weight || one.range.place - other.range.place)
    .map(({ type }) => type);
}

function toRange(text: string, place: number): Range[] {
  const [name = '', ...parameters] = text.split(';');
  if (!parameters.every(isUtf8OrNoCharset)) return [];
  return [{ name: name.trim().toLowerCase(), weight: weightOf(parameters), place }];
}

/** Only a zero that is written as such forbids: a weight that cannot be read is none. */
function weightOf(parameters: readonly string[]): number {
  const [, text = ''] = parameters.map((parameter) => parameter.split('=')).find(([name]) => name?.trim().toLowerCase() === 'q') ?? [];
  return /^[01](\.\d{0,3})?$/.test(text.trim()) ? Math.min(Number(text), 1) : 1;
}

const forbidden: Range = { name: '', weight: 0, place: 0 };

/** The range that names a type most exactly decides: a wildcard beside `application/json;q=0` allows all but JSON. */
function closest(ranges: readonly Range[], type: AnswerType): Range {
  const [group] = type.split('/');
  for (const wanted of [type, `${group}/*`, '*/*']) {
    const range = ranges.find(({ name }) => name === wanted);
    if (range) return range;
  }
  return forbidden;
}
