import { InvalidInputError, type InputIssue } from '../errors.ts';
import { idempotencyKeyIssues } from '../platform/check-input.ts';
import { hashInput } from './answer.ts';

/**
 * The idempotency key of an input with the hash of the rest of it; null when the caller gave none. Throws InvalidInputError where it is no key,
 * with what else was found wrong.
 */
export function toIdempotency(
  input: { readonly idempotencyKey?: string | null | undefined },
  issues: readonly InputIssue[] = [],
): { readonly key: string; readonly requestHash: string } | null {
  const wrong = idempotencyKeyIssues(input);
  if (wrong.length > 0) throw new InvalidInputError([...wrong, ...issues]);
  const { idempotencyKey: key } = input;
  return key == null ? null : { key, requestHash: hashInput({ ...input, idempotencyKey: undefined }) };
}
