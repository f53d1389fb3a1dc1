import { toDigits } from '../exact-numbers.ts';
import { isRealDay } from '../real-day.ts';

/** How the value of a field is read: leniently where nothing is lost, since legacy senders write numbers as texts and texts as numbers. */
export interface Field {
  readonly type: 'string' | 'number' | 'boolean' | 'array' | 'object';
  readonly describe: string;
  /** The value as the graph takes it; undefined: not sent. Throws a Misread that says what it should have been. */
  readonly read: (value: unknown) => unknown;
}

export class Misread extends Error {}

export const isMissing = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === 'string' && value.trim() === '');

const field =
  (type: Field['type'], read: (value: unknown) => unknown) =>
  (describe = ''): Field => ({ type, describe, read: (value) => (isMissing(value) ? undefined : read(value)) });

function misread(message: string): never {
  throw new Misread(message);
}

export const text = field('string', (value) => {
  if (typeof value === 'string') return value;
  return (typeof value === 'number' && Number.isFinite(value)) || typeof value === 'boolean' ? String(value) : misread('must be a text');
});

const decimalPattern = /^[+-]?\d{1,20}(\.\d{1,18})?$/;

/** Money stays text on its way, so that no digit is lost. */
export const decimal = field('number', (value) => {
  const digits = typeof value === 'number' ? toDigits(value) : typeof value === 'string' ? value.trim() : '';
  return decimalPattern.test(digits) ? digits : misread('must be a number, with at most 20 digits before and 18 after the point');
});

export const number = field('number', (value) => {
  const found = typeof value === 'string' && decimalPattern.test(value.trim()) ? Number(value) : value;
  return typeof found === 'number' && Number.isFinite(found) ? found : misread('must be a number');
});

const booleans: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  ['true', true],
  ['1', true],
  ['yes', true],
  [1, true],
  [false, false],
  ['false', false],
  ['0', false],
  ['no', false],
  [0, false],
]);

export const boolean = field('boolean', (value) => {
  const found = booleans.get(typeof value === 'string' ? value.trim().toLowerCase() : value);
  return found ?? misread('must be true or false');
});

const isoTime = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** A day; of a moment the day that it names. */
export const date = field('string', (value) => {
  const [, day] = (typeof value === 'string' && /^(\d{4}-\d{2}-\d{2})(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?$/.exec(value.trim())) || [];
  return day !== undefined && isRealDay(day) ? day : misread('must be an existing day written YYYY-MM-DD');
});

export const moment = field('string', (value) => {
  const time = typeof value === 'string' ? value.trim() : '';
  const [, day] = isoTime.exec(time) ?? [];
  const utcYear = new Date(time).getUTCFullYear();
  return day !== undefined && isRealDay(day) && utcYear >= 1 && utcYear <= 9999
    ? time
    : misread('must be a time with an offset, like 2026-06-15T14:03:11Z');
});

/** A list of texts; a form and an address have them in one text, separated by commas. */
export const texts = field('array', (value) => {
  const items: readonly unknown[] = Array.isArray(value)
    ? value
    : typeof value === 'string'
      ? value.split(',')
      : misread('must be a list of texts');
  return items.map((item) => text().read(item)).filter((item) => item !== undefined);
});

/** An object of the sender's own making, handed on as it is: copying it would lose a key named `__proto__`. Forms carry it as JSON. */
export const object = field('object', (value) => {
  const found = typeof value === 'string' ? parseJson(value) : value;
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? found : misread('must be an object of texts');
});

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
