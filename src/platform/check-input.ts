import type { z } from 'zod';
import { InvalidInputError, type InputIssue } from '../errors.ts';

/** The input as the schema leaves it. Throws one InvalidInputError with every issue, that of an idempotency key in the input among them. */
export function checkInput<Output>(schema: z.ZodType<Output>, input: object): Output {
  const checked = schema.safeParse(input);
  const issues = [...idempotencyKeyIssues(input), ...(checked.success ? [] : checked.error.issues.map(toIssue))];
  if (!checked.success || issues.length > 0) throw new InvalidInputError(issues);
  return checked.data;
}

const printable = /^[\x21-\x7E]{1,255}$/;

/** What is wrong with the idempotency key of an input: nothing, or one issue. */
export function idempotencyKeyIssues(input: { readonly idempotencyKey?: unknown }): InputIssue[] {
  const { idempotencyKey: key } = input;
  if (key === null || key === undefined || (typeof key === 'string' && printable.test(key))) return [];
  const message = 'must have 1 to 255 printable ASCII characters without spaces';
  return [{ path: ['idempotencyKey'], message, code: 'IDEMPOTENCY_KEY_INVALID' }];
}

/** An issue as our errors state it. A rule of our own has a code where callers may want to tell it apart: `params: { code }`. */
export function toIssue(issue: z.core.$ZodIssue): InputIssue {
  return { path: issue.path.map(String), message: issue.message, code: codeOf(issue) };
}

function codeOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'custom') return issue.code.toUpperCase();
  return typeof issue.params?.['code'] === 'string' ? issue.params['code'] : 'INVALID_VALUE';
}
