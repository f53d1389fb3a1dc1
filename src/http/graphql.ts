import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Answer, Problem } from '../../rest-compat/route.ts';
import { describeError } from '../platform/error-reason.ts';
import type { Log } from '../platform/log.ts';
import { acceptedTypes } from './accept.ts';
import type { Cors } from './cors.ts';
import type { HttpFault } from './fault.ts';
import { parseJson } from './json-body.ts';
import { bodyFormatOf } from './media-type.ts';
import { payloadTooLarge, readBody } from './read-body.ts';
import { callerAddress } from './rest.ts';

/** What the graph's server is told of a request beside the request itself. */
export interface GraphqlRequestInfo {
  readonly requestId: string;
  readonly ipAddress: string | null;
  readonly startedAtMs: number;
}

/** Answers a request to `/graphql`. A POST carries its parsed body as `request.body`. */
export type GraphqlHandler = (request: IncomingMessage, response: ServerResponse, info: GraphqlRequestInfo) => unknown;

/** Answers an operation that is one too many. False: it may come in. */
export type TurnAway = (operation: object, request: IncomingMessage, response: ServerResponse) => boolean;

interface MountOptions {
  readonly cors: Cors;
  readonly turnAway: TurnAway;
  readonly log: Log;
}

/** Mounts the graph: bodies are read, bounded and parsed here, once; everything else is the handler's. */
export function mountGraphql(app: FastifyInstance, handler: GraphqlHandler, { cors, turnAway, log }: MountOptions): void {
  const refuse = (request: FastifyRequest, reply: FastifyReply, fault: HttpFault): FastifyReply => {
    const { status, body } = refuseGraphql({ ...fault, requestId: request.id });
    return reply.code(status).headers(refusalHeaders(cors, request.raw)).send(JSON.stringify(body));
  };
  const serve = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
    const info = { requestId: request.id, ipAddress: callerAddress(request), startedAtMs: performance.now() };
    Promise.resolve(handler(request.raw, reply.raw, info)).catch((error: unknown) => {
      log.error({ requestId: request.id, err: describeError(error) }, 'graph request failed');
      reply.raw.destroy();
    });
  };
  app.route({
    method: ['GET', 'OPTIONS'],
    url: '/graphql',
    exposeHeadRoute: false,
    handler(request, reply) {
      if (request.method === 'GET' && !isForGraphiql(request.raw)) {
        const types = acceptedTypes(request.headers.accept);
        if (types.length === 0) return refuse(request, reply, notAcceptable);
        request.raw.headers.accept = types.join();
      }
      serve(request, reply);
      return reply;
    },
  });
  app.post('/graphql', (request, reply) => {
    const format = bodyFormatOf(request.headers, ['json']);
    if (typeof format === 'object') return refuse(request, reply, format);
    // Yoga looks at it when the mutation is stored already.
    const types = acceptedTypes(request.headers.accept);
    if (types.length === 0) return refuse(request, reply, notAcceptable);
    readBody(request.raw, (bytes) => {
      const parsed = bytes === null ? { fault: payloadTooLarge } : parseJson(bytes);
      if (bytes === null) void reply.header('connection', 'close');
      if (parsed.fault) refuse(request, reply, parsed.fault);
      else if (Array.isArray(parsed.value)) refuse(request, reply, batchingDisabled);
      else if (typeof parsed.value !== 'object' || parsed.value === null) refuse(request, reply, notAnOperation);
      else if (Object.keys(parsed.value).length === 0) refuse(request, reply, notAnOperation);
      else if (turnAway(parsed.value, request.raw, reply.raw)) reply.hijack();
      else {
        Object.assign(request.raw, { body: parsed.value });
        // Yoga knows neither weights nor quoted parameters. What is left once they were heard it reads as we do.
        request.raw.headers.accept = types.join();
        serve(request, reply);
      }
    });
    return reply;
  });
}

/** In the shape of GraphQL errors, since a GraphQL client is asking. */
export function refuseGraphql({ status, code, message, requestId, retryAfterSeconds }: Problem): Answer {
  const errors = [{ message, extensions: { code, requestId, retryAfterSeconds } }];
  return { status, body: { errors }, ...(retryAfterSeconds !== undefined && { headers: { 'retry-after': String(retryAfterSeconds) } }) };
}

/** What depends on who asks: how a GraphQL client wants it, and whether its page may read it. */
export const refusalHeaders = (cors: Cors, request: IncomingMessage): Readonly<Record<string, string>> => ({
  'content-type': `${wantedType(request)}; charset=utf-8`,
  ...cors(request),
});

const wantedType = ({ headers: { accept } }: IncomingMessage): string =>
  accept?.includes(modernType) && acceptedTypes(accept).includes(modernType) ? modernType : 'application/json';

const modernType = 'application/graphql-response+json';

/** Yoga's own rule: a browser that opens the address is given the page, where there is one. */
const isForGraphiql = ({ headers }: IncomingMessage): boolean => headers.accept?.includes('text/html') === true;

const batchingDisabled: HttpFault = {
  status: 400,
  code: 'BATCHING_DISABLED',
  message: 'Several operations in one request are not taken. Send one request for each.',
};

export const notAcceptable: HttpFault = {
  status: 406,
  code: 'NOT_ACCEPTABLE',
  message:
    'The header `Accept` allows no type that an answer can have, so nothing was run. Send `Accept: application/json`, or no such header.',
};

const notAnOperation: HttpFault = { status: 400, code: 'BAD_REQUEST', message: 'The body must be an object with a "query".' };
