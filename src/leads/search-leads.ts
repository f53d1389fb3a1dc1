import { BadRequestError } from '../platform/connection.ts';
import { bucketsOf } from './search-buckets.ts';
import { foldText, joinWord, toWord } from './search-words.ts';

/** One condition on the words of a lead. */
export interface Term {
  /** In PostgreSQL's tsquery notation. */
  readonly query: string;
  /** Every lead that meets it is in one of these. Null: any lead may meet it. */
  readonly buckets: readonly number[] | null;
  /** A whole number or id: next to no lead meets it. */
  readonly isExact: boolean;
}

export const toQuery = (terms: readonly Term[]): string => terms.map(({ query }) => query).join(' & ');

/** A search as conditions on the text index, in PostgreSQL's tsquery notation. */
export interface TextQuery {
  readonly everyWord: string;
  /** The same, one condition for each word. */
  readonly terms: readonly Term[];
  /** The words that say much, for the index to find by; the others are then looked up in what it found. */
  readonly tellingWords: string;
}

const longestSearch = 200;

/** Every word of the text must begin one of the lead's words. Null when the text has no word. */
export function toTextQuery(accountId: string, text: string): TextQuery | null {
  if (text.length > longestSearch) throw new BadRequestError(`\`search\` must have at most ${longestSearch} characters.`);
  const folded = foldText(text);
  const words = isPhone(folded) ? [folded.replace(/\s/g, '')] : [...new Set(folded.split(/\s+/))].filter((word) => word !== '');
  if (words.length === 0) return null;
  const telling = words.filter(isTelling);
  const toTerms = (some: readonly string[]): Term[] => some.map((word) => toTerm(accountId, word));
  const terms = toTerms(words);
  return { terms, everyWord: toQuery(terms), tellingWords: toQuery(telling.length > 0 ? toTerms(telling) : terms) };
}

/** One number, in whatever groups people write it. */
const isPhone = (text: string): boolean => /^[\d\s+().\-/]+$/.test(text) && text.replace(/\D/g, '').length >= 7;

/** Two letters or an area code begin a great part of all words: to gather those costs more than to look at what the others found. */
const isTelling = (word: string): boolean => word.length > 2 && !/^\+?\d{1,4}$/.test(word);

function toTerm(accountId: string, word: string): Term {
  if (/^#\d+$/.test(word)) return { query: quoteLexeme(toWord(accountId, 'number', word.slice(1))), buckets: null, isExact: true };
  const id = /^(?:lead_([0-9a-f-]+)|([0-9a-f]{8}-[0-9a-f-]*|[0-9a-f]{32}))$/.exec(word);
  const digits = (id?.[1] ?? id?.[2] ?? '').replaceAll('-', '');
  const byId = id && `${quoteLexeme(toWord(accountId, 'id', digits))}:*`;
  const isExact = digits.length === 32;
  if (byId && id[1] !== undefined) return { query: byId, buckets: null, isExact };
  const textWord = toWord(accountId, 'text', toSpelling(word));
  const byText = `${quoteLexeme(textWord)}:*`;
  if (byId) return { query: `(${byId} | ${byText})`, buckets: null, isExact };
  return { query: byText, buckets: bucketsOf(textWord).slice(-1), isExact: false };
}

/** The spelling under which the word stands in the index: an email as it is, everything else without joining signs. */
function toSpelling(word: string): string {
  const domain = word.replace(/^@+/, '');
  return domain.includes('@') ? domain : joinWord(domain) || word;
}

/** A word in tsquery notation, in which every sign then stands for itself. */
export const quoteLexeme = (word: string): string => `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
