import { InvalidInputError } from '../errors.ts';
import { hashInput } from './answer.ts';

const printable = /^[\x21-\x7E]{1,255}$/;

/** The idempotency key of an input with the hash of the rest of it; null when the caller gave none. */
export function toIdempotency(
  key: string | null | undefined,
  input: object,
): { readonly key: string; readonly requestHash: string } | null {
  if (key === null || key === undefined) return null;
  if (!printable.test(key)) {
    const message = 'must have 1 to 255 printable ASCII characters without spaces';
    throw new InvalidInputError([{ path: ['idempotencyKey'], message, code: 'IDEMPOTENCY_KEY_INVALID' }]);
  }
  return { key, requestHash: hashInput({ ...input, idempotencyKey: undefined }) };
}
