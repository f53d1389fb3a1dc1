/** Every code that a caller can meet in an error member of a result union or in `extensions.code`. Append-only; each has a line in the README. */
export const errorCodes = [
  'VALIDATION_FAILED',
  'UNKNOWN_STAGE',
  'LEAD_NOT_FOUND',
  'EMAIL_TAKEN',
  'API_KEY_NOT_FOUND',
  'NAME_TAKEN',
  'IDEMPOTENCY_KEY_INVALID',
  'IDEMPOTENCY_KEY_REUSED',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'DB_UNAVAILABLE',
  'OVERLOADED',
  'INTERNAL_SERVER_ERROR',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BATCHING_DISABLED',
  'INVALID_JSON',
  'PAYLOAD_TOO_LARGE',
  'PAYLOAD_TOO_COMPLEX',
  'UNSUPPORTED_ENCODING',
  'UNSUPPORTED_MEDIA_TYPE',
  'METHOD_NOT_ALLOWED',
  'NOT_FOUND',
  'URI_TOO_LONG',
  'BAD_REQUEST',
  'REQUEST_TIMEOUT',
  'SHUTTING_DOWN',
  'SLOW_SUBSCRIBER',
  'CURSOR_INVALID',
  'SUBMISSION_NOT_FOUND',
  'CRM_NOT_CONFIGURED',
  'RATE_LIMITED',
  'SOURCE_NOT_FOUND',
  'CAMPAIGN_NOT_FOUND',
  'EVENT_TYPE_NOT_FOUND',
  'ID_TAKEN',
  'UNKNOWN_EVENT',
  'SOURCE_INACTIVE',
  'REVENUE_REQUIRED',
  'EVENT_IN_PROGRESS',
  'DUPLICATE_EVENT',
  'WEBHOOK_NOT_FOUND',
  'WEBHOOK_URL_NOT_ALLOWED',
  'HEADER_NOT_ALLOWED',
  'OPERATION_TOO_COMPLEX',
  'NOT_ACCEPTABLE',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** Something a caller did or met that we expected: it is answered, not logged as our fault. */
export abstract class DomainError extends Error {
  abstract readonly code: ErrorCode;
  /** What a program needs to go on, shown beside the code in `extensions`. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface InputIssue {
  /** Where the value stands in the input, outermost name first. Empty: the input as a whole. */
  readonly path: readonly string[];
  readonly message: string;
  readonly code: string;
}

/** One or more fields break a rule. All of them are named at once. */
export class InvalidInputError extends DomainError {
  readonly code = 'VALIDATION_FAILED';
  readonly issues: readonly InputIssue[];
  constructor(issues: readonly InputIssue[]) {
    super(issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`).join('; '));
    this.name = 'InvalidInputError';
    this.issues = issues;
  }
}

/** The idempotency key was used before with a different input. */
export class IdempotencyKeyReusedError extends DomainError {
  readonly code = 'IDEMPOTENCY_KEY_REUSED';
  constructor() {
    super('This idempotency key was used before with a different input. Use a new key for a new request.');
    this.name = 'IdempotencyKeyReusedError';
  }
}

/** The caller showed no credential, or one that is not (or no longer) known. */
export class UnauthenticatedError extends DomainError {
  readonly code = 'UNAUTHENTICATED';
  constructor() {
    super('A valid API key is required. Send it as `x-api-key` or `Authorization: Bearer`.');
    this.name = 'UnauthenticatedError';
  }
}

/** The caller is known but may not do this. */
export class ForbiddenError extends DomainError {
  readonly code = 'FORBIDDEN';
  constructor(message = 'Your API key does not allow this.') {
    super(message);
    this.name = 'ForbiddenError';
  }
}

/** Nobody's fault and temporary: try again after `retryAfterSeconds`. */
export class UnavailableError extends DomainError {
  readonly code: 'DB_UNAVAILABLE' | 'OVERLOADED' | 'SHUTTING_DOWN';
  readonly retryAfterSeconds: number;
  constructor(code: 'DB_UNAVAILABLE' | 'OVERLOADED' | 'SHUTTING_DOWN', retryAfterSeconds = 1) {
    super(`${unavailableMessages[code]} Try again in ${retryAfterSeconds} s.`);
    this.name = 'UnavailableError';
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const unavailableMessages = {
  DB_UNAVAILABLE: 'The database does not answer at the moment.',
  OVERLOADED: 'More requests are waiting than can be served in time.',
  SHUTTING_DOWN: 'This server is stopping.',
} as const;

/** Too much in too short a time: try again after `retryAfterSeconds`. */
export class RateLimitedError extends DomainError {
  readonly code = 'RATE_LIMITED';
  readonly retryAfterSeconds: number;
  constructor(what: string, retryAfterSeconds: number) {
    super(`${what} Try again in ${retryAfterSeconds} s.`);
    this.name = 'RateLimitedError';
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
