import { isEmail, toEmailKey } from '../leads/email.ts';
import { toE164 } from '../leads/phone.ts';

/** By what a person is known who is about to be erased, where no lead's id tells. */
export interface Person {
  /** As they were written, in lower case, and as they are compared. */
  readonly emails: ReadonlySet<string>;
  /** As they were written, and in E.164. */
  readonly phones: ReadonlySet<string>;
  readonly crmLeadIds: ReadonlySet<string>;
}

const emailShape = /[^\s@,;:<>()[\]\\"']+@[^\s@,;:<>()[\]\\"']+/g;
const phoneShape = /[+(]?\d[\d\s().\-/]{5,}\d/g;

/** Email addresses in a text, as they are compared. */
function emailsIn(text: string): string[] {
  const found = text.match(emailShape) ?? [];
  return found
    .map((email) => email.replace(/[.!?]+$/, ''))
    .filter(isEmail)
    .map(toEmailKey);
}

const phonesIn = (text: string): string[] => (text.match(phoneShape) ?? []).flatMap((phone) => toE164(phone) ?? []);

/**
 * Whether a text or JSON value is of this person: it has one of the person's addresses; or, where it has no address at all, one of the phone
 * numbers. What stands beside another address is somebody else's: people share phones.
 */
export function isAbout(person: Person, value: unknown): boolean {
  const texts = [...textsOf(value)];
  const emails = texts.flatMap(emailsIn);
  if (emails.length > 0) return emails.some((email) => person.emails.has(email));
  return texts.some((text) => person.phones.has(text.trim()) || phonesIn(text).some((phone) => person.phones.has(phone)));
}

/** The value with every text that has one of the person's addresses replaced. */
export function withoutPerson(person: Person, value: unknown): unknown {
  if (typeof value === 'string') return emailsIn(value).some((email) => person.emails.has(email)) ? 'erased' : value;
  if (Array.isArray(value)) return value.map((item) => withoutPerson(person, item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutPerson(person, inner)]));
}

/** All texts in a JSON value, keys and numbers among them: a phone number may have been sent as one. */
function* textsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'number') yield String(value);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      if (!Array.isArray(value)) yield key;
      yield* textsOf(inner);
    }
  }
}

/** A regular expression of PostgreSQL's that finds every text, in lower case, that may be about the person, and a few others. */
export function toPattern({ emails, phones, crmLeadIds }: Person): string {
  const words = [...emails, ...crmLeadIds].map(escape);
  // People write the last four digits of a number together, or in pairs.
  const ends = [...phones].map((phone) => {
    const digits = phone.replace(/\D/g, '').slice(-4);
    return digits.length < 4 ? escape(phone) : digits.split('').join('[^0-9]{0,3}');
  });
  // Raw JSON may spell any character as `\u....`: such texts are all looked at.
  return [...words, ...ends, String.raw`\\u`].join('|');
}

const escape = (word: string): string => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, String.raw`\$&`);
