import type { Database } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import { reasonOf } from '../platform/error-reason.ts';

const everyMs = 3_600_000;

/** Stored answers are kept for 7 days. Any number of processes may forget at once: deleting twice is deleting. */
export function forgetOldAnswers({ writePool }: Pick<Database, 'writePool'>, log: Log): { readonly stop: () => void } {
  const timer = setInterval(() => {
    writePool.query(`DELETE FROM "IdempotencyRecord" WHERE "createdAt" < now() - interval '7 days'`).catch((error: unknown) => {
      log.warn({ reason: reasonOf(error) }, 'old answers could not be forgotten');
    });
  }, everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
