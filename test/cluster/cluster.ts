import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { times } from '../live/change-log.ts';
import { createServerProcess, type ServerProcess } from '../live/server-process.ts';
import type { Json } from '../support/app.ts';
import { createTestDatabase } from '../support/database.ts';
import { type Proxy, startProxy } from './proxy.ts';

export const apiKey = 'the-key-of-this-cluster';

/** What stands before the servers of a cluster. */
export type ClusterProxy = Pick<Proxy, 'url' | 'sees' | 'close'>;

/** Server processes over one database, behind a proxy. */
export interface Cluster<Before extends ClusterProxy = ClusterProxy> {
  readonly servers: readonly ServerProcess[];
  readonly proxy: Before;
  /** Sends JSON through the proxy, or to one server. */
  readonly post: (path: string, body: unknown, headers?: Record<string, string>, url?: string) => Promise<Answer>;
  readonly graphql: (query: string, variables?: Record<string, unknown>, url?: string) => Promise<Json>;
  readonly end: () => Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

export const startCluster = (size: number): Promise<Cluster<Proxy>> => startClusterBehind(startProxy, size, 1);

export async function startClusterBehind<Before extends ClusterProxy>(
  start: (servers: readonly string[]) => Promise<Before>,
  size: number,
  drainSeconds: number,
): Promise<Cluster<Before>> {
  const database = await createTestDatabase();
  const settings = { SECRETS_KEY: 'one-key-for-all-servers', WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8', DRAIN_SECONDS: `${drainSeconds}` };
  const servers = await Promise.all(times(size, () => createServerProcess(database.url, apiKey, settings)));
  await Promise.all(servers.map((server) => server.start()));
  const proxy = await start(servers.map(({ url }) => url));

  async function post(path: string, body: unknown, headers: Record<string, string> = {}, url = proxy.url): Promise<Answer> {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': apiKey, ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
  }

  return {
    servers,
    proxy,
    post,
    async graphql(query, variables = {}, url = proxy.url) {
      const { body } = await post('/graphql', { query, variables }, {}, url);
      if (body.errors) throw new Error(JSON.stringify(body.errors));
      return body.data;
    },
    async end() {
      await proxy.close();
      await Promise.all(servers.map((server) => server.kill()));
      await database.drop();
    },
  };
}

export interface ChangeMessage {
  readonly cursor: string;
  readonly change: { readonly seq: number; readonly type: string; readonly lead: { readonly email: string } | null } | null;
}

/** Follows the account's log at one address until the reader breaks off. */
export async function* followChanges(url: string, after: string | null = null): AsyncGenerator<ChangeMessage, void> {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { 'x-api-key': apiKey },
    retryAttempts: 0,
  });
  const query = 'subscription ($after: Cursor) { leadChanges(after: $after) { cursor change { seq type lead { email } } } }';
  try {
    for await (const { data, errors } of client.iterate<{ leadChanges: ChangeMessage }>({ query, variables: { after } })) {
      if (!data) throw new Error(JSON.stringify(errors));
      yield data.leadChanges;
    }
  } finally {
    await client.dispose();
  }
}
