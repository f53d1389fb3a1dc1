import { z } from 'zod';
import type { ErrorCode } from '../../src/errors.ts';
import type { Dialect } from '../dialect.ts';
import type { Answer, FieldIssue, Problem } from '../route.ts';
import { amountNames, missing } from './fields.ts';

/** The sentences that the documentation fixes, and the field that is at fault; any other refusal speaks for itself. */
const sentences: Partial<Record<ErrorCode, readonly [message: string, invalid: string | null, missing?: string]>> = {
  CAMPAIGN_NOT_FOUND: ['Invalid cid', 'cid'],
  LEAD_NOT_FOUND: ['Lead not found', 'transaction_id'],
  UNKNOWN_EVENT: ['Invalid event_id', 'event_id'],
  SOURCE_INACTIVE: ['Source is inactive', null],
  REVENUE_REQUIRED: ['Missing revenue for conversion event', null, 'revenue'],
  EVENT_IN_PROGRESS: ['Event is already being processed', null],
  DUPLICATE_EVENT: ['Duplicate event', null],
};

const refuse =
  (statuses: Partial<Record<ErrorCode, number>>) =>
  (problem: Problem): Answer => {
    const { code, requestId, retryAfterSeconds } = problem;
    const status = statuses[code] ?? problem.status;
    const { message, missingFields, invalidFields } = inWords(problem);
    return {
      status,
      body: {
        status,
        type: 'error',
        message,
        ...(Object.keys(missingFields).length > 0 && { missingFields }),
        ...(Object.keys(invalidFields).length > 0 && { invalidFields }),
        code,
        request_id: requestId,
      },
      ...(retryAfterSeconds !== undefined && { headers: { 'retry-after': String(retryAfterSeconds) } }),
    };
  };

interface Words {
  readonly message: string;
  readonly missingFields: Readonly<Record<string, string>>;
  readonly invalidFields: Readonly<Record<string, string>>;
}

function inWords({ code, message, issues = [] }: Problem): Words {
  const [sentence, invalid, absent] = sentences[code] ?? [];
  if (sentence !== undefined) {
    return {
      message: sentence,
      missingFields: absent === undefined ? {} : { [absent]: missing },
      invalidFields: invalid == null ? {} : { [invalid]: message },
    };
  }
  const named = issues.filter((issue) => issue.path !== '$');
  const [first] = named.filter(isMissing).concat(named.filter((issue) => !isMissing(issue)));
  return {
    message: first === undefined || code !== 'VALIDATION_FAILED' ? message : `${isMissing(first) ? 'Missing' : 'Invalid'} ${toName(first)}`,
    missingFields: toFields(named.filter(isMissing)),
    invalidFields: toFields(named.filter((issue) => !isMissing(issue))),
  };
}

const isMissing = (issue: FieldIssue): boolean => issue.message === missing;

/** `amount` is another name for `revenue`, and the documented sentence says `revenue`. */
const toName = ({ path }: FieldIssue): string => (path === 'amount' ? 'revenue' : path);

const amountRule = 'must be a number, 0 or more and less than 10000000000000, with at most 18 digits after the point';

const toFields = (issues: readonly FieldIssue[]): Readonly<Record<string, string>> =>
  Object.fromEntries(issues.map(({ path, message }) => [path, amountNames.has(path) ? amountRule : message]));

const fields = z.record(z.string(), z.string());

const refusalSchema = z.object({
  status: z.int().describe('The HTTP status again.'),
  type: z.literal('error'),
  message: z.string().describe('What was wrong.'),
  code: z.string().describe('A stable code; the list is above.'),
  request_id: z.string().describe('Names this request in our log; also in the header X-Request-Id.'),
  missingFields: fields.optional().describe('What was left out, by field.'),
  invalidFields: fields.optional().describe('What breaks a rule, by field.'),
});

const documented = { name: 'pingtree', title: 'Pingtree', isPublic: true, security: [], credential: () => null, refusalSchema } as const;

/** An unknown lead counts as an invalid `transaction_id`. */
export const pingtree: Dialect = { ...documented, refuse: refuse({ LEAD_NOT_FOUND: 400 }) };

/** The global endpoint finds its lead in the whole organization, and says 404 when it does not. */
export const pingtreeGlobal: Dialect = { ...documented, refuse: refuse({}) };

export const success = z.object({
  status: z.literal(200),
  type: z.literal('success'),
  message: z.enum(['Event fired successfully', 'Conversion event fired successfully']),
  revenue: z.union([z.number(), z.string()]).optional().describe('Of a conversion. A string where a JSON number would lose digits.'),
});
