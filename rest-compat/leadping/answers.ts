import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Credential } from '../../src/auth/credential.ts';
import { submissionChecks } from '../../src/leads/submission-checks.ts';
import type { Dialect } from '../dialect.ts';
import type { Answer, FieldIssue, Problem } from '../route.ts';

const types = 'https://leadping.ai/docs/errors';

/** The kinds of problems that the documentation names, by status; any other is what its status says. */
const kinds: Readonly<Record<number, readonly [type: string, title: string, detail?: string]>> = {
  400: [`${types}/validation`, 'Request validation failed'],
  401: [
    `${types}/unauthorized`,
    'Source credentials are missing or invalid',
    'Send X-Leadping-Source-Id and X-Leadping-Source-Key of one source.',
  ],
  403: [`${types}/forbidden`, 'The source is not allowed to accept traffic'],
  429: [`${types}/rate-limit`, 'Too many requests.', 'The API rate limit for this account has been exceeded.'],
};

/** The documented detail of fields that were refused; which and why stands in `errors`. */
const fieldsRefused = 'One or more request fields are invalid.';

/** Codes of checks that say more than that some field breaks its rule. The first of them names the whole refusal. */
const tellingCode = /^(CONTACT_REQUIRED|SOURCE_NOT_APPROVED|STATE_NOT_ALLOWED|PRODUCT_NOT_ALLOWED|TRUSTED_FORM_[A-Z_]+)$/;

function refuse(instance: string, problem: Problem): Answer {
  const { status, message, requestId, issues, retryAfterSeconds } = problem;
  const [type, title, detail] = kinds[status] ?? ['about:blank', titles[status] ?? 'Request refused'];
  return {
    status,
    headers: {
      'content-type': 'application/problem+json; charset=utf-8',
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    },
    body: {
      type,
      title,
      status,
      detail: detail ?? (issues ? fieldsRefused : message),
      instance,
      ...(issues && { errors: byField(issues), issues }),
      code: codeOf(problem),
      request_id: requestId,
    },
  };
}

const titles: Readonly<Record<number, string>> = {
  413: 'The body is too large',
  415: 'The body has a type that is not taken',
  422: 'The Idempotency-Key was used before',
  500: 'Unexpected error',
  503: 'Temporarily unavailable',
};

const codeOf = ({ code, issues = [] }: Problem): string =>
  (code === 'VALIDATION_FAILED' && issues.find((issue) => tellingCode.test(issue.code))?.code) || code;

const byField = (issues: readonly FieldIssue[]): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    [...new Set(issues.map(({ path }) => path))].map((path) => [
      path,
      issues.filter((issue) => issue.path === path).map(({ message }) => message),
    ]),
  );

/** The documented pair of headers, or a key alone as a Bearer token. Half a pair is none. Never the address: it would be written to logs. */
function credential(headers: IncomingHttpHeaders): Credential {
  const id = headerOf(headers, 'x-leadping-source-id');
  const key = headerOf(headers, 'x-leadping-source-key');
  if (id !== null || key !== null) return { kind: 'source', ...(id !== null && key !== null ? { sourceId: id, key } : nothing) };
  const [scheme, token] = headers.authorization?.split(/\s+/, 2) ?? [];
  return { kind: 'source', sourceId: null, key: (scheme?.toLowerCase() === 'bearer' && token) || null };
}

const nothing = { sourceId: null, key: null } as const;

function headerOf(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

const refusalSchema = z.object({
  type: z.string().describe('What kind of problem it is.'),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe('What was wrong, for people.'),
  instance: z.string().describe('The endpoint.'),
  errors: z
    .record(z.string(), z.array(z.string()))
    .optional()
    .describe('Every field that was refused and why, all at once; `$` is the request as a whole.'),
  issues: z
    .array(z.object({ path: z.string(), message: z.string(), code: z.string() }))
    .optional()
    .describe('The same in the order of the checks, with stable codes.'),
  code: z.string().describe('A stable code.'),
  request_id: z.string().describe('Names this request in our log; also in the header X-Request-Id.'),
});

/** The dialect as one of its endpoints speaks it: a problem names where it happened. */
export const leadpingAt = (instance: string): Dialect => ({
  name: 'leadping',
  title: 'Leadping',
  credential,
  refuse: (problem) => refuse(instance, problem),
  refusalSchema,
  refusalType: 'application/problem+json',
  checks: submissionChecks,
  security: [{ sourceId: [], sourceKey: [] }, { bearer: [] }],
  credentialHelp:
    'X-Leadping-Source-Id and X-Leadping-Source-Key of one source, or its key alone as Authorization: Bearer. Never in the address.',
});
