import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { ErrorCode } from '../../src/errors.ts';
import type { Dialect } from '../dialect.ts';
import type { Answer, Problem } from '../route.ts';

/** The sentences that the documentation fixes; any other refusal speaks for itself. */
const sentences: Partial<Record<ErrorCode, string>> = {
  UNAUTHENTICATED: 'Invalid API key',
  UNKNOWN_STAGE: 'Invalid stage',
  LEAD_NOT_FOUND: 'Lead not found',
};

function refuse({ status, code, message, requestId, issues, stages, retryAfterSeconds }: Problem): Answer {
  return {
    status,
    body: {
      error: sentences[code] ?? message,
      ...(stages && { stages }),
      code,
      request_id: requestId,
      ...(issues && { issues }),
    },
    ...(retryAfterSeconds !== undefined && { headers: { 'retry-after': String(retryAfterSeconds) } }),
    ...(code === 'UNAUTHENTICATED' && { headers: { 'www-authenticate': 'Bearer' } }),
  };
}

/** `x-api-key` as documented; a Bearer token does as well. An empty header is no key. */
function credential(headers: IncomingHttpHeaders): string | null {
  const key = headers['x-api-key'];
  if (typeof key === 'string' && key !== '') return key;
  const [scheme, token] = headers.authorization?.split(/\s+/, 2) ?? [];
  return (scheme?.toLowerCase() === 'bearer' && token) || null;
}

const refusalSchema = z.object({
  error: z.string().describe('What was wrong, for people.'),
  code: z.string().describe('A stable code; the list is below.'),
  request_id: z.string().describe('Names this request in our log; also in the header X-Request-Id.'),
  stages: z.array(z.string()).optional().describe('With `Invalid stage`: the stages there are, in order.'),
  issues: z
    .array(z.object({ path: z.string(), message: z.string(), code: z.string() }))
    .optional()
    .describe('Every field that breaks a rule; `$` is the body as a whole.'),
});

export const ghostleads: Dialect = { name: 'ghostleads', title: 'Ghostleads', credential, refuse, refusalSchema };
