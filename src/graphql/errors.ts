import { IdempotencyKeyReusedError, InvalidInputError, type InputIssue } from '../errors.ts';
import { builder } from './builder.ts';

/** What every error member of a result union offers. */
export const ErrorInterface = builder.interfaceRef<{ readonly code: string; readonly message: string }>('Error').implement({
  description: 'Why a mutation refused. `code` is stable and listed in the README; `message` is for people and may change.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'A stable code from an append-only list.' }),
    message: t.exposeString('message', { description: 'What was wrong and how to put it right, for people.' }),
  }),
});

const InputIssueType = builder.objectRef<InputIssue>('InputIssue').implement({
  description: 'One rule that one field of the input breaks.',
  fields: (t) => ({
    path: t.stringList({
      description: 'Names from the input down to the field; empty means the input as a whole.',
      resolve: (issue) => [...issue.path],
    }),
    message: t.exposeString('message', { description: 'The rule and how to meet it.' }),
    code: t.exposeString('code', { description: 'A stable code for the rule.' }),
  }),
});

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  description: 'One or more fields break a rule; all of them are listed at once. Nothing was stored.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    issues: t.field({ type: [InputIssueType], description: 'Every broken rule.', resolve: (error) => [...error.issues] }),
  }),
});

builder.objectType(IdempotencyKeyReusedError, {
  name: 'IdempotencyKeyReusedError',
  description: 'The idempotency key was used before with a different input. Nothing was stored.',
  interfaces: [ErrorInterface],
});
