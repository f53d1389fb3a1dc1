import type { z } from 'zod';
import { InvalidInputError, type InputIssue } from '../errors.ts';

/** The input as the schema leaves it. Throws one InvalidInputError with every issue. */
export function checkInput<Output>(schema: z.ZodType<Output>, input: unknown): Output {
  const checked = schema.safeParse(input);
  if (!checked.success) throw new InvalidInputError(checked.error.issues.map(toIssue));
  return checked.data;
}

/** An issue as our errors state it. */
export function toIssue(issue: z.core.$ZodIssue): InputIssue {
  return {
    path: issue.path.map(String),
    message: issue.message,
    code: issue.code === 'custom' ? 'INVALID_VALUE' : issue.code.toUpperCase(),
  };
}
