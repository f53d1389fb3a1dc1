import { createHash } from 'node:crypto';
import { Prisma } from '../../prisma/generated/client/client.ts';
import { sortKeys } from '../platform/same-json.ts';

/** Turns an operation's result into plain JSON that {@link decodeAnswer} restores with its dates, decimals and large integers. */
export function encodeAnswer(result: unknown): string {
  return JSON.stringify(result, function (this: Record<string, unknown>, name, value: unknown) {
    const raw = this[name];
    if (raw instanceof Date) return { $date: raw.toISOString() };
    if (Prisma.Decimal.isDecimal(raw)) return { $decimal: raw.toString() };
    if (typeof raw === 'bigint') return { $bigint: String(raw) };
    return hasMark(value) ? renameKeys(value, (key) => (key.startsWith(mark) ? mark + key : key)) : value;
  });
}

/** A sender's own key that begins like our marks gets one more of it, so that the two are told apart. */
const mark = '$';

const hasMark = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).some((key) => key.startsWith(mark));

const renameKeys = (object: object, rename: (key: string) => string): object =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [rename(key), value]));

export const decodeAnswer = (answer: unknown): unknown => revive(answer);

function revive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value !== 'object' || value === null) return value;
  if ('$date' in value && typeof value.$date === 'string') return new Date(value.$date);
  if ('$decimal' in value && typeof value.$decimal === 'string') return new Prisma.Decimal(value.$decimal);
  if ('$bigint' in value && typeof value.$bigint === 'string') return BigInt(value.$bigint);
  const named = renameKeys(value, (key) => (key.startsWith(mark + mark) ? key.slice(mark.length) : key));
  return Object.fromEntries(Object.entries(named).map(([name, inner]) => [name, revive(inner)]));
}

/** The same for equal inputs, whatever the order of their keys. */
export function hashInput(input: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sortKeys(input)))
    .digest('base64url');
}
