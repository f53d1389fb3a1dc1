import { setTimeout as sleep } from 'node:timers/promises';
import { isDatabaseAway } from './database.ts';
import { reasonOf } from './error-reason.ts';
import type { Log } from './log.ts';

const askEveryMs = 250;
const withinMs = 15_000;

/** Does what a start cannot do without the database; again while that is away, because it may be starting as well, or be killed just then. */
export async function waitForDatabase<Value>(work: () => Promise<Value>, log: Log): Promise<Value> {
  let told = '';
  for (const deadline = performance.now() + withinMs; ; await sleep(askEveryMs)) {
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseAway(error) || performance.now() > deadline) throw error;
      const reason = reasonOf(error);
      if (reason !== told) log.warn({ reason }, 'the database is away: the start waits for it');
      told = reason;
    }
  }
}
