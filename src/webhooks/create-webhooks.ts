import type { Registry } from 'prom-client';
import type { LogFollower } from '../changes/follow-log.ts';
import type { Config } from '../config.ts';
import type { Pipeline } from '../pipeline/stage.ts';
import type { Database } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import { createOutboundHttp, lookUpName } from '../platform/outbound-http.ts';
import { createSecretBox } from '../platform/secret-box.ts';
import { createDeliveryFeed } from './delivery-feed.ts';
import { createWebhookEngine } from './engine.ts';
import { measureWebhooks } from './metrics.ts';
import { rememberNames } from './name-memory.ts';
import { keepForgettingAttempts } from './retention.ts';
import type { WebhookServices } from './webhook.ts';

export interface Webhooks {
  readonly services: WebhookServices;
  readonly close: () => Promise<void>;
}

export interface WebhooksOptions {
  readonly config: Pick<Config, 'secretsKey' | 'dataDir' | 'webhookNetworks'>;
  readonly database: Database;
  readonly follower: LogFollower;
  readonly pipeline: Pipeline;
  readonly registry: Registry;
  readonly log: Log;
}

/** Everything that outgoing webhooks need for as long as the process runs; begins to deliver at once. */
export function createWebhooks({ config, database, follower, pipeline, registry, log }: WebhooksOptions): Webhooks {
  const secrets = createSecretBox(config.secretsKey, config.dataDir);
  const http = createOutboundHttp({ allowed: config.webhookNetworks, lookUp: rememberNames(lookUpName), keepAlive: true });
  const feed = createDeliveryFeed(database.url, log);
  const observe = measureWebhooks(registry, database, log);
  const engine = createWebhookEngine({ database, follower, pipeline, secrets, http, log, observe });
  const retention = keepForgettingAttempts(database, log);
  engine.start();
  return {
    services: { secrets, http, feed, wake: engine.wake },
    async close() {
      retention.stop();
      await engine.close();
      feed.close();
      http.close();
    },
  };
}
