import { listen } from '../changes/listen.ts';
import { type Database, isDatabaseAway } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import { type Applied, applyNext, beginRollup, changesPerBatch, findBehind } from './apply-changes.ts';
import { reasonOf } from '../platform/error-reason.ts';

/** Keeps the numbers of all accounts in step with their logs. */
export interface RollupReader {
  /** Ends after the batch that is under way. */
  readonly close: () => Promise<void>;
}

/** Logs are compared with positions after this much silence: the safety net for a listener that is down, or a process that died at work. */
const compareEveryMs = 1000;
/** A quiet log is counted at once; a busy one in larger portions, because writers need the time more. */
const restMs = 20;
const longRestMs = 250;
const busyAbove = 100;
/** The more changes are counted together the less each of them costs: at this size half as much as at a quarter of it. */
const longestRestMs = 700;
const veryBusyAbove = 500;
/** So much of one account's backlog is counted before the other accounts have their turn. */
const portionsInARow = 10;

/**
 * Follows the logs of all accounts. Any number of processes may do so: the lock on an account's position decides which one counts, and the
 * others leave it to that one.
 */
export function readIntoRollups(database: Pick<Database, 'writePool' | 'readPool' | 'url'>, log: Log): RollupReader {
  const due = new Set<string>();
  const begun = new Set<string>();
  /** Smaller for a while when a batch of the account failed: it may have been too much for one statement. */
  const portions = new Map<string, number>();
  let closed = false;
  let working: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let restsUntil = 0;

  function wake(): void {
    if (closed || working !== null || timer !== undefined) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        working = work().finally(() => {
          working = null;
          if (due.size > 0) wake();
        });
      },
      Math.max(restMs, restsUntil - performance.now()),
    );
    timer.unref();
  }

  async function work(): Promise<void> {
    let mostApplied = 0;
    for (const accountId of Array.from(due)) {
      if (closed) return;
      due.delete(accountId);
      try {
        if (!begun.has(accountId)) await beginRollup(database.writePool, accountId);
        begun.add(accountId);
        mostApplied = Math.max(mostApplied, await catchUp(accountId));
      } catch (error) {
        report(error, 'numbers could not be brought up to date');
      }
    }
    if (mostApplied > busyAbove) restsUntil = performance.now() + (mostApplied > veryBusyAbove ? longestRestMs : longRestMs);
  }

  /** Counts portion after portion while whole ones wait; gives the size of the largest. */
  async function catchUp(accountId: string): Promise<number> {
    let most = 0;
    for (let i = 0; i < portionsInARow; i++) {
      const { count, behind } = await applyPortion(accountId);
      most = Math.max(most, count);
      if (behind > 0) due.add(accountId);
      if (closed || behind < changesPerBatch) break;
    }
    return most;
  }

  async function applyPortion(accountId: string): Promise<Applied> {
    const atMost = portions.get(accountId) ?? changesPerBatch;
    try {
      const applied = await applyNext(database.writePool, accountId, { atMost });
      portions.set(accountId, Math.min(changesPerBatch, atMost * 2));
      return applied ?? { count: 0, behind: 0 };
    } catch (error) {
      portions.set(accountId, Math.max(1, Math.floor(atMost / 4)));
      throw error;
    }
  }

  async function compare(): Promise<void> {
    try {
      for (const accountId of await findBehind(database.readPool)) due.add(accountId);
      if (due.size > 0) wake();
    } catch (error) {
      report(error, 'positions of numbers could not be read');
    }
  }

  function report(error: unknown, message: string): void {
    if (!closed && !isDatabaseAway(error)) log.error({ reason: reasonOf(error) }, message);
  }

  const listener = listen({
    url: database.url,
    channel: 'leadgraph_changes',
    log,
    onListening: () => void compare(),
    onNotify(payload) {
      const [accountId = ''] = payload.split(' ');
      due.add(accountId);
      wake();
    },
  });
  const comparing = setInterval(() => void compare(), compareEveryMs);
  comparing.unref();

  return {
    async close() {
      closed = true;
      clearInterval(comparing);
      clearTimeout(timer);
      listener.close();
      await working;
    },
  };
}
