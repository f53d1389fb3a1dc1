import { type App, createApp, type Providers } from '../../src/app.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/platform/log.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

export interface TestApp extends App {
  /** Where it listens: `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly database: TestDatabase;
  /** Runs an operation over HTTP and gives the whole answer. */
  readonly graphql: (query: string, variables?: Record<string, unknown>, headers?: Record<string, string>) => Promise<GraphqlAnswer>;
  /** Sends JSON to a documented endpoint. */
  readonly send: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<RestAnswer>;
  /** Stops the server and drops its database. */
  readonly end: () => Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: answers are compared, not computed with.
export type Json = any; // oxlint-disable-line typescript/no-explicit-any

export interface GraphqlAnswer {
  readonly status: number;
  readonly data: Json;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly unknown[];
    readonly extensions: Record<string, unknown>;
  }[];
}

export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** The real server on a free port over a database of its own. `env` is what an operator would set. */
export async function startApp(env: Record<string, string> = {}, shared?: TestDatabase, providers?: Partial<Providers>): Promise<TestApp> {
  const database = shared ?? (await createTestDatabase());
  const config: Config = loadConfig({ LOG_LEVEL: 'silent', ...env });
  const app = await createApp(config, database.url, createLog(config.logLevel, true), providers);
  const url = await app.listen('127.0.0.1', 0);
  return {
    ...app,
    url,
    database,
    async graphql(query, variables, headers = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      return { status: response.status, ...((await response.json()) as Omit<GraphqlAnswer, 'status'>) };
    },
    async send(method, path, body, headers = {}) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
    },
    async end() {
      await app.close();
      if (!shared) await database.drop();
    },
  };
}
