import { Gauge, type Registry } from 'prom-client';
import type { Database } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';

const lagSql = `SELECT coalesce(sum(h.seq - coalesce(r.seq, 0)), 0)::float8 AS changes,
    coalesce(max(greatest(0, extract(epoch FROM clock_timestamp() - c."recordedAt"))), 0)::float8 AS seconds
  FROM "LogHead" h LEFT JOIN "Rollup" r ON r."accountId" = h."accountId" AND r."isServed"
    LEFT JOIN "Change" c ON c."accountId" = h."accountId" AND c.seq = coalesce(r.seq, 0) + 1`;

interface Lag {
  readonly changes: number;
  readonly seconds: number;
}

/** How far the numbers are behind the logs, in `/metrics`. */
export function measureLag(registry: Registry, { readPool }: Pick<Database, 'readPool'>, log: Log): void {
  let reading: Promise<Lag | undefined> | null = null;
  /** Both gauges are asked at the same moment: one statement answers them. */
  const readLag = (): Promise<Lag | undefined> =>
    (reading ??= readPool
      .query<Lag>(lagSql)
      .then(({ rows }) => rows[0])
      .catch((error: unknown) => {
        log.warn({ reason: error instanceof Error ? error.name : typeof error }, 'the lag of the numbers could not be read');
        return undefined;
      })
      .finally(() => (reading = null)));
  const gauge = (name: string, help: string, valueOf: (lag: Lag) => number): void => {
    const made: Gauge = new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const lag = await readLag();
        made.reset();
        if (lag) made.set(valueOf(lag));
        else made.remove();
      },
    });
  };
  gauge('rollup_lag_seconds', 'Age of the oldest change that the numbers do not count yet; 0: none waits.', ({ seconds }) => seconds);
  gauge('rollup_lag_changes', 'Changes that the numbers do not count yet, of all accounts.', ({ changes }) => changes);
}
