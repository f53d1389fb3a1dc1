import { type ExecutionArgs, type ExecutionResult, getOperationAST, GraphQLError } from 'graphql';
import { makeServer, type Server, type SubscribePayload } from 'graphql-ws';
import type { Context } from '../context.ts';
import { maskError } from '../graphql/mask-error.ts';
import type { ServerContext, Yoga } from '../graphql/server.ts';
import { isTooComplex, payloadTooComplex } from '../http/json-body.ts';
import { newUuid } from '../platform/ids.ts';
import type { Log } from '../platform/log.ts';
import { type Carrier, tryAgainLater } from './carrier.ts';
import type { Connection } from './connection.ts';
import type { LiveResults, PayloadSink, SendPayloads } from './live-results.ts';

export interface ProtocolOptions {
  readonly yoga: Yoga;
  readonly log: Log;
  readonly operations: number;
  readonly initWaitMs: number;
}

type Params = Record<string, unknown> | undefined;
type Enveloped = ReturnType<Yoga['getEnveloped']>;

/** An operation between its check and its execution. */
interface Prepared {
  readonly enveloped: Enveloped;
  readonly carrier: Carrier;
}

/** graphql-transport-ws over Yoga's own pipeline: the same context, limits, permissions and masking as over HTTP. */
export function createProtocol({ yoga, log, operations, initWaitMs }: ProtocolOptions): Server<Connection> {
  const prepared = new WeakMap<object, Prepared>();

  function preparedOf(args: ExecutionArgs): Prepared {
    const known = prepared.get(args);
    if (!known) throw new Error('an operation was executed that was never prepared');
    return known;
  }

  async function prepare(
    initial: ServerContext & { readonly carrier: Carrier },
    payload: SubscribePayload,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
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
    prepared.set(args, { enveloped, carrier: initial.carrier });
    return args;
  }

  return makeServer<Params, Connection>({
    connectionInitWaitTimeout: initWaitMs,
    execute: async (args) => withoutHttp(await preparedOf(args).enveloped.execute(args)),
    subscribe: (args) => preparedOf(args).enveloped.subscribe(args),

    async onConnect({ connectionParams, extra }) {
      try {
        const { viewer } = await yoga.getEnveloped({ ...extra.caller, connectionParams }).contextFactory();
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

    async onSubscribe({ connectionParams, extra, subscriptions }, _id, payload) {
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
      const carrier = new OperationCarrier(extra);
      try {
        const outcome = await prepare({ ...extra.caller, connectionParams, requestId, carrier }, payload);
        return Array.isArray(outcome) ? refuse(outcome) : outcome;
      } catch (error) {
        return refuse([error]);
      }
    },

    onOperation({ extra }, id, _payload, args) {
      const { live } = (args.contextValue as Context).notes;
      if (!live) return undefined;
      const { carrier } = preparedOf(args);
      // graphql-ws keeps the arguments as long as the subscription lasts.
      prepared.delete(args);
      args.contextValue = null;
      return new OneEnd(live, `{"id":${JSON.stringify(id)},"type":"next","payload":`, carrier, extra);
    },
  });
}

class OperationCarrier implements Carrier {
  written = true;
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  close(code: number, reason: string): void {
    this.#connection.close(code, reason);
  }
}

/** To graphql-ws this looks like a subscription that has nothing to say until it ends: it would write every result as JSON for every subscriber. */
class OneEnd implements AsyncIterableIterator<ExecutionResult>, PayloadSink {
  readonly #results: LiveResults;
  /** What every message of this subscription begins with. */
  readonly #head: string;
  readonly #carrier: Carrier;
  readonly #connection: Connection;

  constructor(results: LiveResults, head: string, carrier: Carrier, connection: Connection) {
    this.#results = results;
    this.#head = head;
    this.#carrier = carrier;
    this.#connection = connection;
  }

  next(): Promise<IteratorReturnResult<undefined>> {
    return this.#results.deliver(this).then(toEnd);
  }

  send(...[payloads, sent]: Parameters<SendPayloads>): void {
    this.#carrier.written = true;
    this.#connection.write(
      payloads.map((payload) => `${this.#head}${payload}}`),
      sent,
    );
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    return Promise.resolve(this.#results.return?.()).then(toEnd);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const toEnd = (): IteratorReturnResult<undefined> => ({ done: true, value: undefined });

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
