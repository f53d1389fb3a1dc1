import type { Lead } from '../../prisma/generated/client/client.ts';

/** A lexeme may have 2046 bytes; nobody types more than this to find a lead. */
const wordBytes = 200;
/** A company of a thousand words must not cost a thousand index entries. */
const mostWords = 40;

/** The fields that searching and filtering by words read. */
type Searchable = Pick<
  Lead,
  | 'id'
  | 'accountId'
  | 'number'
  | 'email'
  | 'firstName'
  | 'lastName'
  | 'phone'
  | 'phoneE164'
  | 'company'
  | 'tags'
  | 'deviceType'
  | 'sourceName'
  | 'sourceId'
  | 'campaignName'
  | 'domain'
  | 'duplicateOfId'
>;

/** What a word means. Text is met by its beginning; values, by which rare ones are found without an index on the lead, exactly. */
export const marks = {
  text: ':',
  id: '~',
  tags: '#',
  deviceType: '^',
  sourceName: '=',
  sourceId: '$',
  campaignName: '+',
  domain: '@',
  number: '*',
  duplicate: '!',
} as const;

/** One text index serves every account, so each word carries the end of its account's id: an account's words stand side by side in it. */
export const toWord = (accountId: string, kind: keyof typeof marks, text: string): string =>
  cutWord(`${accountId.slice(-wordMarkAt)}${marks[kind]}${text}`);

/** Where its mark stands in a word. */
export const wordMarkAt = 8;

/** The columns whose values stand among the words. */
export const valueColumns = ['sourceName', 'sourceId', 'campaignName', 'domain', 'deviceType'] as const;

/** The sorted, unique words by which a lead is found, for the text index. */
export function searchWords(lead: Searchable): string[] {
  const texts = new Set([String(lead.number), ...emailWords(lead.email), ...phoneWords(lead.phone, lead.phoneE164)]);
  for (const text of [lead.firstName, lead.lastName, lead.company]) for (const word of textWords(text)) texts.add(word);
  texts.delete('');
  const words = [...texts].slice(0, mostWords).map((text) => toWord(lead.accountId, 'text', text));
  words.push(toWord(lead.accountId, 'id', lead.id.replaceAll('-', '')), toWord(lead.accountId, 'number', String(lead.number)));
  for (const tag of lead.tags) words.push(toWord(lead.accountId, 'tags', tag));
  for (const column of valueColumns) {
    const value = lead[column];
    if (value !== null) words.push(toWord(lead.accountId, column, value));
  }
  if (lead.duplicateOfId !== null) words.push(toWord(lead.accountId, 'duplicate', ''));
  return [...new Set(words)].sort();
}

/** Whether two states of one lead are found by the same words, without making the words. */
export function sameWords(before: Searchable, after: Searchable): boolean {
  return (
    before.email === after.email &&
    before.firstName === after.firstName &&
    before.lastName === after.lastName &&
    before.phone === after.phone &&
    before.phoneE164 === after.phoneE164 &&
    before.company === after.company &&
    valueColumns.every((column) => before[column] === after[column]) &&
    before.duplicateOfId === after.duplicateOfId &&
    (before.tags === after.tags || JSON.stringify(before.tags) === JSON.stringify(after.tags))
  );
}

/** Letters that Unicode does not take apart into a base and an accent. */
const plainLetters: Readonly<Record<string, string>> = { ø: 'o', ł: 'l', đ: 'd', æ: 'ae', œ: 'oe', ı: 'i', ς: 'σ' };

/** One spelling for every way to write a word: compatible forms, upper and lower case, with and without accents. */
export function foldText(text: string): string {
  // Upper case first: it is what makes "ss" of "ß".
  const lower = text.normalize('NFKD').toUpperCase().toLowerCase();
  return lower
    .replace(/\p{M}/gu, '')
    .normalize('NFC')
    .replace(/[øłđæœıς]/g, (letter) => plainLetters[letter] ?? letter);
}

/** Removes the signs that people leave out or put in as they like: "O'Brien", "Smith-Jones", "(555) 555-0123", "example.com". */
export const joinWord = (word: string): string => word.replace(/['’‘`´.,()\-‐‑–—/&+_·]/g, '');

/** Cuts a word to its size in the index, between characters. */
function cutWord(word: string): string {
  if (word.length * 3 <= wordBytes) return word;
  let bytes = 0;
  let kept = '';
  for (const character of word) {
    bytes += Buffer.byteLength(character);
    if (bytes > wordBytes) break;
    kept += character;
  }
  return kept;
}

function* textWords(text: string | null): Generator<string> {
  if (text === null) return;
  for (const word of foldText(text).split(/\s+/)) {
    if (word === '') continue;
    // A lone sign ("Smith & Sons") is a word too.
    yield joinWord(word) || word;
    yield* word.split(/[^\p{L}\p{N}]+/u);
  }
}

function* emailWords(email: string | null): Generator<string> {
  if (email === null) return;
  const whole = foldText(email.trim());
  yield whole;
  const at = whole.lastIndexOf('@');
  const domain = whole.slice(at + 1);
  yield* textWords(whole.slice(0, Math.max(at, 0)));
  yield joinWord(domain);
  // Without the last piece: everybody has "com".
  yield* domain.split('.').slice(0, -1);
}

function* phoneWords(phone: string | null, phoneE164: string | null): Generator<string> {
  const digits = [phone, phoneE164].map((number) => foldText(number ?? '').replace(/\D/g, '')).filter((number) => number !== '');
  for (const number of digits) {
    yield number;
    // The national number is what remains of a North American one; elsewhere people type the whole or its end.
    if (number.length === 11 && number.startsWith('1')) yield number.slice(1);
    if (number.length > 7) yield number.slice(-7);
    if (number.length > 4) yield number.slice(-4);
  }
}
