import type { IncomingMessage } from 'node:http';
import { type DocumentNode, execute, type ExecutionResult, getOperationAST, GraphQLError } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { Authenticator } from '../auth/authenticate.ts';
import type { Credential } from '../auth/credential.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Config } from '../config.ts';
import type { Context, RequestInfo, ResponseNotes, Services } from '../context.ts';
import { UnauthenticatedError } from '../errors.ts';
import { acceptedTypes } from '../http/accept.ts';
import { notAcceptable, refuseGraphql } from '../http/graphql.ts';
import type { Carrier } from '../live/carrier.ts';
import { sendEventStreams } from '../live/event-stream.ts';
import { shareResults } from '../live/share-results.ts';
import { newUuid } from '../platform/ids.ts';
import type { Log } from '../platform/log.ts';
import { compileOperation, createCompiledQueries, type Run } from './compiled-queries.ts';
import { exampleOperations } from './examples.ts';
import type { Execute, RestRequest } from './execute.ts';
import { createDocumentCache } from './limits/document-cache.ts';
import { limitOperations } from './limits/limit-operations.ts';
import { locate, maskError } from './mask-error.ts';
import { nameLiterals } from './name-literals.ts';
import { type Admit, admitQueries, createQueryAdmission, type QueryAdmission } from './query-admission.ts';
import { schema } from './schema.ts';

/** What the transports hand to Yoga beside the request itself. */
export interface ServerContext {
  readonly req?: Pick<IncomingMessage, 'headers'>;
  readonly requestId?: string;
  readonly ipAddress?: string | null;
  readonly startedAtMs?: number;
  /** Set for a documented REST request that runs in process. */
  readonly rest?: RestRequest;
  /** What the answer's headers are to say. */
  readonly notes?: ResponseNotes;
  /** Set for a WebSocket: its key stands here. */
  readonly connectionParams?: Readonly<Record<string, unknown>> | undefined;
  readonly carrier?: Carrier;
}

export type Yoga = YogaServerInstance<ServerContext, Context>;

export interface Graphql extends Pick<QueryAdmission, 'turnsAway'> {
  readonly yoga: Yoga;
  readonly execute: Execute;
}

export function createGraphql(
  services: Services,
  authenticator: Authenticator,
  config: Pick<Config, 'graphiql' | 'corsOrigins' | 'production'>,
): Graphql {
  const { admit, turnsAway } = createQueryAdmission();
  const yoga = createYoga<ServerContext, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    batching: false,
    multipart: false,
    // Without a list no foreign page may read answers: an open server on a laptop would otherwise be readable by every site.
    cors: config.corsOrigins.length === 0 ? false : { origin: [...config.corsOrigins], credentials: false },
    logging: false,
    maskedErrors: { maskError: (error) => maskError(error, services.log, undefined) },
    graphiql: config.graphiql && {
      title: 'Leadgraph',
      defaultQuery: exampleOperations,
      subscriptionsProtocol: 'WS',
      shouldPersistHeaders: true,
    },
    // 9 MB of scripts, all of them ours to serve: loaded only when somebody opens the page.
    renderGraphiQL: async (options) => (await import('@graphql-yoga/render-graphiql')).renderGraphiQL(options),
    parserAndValidationCache: { documentCache: createDocumentCache(), errorCache: forgetful },
    plugins: [
      refuseUnreadable(),
      nameErrors(services.log),
      limitOperations({ hidesSchema: config.production }),
      nameLiterals(),
      shareResults((result, requestId) => nameErrorsOf(result, services.log, requestId)),
      sendEventStreams(services.log),
      runCompiled(),
      admitQueries(admit),
    ],
    context: (initial) => createContext(initial, services, authenticator),
  });
  return { yoga, turnsAway, execute: createExecute(services, authenticator, admit) };
}

/** Documents that do not parse are not sent twice by anyone who means well. */
const forgetful = { get: () => undefined, set: () => undefined };

function createExecute(services: Services, authenticator: Authenticator, admit: Admit): Execute {
  const { log } = services;
  const compiled = new WeakMap<DocumentNode, Run>();
  const runOf = (document: DocumentNode): Run => {
    const known = compiled.get(document) ?? compile(document);
    compiled.set(document, known);
    return known;
  };
  return async ({ document, variables = {} }, request) => {
    const notes = { replayed: false };
    try {
      const contextValue = await createContext({ rest: request, notes }, services, authenticator);
      const result = await admit(getOperationAST(document), () => runOf(document)(contextValue, variables));
      return { result: nameErrorsOf(result, log, request.requestId), notes };
    } catch (error) {
      return { result: { errors: [maskError(error, log, request.requestId)] }, notes };
    }
  };
}

/** The documents of the REST endpoints are few and hot: they run compiled. What the compiler cannot do, graphql-js does. */
function compile(document: DocumentNode): Run {
  const operation = getOperationAST(document);
  const run = operation && compileOperation(schema, document, operation);
  return run ?? ((contextValue, variableValues) => execute({ schema, document, contextValue, variableValues }));
}

/** Queries that come often run compiled. Whatever else happens to an operation happens to them too: limits, context, masking. */
function runCompiled(): Plugin<Context, ServerContext> {
  const queries = createCompiledQueries(schema);
  return {
    onExecute({ args, setExecuteFn }) {
      const run = queries.find(args);
      if (run) setExecuteFn(({ contextValue, variableValues }) => run(contextValue, variableValues ?? {}));
    },
  };
}

