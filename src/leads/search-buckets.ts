import { marks, wordMarkAt } from './search-words.ts';

/** Consecutive lead numbers, of which each bucket has one row of bits. */
export const leadsPerBlock = 16_384;

export const blockOf = (number: number): number => Math.floor(number / leadsPerBlock);

/** How many blocks no further lead can join. */
export const countFullBlocks = (lastNumber: number): number => blockOf(lastNumber + 1);

/** All leads of a block: its row says that the block has been made. */
export const everyLead = 0;

/** A fixed number of each kind, so that the words of strange alphabets share rows rather than make ever more of them. */
const kinds = {
  first: { from: 1, size: 256 },
  firstTwo: { from: 257, size: 2048 },
  value: { from: 2305, size: 1024 },
  firstThree: { from: 3329, size: 16_384 },
} as const;

/** Different for all pairs of letters from a to z, and for nearly all three. Kept in the database: another one needs a migration that empties "SearchBlock". */
function toBucket({ from, size }: { readonly from: number; readonly size: number }, text: string): number {
  let hash = 0;
  for (const character of text) hash = (hash * 37 + (character.codePointAt(0) ?? 0)) % size;
  return from + hash;
}

/** The buckets of a lead with this word, the narrowest last: texts by their first one, two and three characters, values whole. Ids and numbers have none. */
export function bucketsOf(word: string): readonly number[] {
  const mark = word.charAt(wordMarkAt);
  if (mark === marks.id || mark === marks.number) return [];
  if (mark !== marks.text) return [toBucket(kinds.value, word.slice(wordMarkAt))];
  const [first = '', second = '', third = ''] = word.slice(wordMarkAt + 1);
  const beginnings = [first, first + second, first + second + third];
  const ofSizes = [kinds.first, kinds.firstTwo, kinds.firstThree];
  return ofSizes.slice(0, [first, second, third].filter(Boolean).length).map((kind, i) => toBucket(kind, beginnings[i] ?? ''));
}

/** SQL for as much of a word as `bucketsOf` looks at. */
export const bucketKey = (lexeme: string): string =>
  `CASE substr(${lexeme}, ${wordMarkAt + 1}, 1) WHEN '${marks.text}' THEN left(${lexeme}, ${wordMarkAt + 4}) ELSE ${lexeme} END`;
