import type { IncomingMessage } from 'node:http';
import { type ExecutionArgs, type ExecutionResult, getOperationAST, GraphQLError } from 'graphql';
import { makeServer, type Server, type SubscribePayload } from 'graphql-ws';
import { maskError } from '../graphql/mask-error.ts';
import type { ServerContext, Yoga } from '../graphql/server.ts';
import { isTooComplex, payloadTooComplex } from '../http/json-body.ts';
import { newUuid } from '../platform/ids.ts';
import type { Log } from '../platform/log.ts';
import { type Carrier, tryAgainLater } from './carrier.ts';
import type { LiveResults, SendPayload } from './live-results.ts';
import { liveResultsOf } from './share-results.ts';

/** What belongs to one connection. */
export interface Connection {
  readonly request: IncomingMessage;
  /** Calls back when the bytes left this process, so a client that does not read stops the stream that feeds it. */
  readonly write: SendPayload;
  readonly close: (code: number, reason: string) => void;
  /** Whether the holder of this credential may have one more connection. */
  readonly admit: (credential: string) => boolean;
  /** By operation id. */
  readonly carriers: Map<string, Carrier>;
}

export interface ProtocolOptions {
  readonly yoga: Yoga;
  readonly log: Log;
  readonly operations: number;
  readonly initWaitMs: number;
}

type Params = Record<string, unknown> | undefined;
type Enveloped = ReturnType<Yoga['getEnveloped']>;

/** graphql-transport-ws over Yoga's own pipeline: the same context, limits, permissions and masking as over HTTP. */
export function createProtocol({ yoga, log, operations, initWaitMs }: ProtocolOptions): Server<Connection> {
  const prepared = new WeakMap<object, Enveloped>();

  function pipelineOf(args: ExecutionArgs): Enveloped {
    const enveloped = prepared.get(args);
    if (!enveloped) throw new Error('an operation was executed that was never prepared');
    return enveloped;
  }

  async function prepare(initial: ServerContext, payload: SubscribePayload): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const enveloped = yoga.getEnveloped({ ...initial, params: payload });
    const document = enveloped.parse(payload.query);
    const errors = enveloped.validate(enveloped.schema, document);
    if (errors.length > 0) return errors;
    if (!getOperationAST(document, payload.operationName)) return [unknownOperation()];
    const args: ExecutionArgs = {
      schema: enveloped.schema,
      document,
      operationName: payload.operationName,
      variableValues: payload.variables,
      contextValue: await enveloped.contextFactory(),
    };
    prepared.set(args, enveloped);
    return args;
  }

  return makeServer<Params, Connection>({
    connectionInitWaitTimeout: initWaitMs,
    execute: async (args) => withoutHttp(await pipelineOf(args).execute(args)),
    subscribe: (args) => pipelineOf(args).subscribe(args),

    async onConnect({ connectionParams, extra }) {
      try {
        const { viewer } = await yoga.getEnveloped({ req: extra.request, connectionParams }).contextFactory();
        if (viewer.kind === 'ANONYMOUS') return false;
        if (!extra.admit(viewer.credential)) extra.close(tryAgainLater, 'Too many connections of this key');
        return true;
      } catch (error) {
        const { message, extensions } = maskError(error, log, undefined);
        if (extensions['code'] === 'UNAUTHENTICATED') return false;
        extra.close(tryAgainLater, message);
        // Closed already: what follows finds a socket that is not open.
        return true;
      }
    },

    async onSubscribe({ connectionParams, extra, subscriptions }, id, payload) {
      const requestId = newUuid();
      const refuse = (errors: readonly unknown[]) => errors.map((error) => withoutHttpStatus(maskError(error, log, requestId)));
      if (Object.keys(subscriptions).length > operations) {
        return refuse([
          new GraphQLError(`One connection carries at most ${operations} operations.`, { extensions: { code: 'OVERLOADED' } }),
        ]);
      }
      if (isTooComplex(payload.variables)) {
        return refuse([new GraphQLError(payloadTooComplex.message, { extensions: { code: payloadTooComplex.code } })]);
      }
      const carrier: Carrier = { written: true, close: extra.close };
      extra.carriers.set(id, carrier);
      try {
        const outcome = await prepare({ req: extra.request, connectionParams, requestId, carrier }, payload);
        return Array.isArray(outcome) ? refuse(outcome) : outcome;
      } catch (error) {
        return refuse([error]);
      }
    },

    onOperation({ extra }, id, _payload, args) {
      const results = liveResultsOf(args);
      if (!results) return undefined;
      // graphql-ws keeps the arguments as long as the subscription lasts.
      prepared.delete(args);
      args.contextValue = null;
      const head = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
      const carrier = extra.carriers.get(id);
      return toOneEnd(results, (payload, sent) => {
        if (carrier) carrier.written = true;
        extra.write(`${head}${payload}}`, sent);
      });
    },

    onComplete({ extra }, id) {
      extra.carriers.delete(id);
    },
  });
}

/** To graphql-ws this looks like a subscription that has nothing to say until it ends: it would write every result as JSON for every subscriber. */
function toOneEnd(results: LiveResults, send: SendPayload): AsyncIterableIterator<ExecutionResult> {
  return {
    async next() {
      await results.deliver(send);
      return { done: true, value: undefined };
    },
    async return() {
      await results.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const unknownOperation = (): GraphQLError =>
  new GraphQLError('The document has no operation of this name, or several and none was named.', {
    extensions: { code: 'BAD_USER_INPUT' },
  });

function withoutHttp<Result extends ExecutionResult | AsyncIterable<unknown>>(result: Result): Result {
  if (Symbol.asyncIterator in result || !result.errors) return result;
  return { ...result, errors: result.errors.map(withoutHttpStatus) };
}

/** What errors say of HTTP means nothing here. */
function withoutHttpStatus(error: GraphQLError): GraphQLError {
  const { http, ...extensions } = error.extensions;
  if (http === undefined) return error;
  const { message, nodes, path } = error;
  return new GraphQLError(message, { ...(nodes && { nodes }), ...(path && { path }), extensions });
}
