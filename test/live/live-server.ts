import { type Client, createClient, type ClientOptions } from 'graphql-ws';
import { Registry } from 'prom-client';
import { WebSocket } from 'ws';
import type { ApiKey, ApiKeyScope } from '../../prisma/generated/client/client.ts';
import { createCampaignBook } from '../../src/campaigns/campaign-book.ts';
import { createLiveAnalytics } from '../../src/analytics/live-analytics.ts';
import { createAuthenticator } from '../../src/auth/authenticate.ts';
import { createAccount } from '../../src/auth/create-account.ts';
import { createApiKey } from '../../src/auth/create-api-key.ts';
import { revokeApiKey } from '../../src/auth/revoke-api-key.ts';
import { followLog } from '../../src/changes/follow-log.ts';
import { createGraphql } from '../../src/graphql/server.ts';
import { loadConfig } from '../../src/config.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { offlinePhoneLookup } from '../../src/leads/phone-lookup/offline.ts';
import { createHub, type LiveHub } from '../../src/live/hub.ts';
import { attachWebSocket, type LiveSockets, type WebSocketLimits } from '../../src/live/websocket.ts';
import { createPipeline } from '../../src/pipeline/stage.ts';
import { createOutboundHttp } from '../../src/platform/outbound-http.ts';
import { createSecretBox } from '../../src/platform/secret-box.ts';
import { createSourceRegister } from '../../src/sources/source-register.ts';
import { createDeliveryFeed } from '../../src/webhooks/delivery-feed.ts';
import { createWriter } from '../../src/writes/writer.ts';
import { type ChangeLog, createChangeLog, silent } from './change-log.ts';

export const rootKey = 'the-root-key';

/** The graph on a port of its own, with a change log that the test writes by hand. */
export interface LiveServer extends ChangeLog {
  readonly url: string;
  readonly webSocketUrl: string;
  readonly hub: LiveHub;
  readonly sockets: LiveSockets;
  /** The account of the root key. */
  readonly accountId: string;
  createAccount(): Promise<{ readonly accountId: string; readonly token: string }>;
  createApiKey(scope: ApiKeyScope): Promise<{ readonly apiKey: ApiKey; readonly token: string }>;
  revokeApiKey(apiKey: ApiKey): Promise<void>;
  /** A client that is closed with the server. It never reconnects by itself. */
  connect(connectionParams?: Record<string, unknown>, options?: Partial<ClientOptions>): Client;
}

export interface LiveServerOptions {
  readonly open?: boolean;
  readonly heartbeatSeconds?: number;
  readonly patienceMs?: number;
  readonly limits?: Partial<WebSocketLimits>;
}

export async function createLiveServer(options: LiveServerOptions = {}): Promise<LiveServer> {
  const { open = false, heartbeatSeconds = 60, patienceMs = 5000, limits = {} } = options;
  const log = await createChangeLog();
  const { database } = log;
  const writer = createWriter(database, silent);
  const sources = createSourceRegister(database, silent);
  const config = loadConfig({});
  const authenticator = await createAuthenticator({ config: { ...config, apiKey: rootKey, open }, database, sources, log: silent });
  const follower = followLog(database, silent);
  const hub = createHub({ follower, isStillValid: authenticator.isStillValid, heartbeatSeconds, patienceMs });
  const pipeline = createPipeline(['Form Started', 'Paid']);
  const services = {
    database,
    writer,
    hub,
    liveAnalytics: createLiveAnalytics({ database, pipeline }, silent),
    pipeline,
    campaigns: createCampaignBook(database.writePool),
    sources,
    intake: config.intake,
    certificates: { verify: () => Promise.resolve('UNREACHABLE' as const) },
    phoneLookup: offlinePhoneLookup,
    webhooks: {
      secrets: createSecretBox('0123456789abcdef', '.'),
      http: createOutboundHttp(),
      feed: createDeliveryFeed(database.url, silent),
      wake: () => undefined,
    },
    log: silent,
  };
  const { yoga } = createGraphql(services, authenticator, { graphiql: false, corsOrigins: [], production: false });
  const http = createHttpServer({
    log: silent,
    registry: new Registry(),
    trustProxy: false,
    isReady: async () => true,
    graphql: (request, response, info) => yoga(request, response, { req: request, ...info }),
    routes: [],
    pages: [],
  });
  const sockets = attachWebSocket({ server: http.server, yoga, log: silent, limits });
  const { port } = new URL(await http.listen('127.0.0.1', 0));

  const root = await authenticator.authenticate(rootKey);
  const ctx = { db: database.prisma, viewer: root };
  const clients: Client[] = [];
  let names = 0;

  return {
    ...log,
    url: `http://127.0.0.1:${port}/graphql`,
    webSocketUrl: `ws://127.0.0.1:${port}/graphql`,
    hub,
    sockets,
    accountId: String(root.accountId),
    async createAccount() {
      const { account, token } = await createAccount(ctx, { name: `Account ${(names += 1)}` });
      return { accountId: account.id, token };
    },
    createApiKey: (scope) => createApiKey(ctx, { name: `Key ${(names += 1)}`, scope }),
    async revokeApiKey({ id }) {
      await revokeApiKey(ctx, { apiKeyId: id });
    },
    connect(connectionParams = { 'x-api-key': rootKey }, clientOptions = {}) {
      const client = createClient({
        url: `ws://127.0.0.1:${port}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams,
        retryAttempts: 0,
        lazy: true,
        ...clientOptions,
      });
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) void client.dispose();
      await sockets.close();
      await hub.close();
      follower.close();
      await http.close();
      await writer.close();
      await authenticator.close();
      await log.close();
    },
  };
}
