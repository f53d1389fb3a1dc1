import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import type { Page, RestRoute } from '../../rest-compat/route.ts';
import { describeError } from '../platform/error-reason.ts';
import type { Log } from '../platform/log.ts';
import { answerClientError } from './client-error.ts';
import { trackConnections } from './connections.ts';
import { createCors } from './cors.ts';
import { createDoorkeeper } from './doorkeeper.ts';
import { createFallback } from './fallback.ts';
import { type HttpFault, toProblemDetails } from './fault.ts';
import { type GraphqlHandler, mountGraphql, refusalHeaders, refuseGraphql, type TurnAway } from './graphql.ts';
import { createTurnWatch } from './long-turns.ts';
import { createHttpMetrics } from './metrics.ts';
import { mountOperations } from './operations.ts';
import { mostConnections } from './most-connections.ts';
import { requestIdOf } from './request-id.ts';
import { anyOrigin, mountRest } from './rest.ts';

export interface HttpServerOptions {
  readonly log: Log;
  readonly registry: Registry;
  /** Which peers may name the caller in `X-Forwarded-For`: none, all, or a comma-separated list of addresses and networks. */
  readonly trustProxy: boolean | string;
  /** Whether the database can be reached and is migrated. */
  readonly isReady: () => Promise<boolean>;
  readonly graphql: GraphqlHandler;
  /** Whether an operation that was read is one too many, which is told at once. */
  readonly turnsAway?: (operation: object) => boolean;
  /** Whose pages may read what the graph answers. */
  readonly corsOrigins?: readonly string[];
  readonly routes: readonly RestRoute[];
  readonly pages: readonly Page[];
  /** How long a caller may take to send its headers, to send its whole request, and to take an answer that is complete. */
  readonly patience?: { readonly headersMs: number; readonly requestMs: number; readonly answerMs?: number };
}

export interface HttpServer {
  /** For further routes (before `listen`) and for tests by injection. */
  readonly app: FastifyInstance;
  /** WebSockets are taken over here, on `upgrade`. */
  readonly server: Server;
  /** Resolves with the address it listens at. */
  readonly listen: (host: string, port: number) => Promise<string>;
  /** Serves on, but `/readyz` says no: nobody should be sent here any more. */
  readonly leave: () => void;
  /** Stops accepting, finishes the requests in flight, cuts what is left after {@link closeGraceMs}. */
  readonly close: () => Promise<void>;
}

const defaultPatience = { headersMs: 10_000, requestMs: 30_000 };
const defaultAnswerMs = 60_000;
export const closeGraceMs = 8000;
const maxUrlLength = 8000;
/** Connections that came while this process was busy. Beyond it the system drops them, and their callers try again after a second or more; Node's own limit is 511. */
const mostWaiting = 4096;

const security = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' } as const;

