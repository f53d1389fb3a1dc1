import { type Database, isDatabaseAway } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import { reasonOf } from '../platform/error-reason.ts';

const keptDays = 30;
const everyMs = 3_600_000;
const atOnce = 5000;

/** Forgets tries, and with them what receivers answered, after 30 days. That something was delivered stays known. */
export async function forgetOldAttempts(pool: Database['writePool'], now: Date | null = null): Promise<number> {
  let forgotten = 0;
  for (;;) {
    const { rowCount } = await pool.query({
      name: 'forget-attempts',
      text: `DELETE FROM "Attempt" WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM "Attempt" WHERE at < coalesce($1::timestamptz, clock_timestamp()) - interval '${keptDays} days' LIMIT ${atOnce}))`,
      values: [now],
    });
    forgotten += rowCount ?? 0;
    if ((rowCount ?? 0) < atOnce) return forgotten;
  }
}

export function keepForgettingAttempts({ writePool }: Pick<Database, 'writePool'>, log: Log): { readonly stop: () => void } {
  const forget = async () => {
    try {
      const forgotten = await forgetOldAttempts(writePool);
      if (forgotten > 0) log.info({ forgotten }, 'old tries of webhooks forgotten');
    } catch (error) {
      const reason = reasonOf(error);
      log[isDatabaseAway(error) ? 'warn' : 'error']({ reason }, 'old tries of webhooks could not be forgotten');
    }
  };
  const timer = setInterval(() => void forget(), everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
