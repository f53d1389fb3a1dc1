import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Database } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import type { Tried } from './try-delivery.ts';
import { reasonOf } from '../platform/error-reason.ts';

const pendingSql = `SELECT w.id AS "webhookId", count(*)::int AS count, extract(epoch FROM clock_timestamp() - min(d."createdAt"))::float8 AS "oldestSeconds"
  FROM "Webhook" w JOIN "Delivery" d ON d."webhookId" = w.id AND d.status IN ('PENDING', 'RETRYING') AND NOT d.held
  WHERE w."deletedAt" IS NULL AND w.enabled GROUP BY w.id`;

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
  let reading: Promise<readonly Pending[]> | null = null;
  /** Both gauges are asked at the same moment: one statement answers them. */
  const readPending = (): Promise<readonly Pending[]> =>
    (reading ??= readPool
      .query<Pending>(pendingSql)
      .then(({ rows }) => rows)
      .catch((error: unknown) => {
        log.warn({ reason: reasonOf(error) }, 'pending deliveries could not be counted');
        return [];
      })
      .finally(() => (reading = null)));
  const gauge = (name: string, help: string, valueOf: (pending: Pending) => number): void => {
    const made: Gauge<'webhook'> = new Gauge({
      name,
      help,
      labelNames: ['webhook'] as const,
      registers: [registry],
      async collect() {
        const rows = await readPending();
        made.reset();
        for (const row of rows) made.set({ webhook: row.webhookId }, valueOf(row));
      },
    });
  };
  gauge(
    'webhook_deliveries_pending',
    'Deliveries that wait for their turn or for the next try, by endpoint that is enabled, on all servers together.',
    ({ count }) => count,
  );
  gauge('webhook_oldest_pending_seconds', 'Age of the oldest delivery that waits, by endpoint.', ({ oldestSeconds }) => oldestSeconds);
  return (webhookId, { error, durationMs }) => {
    attempts.inc({ webhook: webhookId, outcome: toOutcome(error) });
    durations.observe({ webhook: webhookId }, durationMs / 1000);
  };
}

/** Few words: each is a series. */
const toOutcome = (error: string | null): string => (error === null ? 'delivered' : (error.split(':', 1)[0] ?? error));