export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { log, trustProxy, patience = defaultPatience } = options;
  const metrics = createHttpMetrics(options.registry);
  let leaving = false;

  const app = Fastify({
    logger: false,
    trustProxy: typeof trustProxy === 'string' ? trustProxy.split(',').map((peer) => peer.trim()) : trustProxy,
    genReqId: requestIdOf,
    requestIdHeader: false,
    return503OnClosing: false,
    forceCloseConnections: false,
    keepAliveTimeout: 65_000,
    requestTimeout: patience.requestMs,
    // A caller that stops reading its answer. Streams write a heartbeat more often than that.
    connectionTimeout: 60_000,
    clientErrorHandler: (error, socket) => answerClientError(error, socket, log),
    frameworkErrors: (_error, request, reply) => void answerFault(request, reply, badUrl),
    http: {
      headersTimeout: patience.headersMs,
      connectionsCheckingInterval: Math.min(1000, patience.headersMs / 4),
      // Without it Node answers a missing Host itself, without our body; see hostFault.
      requireHostHeader: false,
    },
  });
  // Bodies are read by our own code, whatever the method, so Fastify must not touch them.
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) app.addHttpMethod(method, { hasBody: false, overrideExisting: true });

  // Connections that end with the answer under way. Whatever came behind its request in the same packet, perhaps smuggled, is nobody's.
  const ending = new WeakSet<Socket>();
  // Requests that the doorkeeper answered, counted and told of.
  const turnedAway = new WeakSet<IncomingMessage>();
  const cors = createCors(options.corsOrigins ?? []);
  const isTooMany = createTurnWatch();
  const graphqlDoors = (['GET', 'POST'] as const).map((method) => ({
    method,
    path: '/graphql',
    refuse: refuseGraphql,
    refusalHeaders: (request: IncomingMessage) => refusalHeaders(cors, request),
  }));
  const doorkeeper = createDoorkeeper({
    routes: [...options.routes, ...graphqlDoors].map((route) => ({ isShut: isTooMany, ...route })),
    commonHeaders: (route) => (route.anyOrigin ? { ...security, ...anyOrigin } : security),
    answered: (route, status) => metrics.count(route.path, route.method, status),
    isSound: (request) => !ending.has(request.socket) && requestFault(request) === null,
    log,
  });
  const turnAway: TurnAway = (operation, request, response) => {
    const isTurned = options.turnsAway?.(operation) === true && doorkeeper.turnAway(request, response);
    if (isTurned) turnedAway.add(request);
    return isTurned;
  };

  app.addHook('onRequest', (request, reply, done) => {
    if (ending.has(request.raw.socket)) {
      reply.hijack();
      return;
    }
    void reply.headers({ 'x-request-id': request.id, ...security });
    const fault = requestFault(request.raw);
    if (!fault) {
      done();
      return;
    }
    if (fault === badHost) {
      ending.add(request.raw.socket);
      void reply.header('connection', 'close');
    }
    void answerFault(request, reply, fault);
  });
  app.addHook('onResponse', (request, reply, done) => {
    if (turnedAway.has(request.raw)) {
      done();
      return;
    }
    const status = reply.statusCode;
    const route = request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched');
    metrics.observe(route, request.method, status, reply.elapsedTime);
    if (status >= 400 || log.isLevelEnabled('debug')) logRequest(log, request, route, status, reply.elapsedTime);
    done();
  });
  app.setErrorHandler((error, request, reply) => {
    log.error({ requestId: request.id, err: describeError(error) }, 'request failed');
    return answerFault(request, reply, unexpected);
  });
  const fallback = createFallback(app);
  app.setNotFoundHandler((request, reply) => fallback(request, reply));

  mountOperations(app, options.registry, async () => !leaving && (await options.isReady()));
  mountGraphql(app, options.graphql, { cors, turnAway, log });
  for (const route of options.routes) mountRest(app, route, log);
  for (const page of options.pages) mountPage(app, page);

  const { server } = app;
  const serve = server.listeners('request');
  server.removeAllListeners('request').on('request', (request, response) => {
    if (doorkeeper.stops(request, response)) return;
    for (const listener of serve) listener.call(server, request, response);
  });
  server.on('checkExpectation', (request, response) => {
    ending.add(request.socket);
    const requestId = requestIdOf(request);
    response.writeHead(417, { 'content-type': 'application/problem+json; charset=utf-8', 'x-request-id': requestId, connection: 'close' });
    response.end(toProblemDetails(expectationFailed, requestId));
  });
  const most = mostConnections();
  if (most !== null) server.maxConnections = most;
  const connections = trackConnections(server, options.patience?.answerMs ?? defaultAnswerMs);

  return {
    app,
    server,
    listen: (host, port) => app.listen({ host, port, backlog: mostWaiting }),
    leave() {
      leaving = true;
    },
    async close() {
      leaving = true;
      const closed = app.close();
      const draining = connections.drain(closeGraceMs);
      await closed.finally(draining.stop);
    },
  };
}

function requestFault({ url, rawHeaders, httpVersion }: IncomingMessage): HttpFault | null {
  if ((url?.length ?? 0) > maxUrlLength) return uriTooLong;
  return hostFault(rawHeaders, httpVersion);
}

/** Node keeps the first of two Host headers; a proxy before us may have routed by the second. */
function hostFault(rawHeaders: readonly string[], httpVersion: string): HttpFault | null {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts === 1 || (hosts === 0 && httpVersion === '1.0') ? null : badHost;
}

function answerFault(request: FastifyRequest, reply: FastifyReply, fault: HttpFault): FastifyReply {
  return reply
    .code(fault.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .headers({ 'x-request-id': request.id, ...security })
    .send(toProblemDetails(fault, request.id));
}

function mountPage(app: FastifyInstance, page: Page): void {
  // The same bytes for everybody: of a text each caller who reads slowly would hold a copy.
  const body = Buffer.from(page.body);
  app.get(page.path, (_request, reply) =>
    reply
      .header('content-type', page.contentType)
      .header('content-security-policy', "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'")
      .send(body),
  );
}

/** Client mistakes are `info`, our bugs `error`. The pattern of the path, never the path: it may carry an email or a key. */
function logRequest(log: Log, request: FastifyRequest, route: string, status: number, elapsedMs: number): void {
  const fields = { requestId: request.id, method: request.method, route, status, ms: Math.round(elapsedMs * 100) / 100 };
  if (status >= 500) log.error(fields, 'request answered');
  else if (status >= 400) log.info(fields, 'request answered');
  else log.debug(fields, 'request answered');
}

const badUrl: HttpFault = { status: 404, code: 'NOT_FOUND', message: 'The path has a broken percent escape.' };
const uriTooLong: HttpFault = { status: 414, code: 'URI_TOO_LONG', message: `The address is longer than ${maxUrlLength} characters.` };
const badHost: HttpFault = { status: 400, code: 'BAD_REQUEST', message: 'A request must name exactly one Host.' };
const unexpected: HttpFault = { status: 500, code: 'INTERNAL_SERVER_ERROR', message: 'Unexpected error.' };
const expectationFailed: HttpFault = { status: 417, code: 'BAD_REQUEST', message: 'The only expectation that is met is 100-continue.' };
