import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { createRestCompat } from '../rest-compat/rest-compat.ts';
import { createLiveAnalytics } from './analytics/live-analytics.ts';
import { measureLag } from './analytics/measure-lag.ts';
import { readIntoRollups } from './analytics/rollup-reader.ts';
import { createAuthenticator } from './auth/authenticate.ts';
import { createCampaignBook } from './campaigns/campaign-book.ts';
import { followLog } from './changes/follow-log.ts';
import type { Config } from './config.ts';
import type { Services } from './context.ts';
import { measureUnmatched } from './crm/unmatched-metric.ts';
import { type Graphql, createGraphql } from './graphql/server.ts';
import { createHttpServer } from './http/server.ts';
import { mountStatic, readStaticSite } from './http/static.ts';
import { offlinePhoneLookup } from './leads/phone-lookup/offline.ts';
import { recheckCertificates } from './leads/recheck-certificates.ts';
import { keepSearchBlocks } from './leads/search-blocks.ts';
import { createHub } from './live/hub.ts';
import { attachWebSocket } from './live/websocket.ts';
import { createPipeline } from './pipeline/stage.ts';
import { createDatabase } from './platform/database.ts';
import { createOutboundHttp } from './platform/outbound-http.ts';
import { projectRoot } from './platform/project-root.ts';
import type { Log } from './platform/log.ts';
import { migrate } from './platform/migrate.ts';
import { waitForDatabase } from './platform/wait-for-database.ts';
import { createSourceRegister } from './sources/source-register.ts';
import { createHostVerifier } from './trusted-form/ask-certificate-host.ts';
import { createWebhooks } from './webhooks/create-webhooks.ts';
import { forgetOldAnswers } from './writes/forget-old-answers.ts';
import { createWriter } from './writes/writer.ts';

export interface App extends Graphql {
  readonly services: Services;
  /** Begins to serve; resolves with the address. */
  readonly listen: (host: string, port: number) => Promise<string>;
  /** Serves on while `/readyz` says no, so that nobody is sent here any more. */
  readonly leave: () => void;
  /** Finishes what is under way, tells live clients to come back, lets go of the database. */
  readonly close: () => Promise<void>;
}

/** What asks services outside of this server; others may be plugged in. */
export type Providers = Pick<Services, 'certificates' | 'phoneLookup'>;

export const migrationsFolder = fileURLToPath(new URL('prisma/migrations', projectRoot));

/** Builds every long-lived thing once and connects them. The database is migrated first. */
export async function createApp(config: Config, databaseUrl: string, log: Log, providers: Partial<Providers> = {}): Promise<App> {
  const applied = await waitForDatabase(() => migrate(databaseUrl, migrationsFolder), log);
  if (applied.length > 0) log.info({ applied }, 'migrations applied');

  const database = createDatabase(databaseUrl, log);
  const writer = createWriter(database, log);
  const sources = createSourceRegister(database, log);
  const authenticator = await waitForDatabase(() => createAuthenticator({ config, database, sources, log }), log);
  const follower = followLog(database, log);
  const hub = createHub({ follower, isStillValid: authenticator.isStillValid, heartbeatSeconds: config.live.heartbeatSeconds });
  const campaigns = createCampaignBook(database.writePool);
  const pipeline = createPipeline(config.pipelineStages);
  const liveAnalytics = createLiveAnalytics({ database, pipeline }, log);
  const registry = new Registry();
  const webhooks = createWebhooks({ config, database, follower, pipeline, registry, log });
  const services: Services = {
    database,
    writer,
    hub,
    liveAnalytics,
    pipeline,
    campaigns,
    sources,
    intake: config.intake,
    certificates: providers.certificates ?? createHostVerifier(createOutboundHttp()),
    phoneLookup: providers.phoneLookup ?? offlinePhoneLookup,
    webhooks: webhooks.services,
    log,
  };

  const graphql = createGraphql(services, authenticator, config);
  const rest = createRestCompat(graphql.execute);
  measureUnmatched(registry, database, log);
  measureLag(registry, database, log);
  const http = createHttpServer({
    log,
    registry,
    trustProxy: config.trustProxy,
    isReady: () => isReady(database.readPool),
    graphql: (request, response, info) => graphql.yoga(request, response, { ...info, notes: { replayed: false } }),
    turnsAway: graphql.turnsAway,
    corsOrigins: config.corsOrigins,
    routes: rest.routes,
    pages: rest.pages,
  });
  const dashboard = readStaticSite(fileURLToPath(new URL('dist/dashboard', projectRoot)));
  if (dashboard) mountStatic(http.app, dashboard);
  else log.warn('the dashboard is not built: npm run build');
  const sockets = attachWebSocket({ server: http.server, yoga: graphql.yoga, log, allowedOrigins: config.corsOrigins });
  const rollups = readIntoRollups(database, log);
  const housekeeping = forgetOldAnswers(database, log);
  const searchBlocks = keepSearchBlocks(database, log);
  const rechecks = config.intake.trustedForm.check === 'live' ? recheckCertificates(services) : null;

  return {
    ...graphql,
    services,
    listen: http.listen,
    leave: http.leave,
    async close() {
      housekeeping.stop();
      liveAnalytics.close();
      await Promise.all([sockets.close(), hub.close(), http.close()]);
      await rechecks?.stop();
      await searchBlocks.stop();
      await webhooks.close();
      await writer.close();
      await rollups.close();
      await authenticator.close();
      await sources.close();
      follower.close();
      await database.close();
    },
  };
}

async function isReady(pool: { query: (sql: string) => Promise<unknown> }): Promise<boolean> {
  return pool.query('SELECT 1').then(
    () => true,
    () => false,
  );
}
