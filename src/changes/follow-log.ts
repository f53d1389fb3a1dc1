import { type Database, isDatabaseAway } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import { listen } from './listen.ts';
import { createLogWindow, type LogPage, type LogWindow } from './log-window.ts';
import { readHead, readHeads, readLog } from './read-log.ts';
import { reasonOf } from '../platform/error-reason.ts';

/** One account's log as it grows, for one reader. */
export interface WatchedLog {
  readonly accountId: string;
  /** The latest change that is known to be committed. */
  readonly head: number;
  readonly pageWith: (seq: number) => LogPage | Promise<LogPage>;
  readonly release: () => void;
}

/** Follows the change logs that somebody in this process watches. What it shows is read from the log, never handed over by a writer. */
export interface LogFollower {
  /** Resolves when the log's present head is known. `onGrowth` is called whenever it moved. */
  readonly watch: (accountId: string, onGrowth: () => void) => Promise<WatchedLog>;
  readonly close: () => void;
}

interface Account {
  readonly id: string;
  head: number;
  readonly window: LogWindow;
  readonly watchers: Set<Watcher>;
  /** The statement that asks for the head, and the one that will come after it. */
  reading: Promise<number> | null;
  readingNext: Promise<number> | null;
}

const channel = 'leadgraph_changes';
/** What a writer adds that changed earlier entries. */
const erased = 'erased';
/** Heads are asked for after this much silence: the safety net for a listener that is down, or deaf. */
const pollAfterMs = 1000;

export function followLog(database: Pick<Database, 'readPool' | 'url'>, log: Log): LogFollower {
  const { readPool } = database;
  const accounts = new Map<string, Account>();
  let heardAt = 0;
  let polling = false;

  function grow(accountId: string, head: number): void {
    const account = accounts.get(accountId);
    if (!account || head <= account.head) return;
    account.head = head;
    for (const watcher of account.watchers) watcher.onGrowth();
  }

  async function poll(): Promise<void> {
    if (polling || accounts.size === 0) return;
    polling = true;
    try {
      for (const [accountId, head] of await readHeads(readPool, [...accounts.keys()])) grow(accountId, head);
    } catch (error) {
      if (!isDatabaseAway(error)) log.error({ reason: reasonOf(error) }, 'heads of change logs could not be read');
    } finally {
      polling = false;
    }
  }

  const listener = listen({
    url: database.url,
    channel,
    log,
    onListening() {
      // What was said meanwhile was missed, an erasure too.
      for (const { window } of accounts.values()) window.forget();
      void poll();
    },
    onNotify(payload) {
      heardAt = performance.now();
      const [accountId = '', seq, word] = payload.split(' ');
      if (word === erased) accounts.get(accountId)?.window.forget();
      grow(accountId, Number(seq));
    },
  });
  const timer = setInterval(() => {
    if (performance.now() - heardAt >= pollAfterMs) void poll();
  }, pollAfterMs);
  timer.unref();

  function find(accountId: string): Account {
    const known = accounts.get(accountId);
    if (known) return known;
    const account: Account = {
      id: accountId,
      head: 0,
      window: createLogWindow({ read: (range) => readLog(readPool, accountId, range) }),
      watchers: new Set(),
      reading: null,
      readingNext: null,
    };
    accounts.set(accountId, account);
    return account;
  }

  function forgetUnwatched(account: Account): void {
    if (account.watchers.size === 0 && accounts.get(account.id) === account) accounts.delete(account.id);
  }

  /** Those who ask while a statement is under way share the next one: that one may not have seen what they have written. */
  function presentHead(account: Account, accountId: string): Promise<number> {
    if (!account.reading) {
      return (account.reading = readHead(readPool, accountId).finally(() => {
        account.reading = null;
      }));
    }
    return (account.readingNext ??= account.reading
      .catch(() => undefined)
      .then(() => {
        account.readingNext = null;
        return presentHead(account, accountId);
      }));
  }

  return {
    async watch(accountId, onGrowth) {
      const account = find(accountId);
      const watcher = new Watcher(account, onGrowth, forgetUnwatched);
      account.watchers.add(watcher);
      try {
        grow(accountId, await presentHead(account, accountId));
      } catch (error) {
        watcher.release();
        throw error;
      }
      return watcher;
    },
    close() {
      clearInterval(timer);
      listener.close();
      accounts.clear();
    },
  };
}

/** A class, because thousands of live streams have one each. */
class Watcher implements WatchedLog {
  readonly onGrowth: () => void;
  readonly #account: Account;
  readonly #onRelease: (account: Account) => void;

  constructor(account: Account, onGrowth: () => void, onRelease: (account: Account) => void) {
    this.#account = account;
    this.onGrowth = onGrowth;
    this.#onRelease = onRelease;
  }

  get accountId(): string {
    return this.#account.id;
  }

  get head(): number {
    return this.#account.head;
  }

  pageWith(seq: number): LogPage | Promise<LogPage> {
    return this.#account.window.pageWith(seq, this.#account.head);
  }

  release(): void {
    this.#account.watchers.delete(this);
    this.#onRelease(this.#account);
  }
}
