import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Answer, Problem, RestCall, RestRoute } from '../../rest-compat/route.ts';
import { describeError } from '../platform/error-reason.ts';
import type { Log } from '../platform/log.ts';
import type { HttpFault } from './fault.ts';
import { parseForm } from './form-body.ts';
import { parseJsonObject } from './json-body.ts';
import { bodyFormatOf } from './media-type.ts';
import { payloadTooLarge, readBody } from './read-body.ts';

/** What a browser lets a page of another origin read of an answer. */
export const anyOrigin = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Idempotent-Replayed, Retry-After, X-Request-Id',
} as const;

/** What a page of another origin may send; a browser asks before it sends JSON. */
const preflight = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'Content-Type, Idempotency-Key',
  'access-control-max-age': '86400',
} as const;

/** Mounts a documented endpoint: reads the body as its documentation allows, lets the endpoint answer, writes the answer as JSON. */
export function mountRest(app: FastifyInstance, route: RestRoute, log: Log): void {
  app.route({
    method: route.method,
    url: route.path,
    exposeHeadRoute: !route.writesOnGet,
    handler(request, reply) {
      if (route.anyOrigin) void reply.headers(anyOrigin);
      // The router matches `/leads/` as `/leads/:id` with an empty id.
      if (hasEmptyParam(request)) reply.callNotFound();
      else if (route.accepts.length === 0) serve(route, request, reply, toCall(request), log);
      else takeBody(route, request, reply, log);
    },
  });
  if (!route.anyOrigin) return;
  app.options(route.path, (_request, reply) =>
    reply
      .code(204)
      .headers({ ...preflight, 'access-control-allow-methods': route.method })
      .send(),
  );
}

function hasEmptyParam(request: FastifyRequest): boolean {
  const params = request.params as RestCall['params'];
  for (const name in params) if (params[name] === '') return true;
  return false;
}

function takeBody(route: RestRoute, request: FastifyRequest, reply: FastifyReply, log: Log): void {
  if (route.bodyIsOptional && hasNoBody(request)) {
    serve(route, request, reply, toCall(request, {}), log);
    return;
  }
  const format = bodyFormatOf(request.headers, route.accepts);
  if (typeof format === 'object') {
    refuseBody(route, request, reply, format, log);
    return;
  }
  readBody(request.raw, (bytes) => {
    if (bytes === null) {
      void reply.header('connection', 'close');
      refuseBody(route, request, reply, payloadTooLarge, log);
      return;
    }
    const parsed = format === 'json' ? parseJsonObject(bytes) : parseForm(bytes);
    if (parsed.fault) refuseBody(route, request, reply, parsed.fault, log);
    else serve(route, request, reply, toCall(request, parsed.value, format === 'form', parsed.text), log);
  });
}

const hasNoBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;

function serve(route: RestRoute, request: FastifyRequest, reply: FastifyReply, call: RestCall, log: Log): void {
  answer(route, request, reply, route.handle(call), log);
}

function refuseBody(route: RestRoute, request: FastifyRequest, reply: FastifyReply, fault: HttpFault, log: Log): void {
  if (route.refuseBody) answer(route, request, reply, route.refuseBody(toProblem(fault), toCall(request)), log);
  else refuse(route, request, reply, fault);
}

function answer(route: RestRoute, request: FastifyRequest, reply: FastifyReply, promised: Promise<Answer>, log: Log): void {
  promised.then(
    (made) => send(reply, made),
    (error: unknown) => {
      log.error({ requestId: request.id, err: describeError(error) }, 'endpoint failed');
      refuse(route, request, reply, { status: 500, code: 'INTERNAL_SERVER_ERROR', message: 'Unexpected error.' });
    },
  );
}

function toCall(request: FastifyRequest, body?: unknown, isForm = false, rawBody?: string): RestCall {
  return {
    requestId: request.id,
    headers: request.headers,
    // The router gives texts; its types do not know which names.
    params: request.params as RestCall['params'],
    query: request.query as RestCall['query'],
    body,
    rawBody,
    isForm,
    ipAddress: callerAddress(request),
    startedAtMs: performance.now(),
  };
}

/** The caller's address: the socket's, unless a trusted proxy names another. IPv4 as IPv4, also where the socket listens on IPv6. */
export function callerAddress(request: FastifyRequest): string | null {
  const address: string | undefined = request.ip;
  return address?.startsWith('::ffff:') ? address.slice('::ffff:'.length) : (address ?? null);
}

function refuse(route: RestRoute, request: FastifyRequest, reply: FastifyReply, fault: HttpFault): void {
  send(reply, route.refuse({ ...toProblem(fault), requestId: request.id }));
}

function toProblem({ status, code, message, field }: HttpFault): Omit<Problem, 'requestId'> {
  return { status, code, message, ...(field !== undefined && { issues: [{ path: field, message, code }] }) };
}

function send(reply: FastifyReply, { status, body, headers }: Answer): void {
  void reply.header('content-type', 'application/json; charset=utf-8');
  if (headers) void reply.headers(headers);
  void reply.code(status).send(JSON.stringify(body));
}
