import { isDatabaseAway, type Database } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import type { Pipeline } from '../pipeline/stage.ts';
import type { FeedMember } from '../live/hub.ts';
import { type Analytics, type AnalyticsQuery, getAnalytics } from './analytics.ts';
import { dateIn, lastDays, toDays } from './days.ts';
import { reasonOf } from '../platform/error-reason.ts';

/** The numbers as they move. Whoever asks the same shares one feed: its numbers are read once, at most once a second. */
export interface LiveAnalytics {
  /** Throws BadRequestError for a range or a zone that cannot be. */
  readonly join: (accountId: string, query: AnalyticsQuery, wake: () => void) => FeedMember<Analytics>;
  readonly close: () => void;
}

interface Feed {
  readonly accountId: string;
  readonly query: AnalyticsQuery;
  readonly wakes: Set<() => void>;
  latest: Analytics | null;
  /** Rises with every state that differs from the one before. */
  version: number;
  /** What the numbers were, without the moment. */
  text: string;
  readAt: number;
  date: number;
  reading: Promise<void> | null;
}

const lookEveryMs = 200;
const atMostEveryMs = 1000;

export function createLiveAnalytics(
  services: { readonly database: Database; readonly pipeline: Pipeline },
  log: Log,
  minimumMs = atMostEveryMs,
): LiveAnalytics {
  const { database } = services;
  const feeds = new Map<string, Feed>();
  let timer: NodeJS.Timeout | undefined;

  async function read(feed: Feed): Promise<void> {
    const now = new Date();
    feed.readAt = performance.now();
    const latest = await getAnalytics(services, feed.accountId, feed.query, now);
    const { asOf: _asOf, seq: _seq, ...numbers } = latest;
    const text = JSON.stringify(numbers);
    const isNews = text !== feed.text;
    feed.date = dateIn(feed.query.timeZone, now).getTime();
    // The moment moves on also where the numbers stay: otherwise every look would read them again.
    feed.latest = latest;
    feed.text = text;
    if (!isNews) return;
    feed.version += 1;
    for (const wake of feed.wakes) wake();
  }

  /** One at a time for each feed; who comes meanwhile waits for that one. */
  function refresh(feed: Feed): Promise<void> {
    feed.reading ??= read(feed).finally(() => {
      feed.reading = null;
    });
    return feed.reading;
  }

  async function look(): Promise<void> {
    const seqs = await readSeqs([...feeds.values()].map(({ accountId }) => accountId));
    const now = performance.now();
    for (const feed of feeds.values()) {
      const { latest, query } = feed;
      if (latest === null || now - feed.readAt < minimumMs) continue;
      const moved = (seqs.get(feed.accountId) ?? latest.seq) !== latest.seq || dateIn(query.timeZone, new Date()).getTime() !== feed.date;
      if (moved) void refresh(feed).catch(report);
    }
  }

  async function readSeqs(accountIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { rows } = await database.readPool.query<{ readonly accountId: string; readonly seq: bigint }>({
      name: 'rollup-seqs',
      text: 'SELECT "accountId", seq FROM "Rollup" WHERE "accountId" = ANY($1::uuid[]) AND "isServed"',
      values: [[...new Set(accountIds)]],
    });
    return new Map(rows.map(({ accountId, seq }) => [accountId, Number(seq)]));
  }

  function report(error: unknown): void {
    if (!isDatabaseAway(error)) log.error({ reason: reasonOf(error) }, 'live numbers could not be read');
  }

  function lookAgain(): void {
    timer = setTimeout(() => {
      void look()
        .catch(report)
        .finally(() => {
          timer = undefined;
          if (feeds.size > 0) lookAgain();
        });
    }, lookEveryMs);
    timer.unref();
  }

  function feedOf(accountId: string, query: AnalyticsQuery): { readonly key: string; readonly feed: Feed } {
    const key = JSON.stringify([accountId, query]);
    const known = feeds.get(key);
    if (known) return { key, feed: known };
    const feed: Feed = {
      accountId,
      query,
      wakes: new Set(),
      latest: null,
      version: 0,
      text: '',
      readAt: 0,
      date: 0,
      reading: null,
    };
    feeds.set(key, feed);
    return { key, feed };
  }

  return {
    join(accountId, query, wake) {
      if (query.range) toDays(query.range, query.timeZone);
      else lastDays(1, query.timeZone, new Date());
      const { key, feed } = feedOf(accountId, query);
      feed.wakes.add(wake);
      if (timer === undefined) lookAgain();
      let seen = 0;
      let takenAt = Number.NEGATIVE_INFINITY;
      let rest: NodeJS.Timeout | undefined;
      return {
        position: 0,
        behind: 0,
        async take() {
          if (feed.latest === null) await refresh(feed);
          if (feed.latest === null || seen === feed.version) return null;
          // Who joined a moment ago had a message of its own.
          const restMs = takenAt + minimumMs - performance.now();
          if (restMs > 0) {
            clearTimeout(rest);
            rest = setTimeout(wake, restMs + 1);
            return null;
          }
          seen = feed.version;
          takenAt = performance.now();
          return feed.latest;
        },
        heartbeat: () => null,
        rest: () => undefined,
        nameOf: (numbers) => numbers,
        release() {
          clearTimeout(rest);
          feed.wakes.delete(wake);
          if (feed.wakes.size === 0 && feeds.get(key) === feed) feeds.delete(key);
        },
      };
    },
    close() {
      feeds.clear();
      clearTimeout(timer);
    },
  };
}
