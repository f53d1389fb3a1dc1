import { GraphQLError } from 'graphql';
import { DomainError, errorCodes, InvalidInputError, RateLimitedError, UnavailableError } from '../errors.ts';
import { whyUnavailable } from '../platform/database.ts';
import { describeError } from '../platform/error-reason.ts';
import type { Log } from '../platform/log.ts';

/** Turns whatever was thrown into what a caller may see: our refusals with their code, everything else without a word of its content. */
export function maskError(error: unknown, log: Log, requestId: string | undefined): GraphQLError {
  const original = unwrap(error);
  if (original instanceof GraphQLError) return withCode(ofVariable(error, original) ?? original, requestId);
  const unavailable = whyUnavailable(original);
  const refusal = original instanceof DomainError ? original : unavailable ? new UnavailableError(unavailable) : null;
  if (refusal) return toGraphQLError(error, refusal, requestId);
  log.error({ requestId, err: describeError(original) }, 'operation failed');
  return locate(error, 'Unexpected error.', { code: 'INTERNAL_SERVER_ERROR', requestId });
}

function toGraphQLError(error: unknown, refusal: DomainError, requestId: string | undefined): GraphQLError {
  return locate(error, refusal.message, {
    ...refusal.details,
    code: refusal.code,
    requestId,
    ...((refusal instanceof UnavailableError || refusal instanceof RateLimitedError) && {
      retryAfterSeconds: refusal.retryAfterSeconds,
      http: { status: refusal.code === 'RATE_LIMITED' ? 429 : 503, headers: { 'retry-after': String(refusal.retryAfterSeconds) } },
    }),
    ...(refusal instanceof InvalidInputError && { issues: refusal.issues }),
  });
}

/** Keeps path and position of a GraphQLError that wraps what a resolver threw. */
export function locate(error: unknown, message: string, extensions: Record<string, unknown>): GraphQLError {
  if (!(error instanceof GraphQLError)) return new GraphQLError(message, { extensions });
  const { nodes, source, positions, path } = error;
  return new GraphQLError(message, {
    ...(nodes && { nodes }),
    ...(source && { source }),
    ...(positions && { positions }),
    ...(path && { path }),
    extensions,
  });
}

/** What is wrong with a variable, and where in it. graphql-js also writes the value out, again and again for an object with several faults. */
function ofVariable(error: unknown, original: GraphQLError): GraphQLError | null {
  if (!(error instanceof GraphQLError) || error === original) return null;
  const ending = `; ${original.message}`;
  const [, name] = /^Variable "(\$\w+)" got invalid value /.exec(error.message) ?? [];
  if (name === undefined || !error.message.endsWith(ending)) return null;
  const [, place] = / at "([^"]*)"$/.exec(error.message.slice(0, -ending.length)) ?? [];
  return locate(error, `Variable "${place === undefined ? name : `$${place}`}": ${original.message}`, original.extensions);
}

function withCode(error: GraphQLError, requestId: string | undefined): GraphQLError {
  const { extensions } = error;
  if (isOfMethod(extensions['http'])) return locate(error, error.message, { ...extensions, code: 'METHOD_NOT_ALLOWED', requestId });
  const isNamed = ourCodes.has(extensions['code']);
  if (isNamed && (requestId === undefined || extensions['requestId'] === requestId)) return error;
  const code = isNamed ? extensions['code'] : 'BAD_USER_INPUT';
  return locate(error, error.message, { ...extensions, code, ...(requestId !== undefined && { requestId }) });
}

const isOfMethod = (http: unknown): boolean => typeof http === 'object' && http !== null && 'status' in http && http.status === 405;

/** The libraries have codes of their own, which nobody promised to keep. */
const ourCodes: ReadonlySet<unknown> = new Set(errorCodes);

function unwrap(error: unknown): unknown {
  let inner = error;
  while (inner instanceof GraphQLError && inner.originalError) inner = inner.originalError;
  return inner;
}
