import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Credential } from '../../src/auth/credential.ts';
import type { Dialect } from '../dialect.ts';
import type { Answer, Problem } from '../route.ts';

const refusalSchema = z.object({
  error: z.string().describe('What was wrong, for people.'),
  code: z.string().describe('A stable code; the list is above.'),
  request_id: z.string().describe('Names this request in our log; also in the header X-Request-Id.'),
  issues: z
    .array(z.object({ path: z.string(), message: z.string(), code: z.string() }))
    .optional()
    .describe('Every field that breaks a rule; `$` is the body as a whole.'),
});

const named = { name: 'pulsegate', title: 'Pulsegate', refusalSchema } as const;

/** What the CRM sends, with its shared secret in either header or in both. */
export const crmWebhook: Dialect = {
  ...named,
  security: [{ apiKey: [] }, { bearer: [] }],
  credential: crmCredential,
  refuse: refuseWebhook,
};

/** What people and programs read, with an API key. */
export const analytics: Dialect = { ...named, credential: keyOf, refuse: refuseReader };

function crmCredential(headers: IncomingHttpHeaders): Credential {
  return { kind: 'crm', presented: [apiKeyHeader(headers), bearerToken(headers)].filter((secret) => secret !== null) };
}

function keyOf(headers: IncomingHttpHeaders): Credential {
  return apiKeyHeader(headers) ?? bearerToken(headers);
}

/** An empty header is no key. */
function apiKeyHeader(headers: IncomingHttpHeaders): string | null {
  const key = headers['x-api-key'];
  return typeof key === 'string' && key !== '' ? key : null;
}

function bearerToken({ authorization = '' }: IncomingHttpHeaders): string | null {
  return /^bearer +(.+)$/i.exec(authorization)?.[1]?.trim() ?? null;
}

function refuseWebhook(problem: Problem): Answer {
  // 503 is documented for the missing secret; whatever kept us from storing is a 500.
  if (problem.status >= 500 && problem.code !== 'CRM_NOT_CONFIGURED')
    return word({ ...problem, status: 500 }, 'Failed to store CRM activity');
  const { retryAfterSeconds: _, ...rest } = problem;
  return word(rest, webhookSentence(problem));
}

function webhookSentence({ code, message, issues = [] }: Problem): string {
  if (code === 'UNAUTHENTICATED') return 'Unauthorized';
  if (code === 'INVALID_JSON' || issues.some(({ path }) => path === '$')) return 'Invalid JSON body';
  return issues.some((issue) => issue.path === 'crm_lead_id' && issue.message.endsWith('is required'))
    ? 'crm_lead_id is required'
    : message;
}

function refuseReader(problem: Problem): Answer {
  if (problem.code === 'LEAD_NOT_FOUND') return word(problem, 'Lead not found');
  if (problem.code !== 'UNAUTHENTICATED') return word(problem, problem.message);
  return word(
    problem,
    problem.credentialMissing ? 'API key required. Use Authorization: Bearer <key> or X-API-Key header.' : 'Invalid API key',
  );
}

function word({ status, code, requestId, issues, retryAfterSeconds }: Problem, error: string): Answer {
  return {
    status,
    body: { error, code, request_id: requestId, ...(issues && { issues }) },
    ...(retryAfterSeconds !== undefined && { headers: { 'retry-after': String(retryAfterSeconds) } }),
    ...(code === 'UNAUTHENTICATED' && { headers: { 'www-authenticate': 'Bearer' } }),
  };
}
