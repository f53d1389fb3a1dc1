import { createHash } from 'node:crypto';
import { Prisma } from '../../prisma/generated/client/client.ts';

/** Turns an operation's result into plain JSON that {@link decodeAnswer} restores with its dates, decimals and large integers. */
export function encodeAnswer(result: unknown): string {
  return JSON.stringify(result, function (this: Record<string, unknown>, name, value: unknown) {
    const raw = this[name];
    if (raw instanceof Date) return { $date: raw.toISOString() };
    if (Prisma.Decimal.isDecimal(raw)) return { $decimal: raw.toString() };
    if (typeof raw === 'bigint') return { $bigint: String(raw) };
    return value;
  });
}

export const decodeAnswer = (answer: unknown): unknown => revive(answer);

function revive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value !== 'object' || value === null) return value;
  if ('$date' in value && typeof value.$date === 'string') return new Date(value.$date);
  if ('$decimal' in value && typeof value.$decimal === 'string') return new Prisma.Decimal(value.$decimal);
  if ('$bigint' in value && typeof value.$bigint === 'string') return BigInt(value.$bigint);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, revive(inner)]));
}

/** The same for equal inputs, whatever the order of their keys. */
export function hashInput(input: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sortKeys(input)))
    .digest('base64url');
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sortKeys(inner)]),
  );
}