async function createContext(
  initial: ServerContext & { readonly request?: Request },
  services: Services,
  authenticator: Authenticator,
): Promise<Context> {
  const request = initial.rest ?? describeRequest(initial);
  return {
    ...services,
    db: services.database.prisma,
    viewer: await authenticate(authenticator, initial.rest ? initial.rest.credential : credentialOf(initial), request.ipAddress),
    request,
    notes: initial.notes ?? { replayed: false },
    carrier: initial.carrier ?? null,
  };
}

async function authenticate(authenticator: Authenticator, credential: Credential, address: string | null): Promise<Viewer> {
  try {
    return await authenticator.authenticate(credential, address);
  } catch (error) {
    throw error instanceof UnauthenticatedError ? refusedWithStatus(error) : error;
  }
}

/** A wrong key is answered 401 whatever the document asks. */
function refusedWithStatus({ message, code }: UnauthenticatedError): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status: 401, headers: { 'www-authenticate': 'Bearer' } } } });
}

function describeRequest(initial: ServerContext & { readonly request?: Request }): RequestInfo {
  return {
    requestId: initial.requestId ?? newUuid(),
    dialect: 'graphql',
    body: null,
    ipAddress: initial.ipAddress ?? null,
    userAgent: headerOf(initial, 'user-agent'),
    startedAtMs: initial.startedAtMs ?? performance.now(),
  };
}

/** The key as presented: a socket's connection parameters first, since browsers cannot set headers on a WebSocket. */
function credentialOf(initial: ServerContext & { readonly request?: Request }): string | null {
  const fromSocket = initial.connectionParams && toCredential((name) => textOf(initial.connectionParams?.[name]));
  return fromSocket ?? toCredential((name) => headerOf(initial, name));
}

function toCredential(read: (name: string) => string | null): string | null {
  const key = read('x-api-key');
  if (key !== null) return key;
  const [scheme, token] = (read('authorization') ?? read('Authorization') ?? '').split(/\s+/, 2);
  return scheme?.toLowerCase() === 'bearer' ? (token ?? '') : null;
}

function headerOf(initial: ServerContext & { readonly request?: Request }, name: string): string | null {
  return initial.req ? textOf(initial.req.headers[name.toLowerCase()]) : (initial.request?.headers.get(name) ?? null);
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** A browser that asks for a page only, where GraphiQL is not served: whoever else accepts no answer, by POST too, does not come this far. */
function refuseUnreadable(): Plugin<Context, ServerContext> {
  return {
    onRequestParse({ request, serverContext, fetchAPI, endResponse }) {
      if (request.method !== 'GET' || acceptedTypes(request.headers.get('accept') ?? undefined).length > 0) return;
      const { status, body } = refuseGraphql({ ...notAcceptable, requestId: serverContext.requestId ?? newUuid() });
      endResponse(fetchAPI.Response.json(body, { status, headers: { 'content-type': 'application/json; charset=utf-8' } }));
    },
  };
}

/** Gives every refusal a code and the request id, on each way out: answers, streams, and documents that never ran. */
function nameErrors(log: Log): Plugin<Context, ServerContext> {
  const name = (result: ExecutionResult, context: unknown): ExecutionResult => nameErrorsOf(result, log, requestIdOf(context));
  return {
    onParse:
      () =>
      ({ result, replaceParseResult }) => {
        if (result instanceof GraphQLError) replaceParseResult(coded(result, 'GRAPHQL_PARSE_FAILED'));
      },
    onValidate:
      () =>
      ({ result, setResult }) => {
        if (result.length > 0) setResult(result.map((error) => coded(error, 'GRAPHQL_VALIDATION_FAILED')));
      },
    onExecute: ({ args }) => ({
      onExecuteDone({ result, setResult }) {
        if (!(Symbol.asyncIterator in result) && result.errors) setResult(name(result, args.contextValue));
      },
    }),
    onSubscribe: ({ args }) => ({
      // Streams name the errors of their results where they are made: see shareResults.
      onSubscribeResult({ result, setResult }) {
        if (!(Symbol.asyncIterator in result)) setResult(name(result, args.contextValue));
      },
    }),
    onResultProcess(answer) {
      const { result, serverContext } = answer;
      if (!result || Array.isArray(result) || Symbol.asyncIterator in result) return;
      const errors = result.errors?.map((error) => maskError(error, log, serverContext.requestId));
      if (errors) answer.setResult({ ...result, errors: 'data' in result ? errors : errors.map(withoutData) });
      if (serverContext.notes?.replayed) {
        answer.setResult({ ...result, extensions: { ...result.extensions, http: { headers: { 'idempotent-replayed': 'true' } } } });
      }
    },
  };
}

/** Nothing ran: 400 for whoever asks for `application/graphql-response+json`, as Yoga itself has it for documents that do not fit. */
const withoutData = (error: GraphQLError): GraphQLError =>
  error.extensions['http'] === undefined ? locate(error, error.message, { ...error.extensions, http: { status: 400, spec: true } }) : error;

function nameErrorsOf(result: ExecutionResult, log: Log, requestId: string | undefined): ExecutionResult {
  return result.errors ? { ...result, errors: result.errors.map((error) => maskError(error, log, requestId)) } : result;
}

function coded({ message, nodes, source, positions, extensions }: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(message, {
    ...(nodes && { nodes }),
    ...(source && { source }),
    ...(positions && { positions }),
    extensions: { code, ...extensions },
  });
}

function requestIdOf(context: unknown): string | undefined {
  return typeof context === 'object' && context !== null && 'request' in context ? (context as Context).request.requestId : undefined;
}
