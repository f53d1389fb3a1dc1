import { Gauge, type Registry } from 'prom-client';
import type { Database } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import { reasonOf } from '../platform/error-reason.ts';

const sql = 'SELECT count(*)::int AS count FROM "CrmActivity" WHERE "leadId" IS NULL';

/** `crm_activity_unmatched`: how much CRM activity waits for its lead, on all servers together. Left out while the database does not answer. */
export function measureUnmatched(registry: Registry, { readPool }: Pick<Database, 'readPool'>, log: Log): void {
  const gauge: Gauge = new Gauge({
    name: 'crm_activity_unmatched',
    help: 'CRM activity that waits for a lead with its CRM id.',
    registers: [registry],
    async collect() {
      try {
        const { rows } = await readPool.query<{ readonly count: number }>(sql);
        gauge.set(rows[0]?.count ?? 0);
      } catch (error) {
        gauge.remove();
        log.warn({ reason: reasonOf(error) }, 'unmatched CRM activity could not be counted');
      }
    },
  });
}
