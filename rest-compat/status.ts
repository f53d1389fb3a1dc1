import type { ErrorCode } from '../src/errors.ts';

/** The HTTP status that goes with each code where a dialect's documentation does not say otherwise. */
export const statusOf: Readonly<Record<ErrorCode, number>> = {
  VALIDATION_FAILED: 400,
  UNKNOWN_STAGE: 400,
  LEAD_NOT_FOUND: 404,
  EMAIL_TAKEN: 409,
  API_KEY_NOT_FOUND: 404,
  NAME_TAKEN: 422,
  IDEMPOTENCY_KEY_INVALID: 400,
  IDEMPOTENCY_KEY_REUSED: 422,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  DB_UNAVAILABLE: 503,
  OVERLOADED: 503,
  INTERNAL_SERVER_ERROR: 500,
  GRAPHQL_PARSE_FAILED: 500,
  GRAPHQL_VALIDATION_FAILED: 500,
  BAD_USER_INPUT: 400,
  BATCHING_DISABLED: 400,
  INVALID_JSON: 400,
  PAYLOAD_TOO_LARGE: 413,
  PAYLOAD_TOO_COMPLEX: 400,
  UNSUPPORTED_ENCODING: 415,
  UNSUPPORTED_MEDIA_TYPE: 415,
  METHOD_NOT_ALLOWED: 405,
  NOT_FOUND: 404,
  URI_TOO_LONG: 414,
  BAD_REQUEST: 400,
  REQUEST_TIMEOUT: 408,
  SHUTTING_DOWN: 503,
  SLOW_SUBSCRIBER: 503,
  CURSOR_INVALID: 400,
};

export const isErrorCode = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(statusOf, code);
