import { parse } from 'graphql';
import type { ErrorCode } from '../src/errors.ts';
import type { Execute, RestRequest } from '../src/graphql/execute.ts';
import { createDoor, type Door } from './door.ts';
import { type Endpoint, isWrite } from './endpoint.ts';
import { lastOfEach } from './form-fields.ts';
import type { Answer, FieldIssue, Problem, RestCall, RestRoute } from './route.ts';
import { isErrorCode, statusOf } from './status.ts';

/** Makes a declared endpoint servable: checks the shape, runs the operation, words the outcome as documented. */
export function toRoute(endpoint: Endpoint, execute: Execute, door: Door = createDoor()): RestRoute {
  const { method, path, accepts, dialect } = endpoint;
  return {
    method,
    path,
    accepts,
    bodyIsOptional: endpoint.queryInBody,
    writesOnGet: endpoint.writesOnGet,
    anyOrigin: dialect.isPublic ?? false,
    refuse: dialect.refuse,
    refuseBody: (fault, call) => refuseKnown(endpoint, execute, toRequest(endpoint, call), fault),
    handle: (call) => handle(endpoint, execute, endpoint.queryInBody ? withQuery(call) : call, door),
    ...(isWrite(endpoint) && { isShut: (headers) => door.isShut(dialect.credential(headers)) }),
  };
}

const withQuery = (call: RestCall): RestCall => ({ ...call, body: { ...lastOfEach(call.query), ...(call.body as object) } });

async function handle(endpoint: Endpoint, execute: Execute, call: RestCall, door: Door): Promise<Answer> {
  const request = toRequest(endpoint, call);
  const header = call.headers['idempotency-key'];
  const key = typeof header === 'string' ? header : undefined;
  if (isWrite(endpoint) && key !== undefined && !validKey.test(key)) return refuseKnown(endpoint, execute, request, invalidKey);
  const translation = endpoint.translate(call, key);
  if (translation.issues) return refuseKnown(endpoint, execute, request, invalidShape(translation.issues));

  const { result, notes } = await execute({ document: endpoint.operation, variables: translation.variables }, request);
  const refusal = result.errors?.[0] ? toRefusal(result.errors[0]) : refusalIn(result.data, endpoint);
  if (refusal?.code === 'OVERLOADED' && isWrite(endpoint)) door.shut(request.credential);
  if (refusal) return refuse(endpoint, request, refusal);
  const answer = translation.toAnswer(result.data);
  if (answer === 'LEAD_NOT_FOUND') return refuse(endpoint, request, leadNotFound);
  return notes.replayed ? { ...answer, headers: { ...answer.headers, 'idempotent-replayed': 'true' } } : answer;
}

function toRequest({ dialect }: Endpoint, call: RestCall): RestRequest {
  return {
    requestId: call.requestId,
    dialect: dialect.name,
    body: call.body,
    rawBody: call.rawBody,
    ipAddress: call.ipAddress,
    userAgent: call.headers['user-agent'] ?? null,
    startedAtMs: call.startedAtMs,
    credential: dialect.credential(call.headers),
  };
}

type Refusal = Omit<Problem, 'status' | 'requestId'>;

const refuse = ({ dialect }: Endpoint, { requestId, credential }: RestRequest, refusal: Refusal): Answer =>
  dialect.refuse({ ...refusal, status: statusOf[refusal.code], requestId, credentialMissing: credential === null });

const callerKind = parse('query Caller { viewer { kind } }', { noLocation: true });

/** Refuses before the operation ran. A stranger hears of a missing key first, and learns nothing of what a good request looks like. */
async function refuseKnown(endpoint: Endpoint, execute: Execute, request: RestRequest, refusal: Refusal): Promise<Answer> {
  if (endpoint.dialect.isPublic) return refuse(endpoint, request, refusal);
  const { result } = await execute({ document: callerKind }, request);
  if (result.errors?.[0]) return refuse(endpoint, request, toRefusal(result.errors[0]));
  const viewer = result.data?.['viewer'];
  const isStranger = isRecord(viewer) && viewer['kind'] === 'ANONYMOUS';
  return refuse(endpoint, request, isStranger ? { code: 'UNAUTHENTICATED', message: 'A valid API key is required.' } : refusal);
}

/** Printable ASCII without spaces: what every mutation asks of `idempotencyKey`. */
const validKey = /^[\x21-\x7E]{1,255}$/;

const invalidKey: Refusal = {
  code: 'IDEMPOTENCY_KEY_INVALID',
  message: 'Idempotency-Key must have 1 to 255 printable ASCII characters without spaces.',
};

const leadNotFound: Refusal = { code: 'LEAD_NOT_FOUND', message: 'There is no lead with this id.' };

const invalidShape = (issues: readonly FieldIssue[]): Refusal => ({ code: 'VALIDATION_FAILED', message: describeIssues(issues), issues });

const describeIssues = (issues: readonly FieldIssue[]): string => issues.map(({ path, message }) => `${path}: ${message}`).join('; ');

/** A top-level GraphQL error. The server has masked it: what it says may be passed on. */
function toRefusal({ message, extensions }: { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }): Refusal {
  const code: ErrorCode = isErrorCode(extensions['code']) ? extensions['code'] : 'INTERNAL_SERVER_ERROR';
  const retryAfterSeconds = extensions['retryAfterSeconds'];
  return {
    code,
    message: statusOf[code] === 500 ? 'Unexpected error.' : message,
    ...(typeof retryAfterSeconds === 'number' ? { retryAfterSeconds } : statusOf[code] === 503 && { retryAfterSeconds: 1 }),
  };
}

/** The error member of a mutation's union, when that is what it ended in. */
function refusalIn(data: unknown, endpoint: Endpoint): Refusal | null {
  const [outcome] = isRecord(data) ? Object.values(data) : [];
  if (!isRecord(outcome) || typeof outcome['message'] !== 'string' || !isErrorCode(outcome['code'])) return null;
  const stages = outcome['stages'];
  const issues = Array.isArray(outcome['issues']) ? outcome['issues'].filter(isIssue) : [];
  const named = issues.map((issue) => ({ ...issue, path: endpoint.fieldName(issue.path) || '$' }));
  return {
    code: issues.some((issue) => issue.code === 'IDEMPOTENCY_KEY_INVALID') ? 'IDEMPOTENCY_KEY_INVALID' : outcome['code'],
    message: named.length > 0 ? describeIssues(named) : outcome['message'],
    ...(named.length > 0 && { issues: named }),
    ...(Array.isArray(stages) && { stages: stages.map(String) }),
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

const isIssue = (value: unknown): value is { readonly path: readonly string[]; readonly message: string; readonly code: string } =>
  isRecord(value) && Array.isArray(value['path']) && typeof value['message'] === 'string' && typeof value['code'] === 'string';
