import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Database } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import type { Tried } from './try-delivery.ts';

const pendingSql = `SELECT w.id AS "webhookId", count(*)::int AS count, extract(epoch FROM clock_timestamp() - min(d."createdAt"))::float8 AS "oldestSeconds"
  FROM "Webhook" w JOIN "Delivery" d ON d."webhookId" = w.id AND d.status IN ('PENDING', 'RETRYING') AND NOT d.held
  WHERE w."deletedAt" IS NULL GROUP BY w.id`;

interface Pending {
  readonly webhookId: string;
  readonly count: number;
  readonly oldestSeconds: number;
}

const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

/** What operators watch: how long the oldest delivery waits, and what endpoints answer. Gives what counts a finished try. */
export function measureWebhooks(
  registry: Registry,
  { readPool }: Pick<Database, 'readPool'>,
  log: Log,
): (webhookId: string, tried: Tried) => void {
  const attempts = new Counter({
    name: 'webhook_attempts_total',
    help: 'Tries of this process, by endpoint and outcome: delivered, or what went wrong.',
    labelNames: ['webhook', 'outcome'] as const,
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'webhook_attempt_duration_seconds',
    help: 'How long endpoints took to answer.',
    labelNames: ['webhook'] as const,
    buckets,
    registers: [registry],
  });
  const pending = new Gauge({
    name: 'webhook_deliveries_pending',
    help: 'Deliveries that wait for their turn or for the next try, on all servers together.',
    labelNames: ['webhook'] as const,
    registers: [registry],
  });
  const oldest: Gauge<'webhook'> = new Gauge({
    name: 'webhook_oldest_pending_seconds',
    help: 'Age of the oldest delivery that waits, by endpoint.',
    labelNames: ['webhook'] as const,
    registers: [registry],
    async collect() {
      oldest.reset();
      pending.reset();
      try {
        const { rows } = await readPool.query<Pending>(pendingSql);
        for (const { webhookId, count, oldestSeconds } of rows) {
          pending.set({ webhook: webhookId }, count);
          oldest.set({ webhook: webhookId }, oldestSeconds);
        }
      } catch (error) {
        log.warn({ reason: error instanceof Error ? error.name : typeof error }, 'pending deliveries could not be counted');
      }
    },
  });
  return (webhookId, { error, durationMs }) => {
    attempts.inc({ webhook: webhookId, outcome: toOutcome(error) });
    durations.observe({ webhook: webhookId }, durationMs / 1000);
  };
}

/** Few words: each is a series. */
const toOutcome = (error: string | null): string => (error === null ? 'delivered' : (error.split(':', 1)[0] ?? error));
