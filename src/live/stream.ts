import type { DomainError } from '../errors.ts';
import { isDatabaseAway } from '../platform/database.ts';
import type { Carrier } from './carrier.ts';

/** Where the items of one stream come from. It reads on from its own place in the log, and only when asked. */
export interface StreamSource<Item> {
  /** The next item that the log holds for this stream; null when the log has to grow first; undefined when nothing more can come. */
  readonly take: () => Promise<Item | null | undefined>;
  /** What breaks a silence; null for a stream without heartbeats. */
  readonly heartbeat: () => Item | null;
  /** Every change up to here was handed out, or did not concern this stream. */
  readonly position: number;
  /** How many changes wait to be taken. */
  readonly behind: number;
  /** Lets go of what is kept in memory for the next take. */
  readonly rest: () => void;
  /** What tells items apart: streams of one subscription that hand out items of one name have the same to tell. */
  readonly nameOf: (item: Item) => string | object;
}

/** Reasons end a stream as its last value, because an iterator that throws loses its error's code on the way to the client. */
export type Delivery<Item> = { readonly item: Item; readonly name: string | object } | { readonly ended: DomainError };

/** One subscriber: a cursor that is moved on by pulling. One that is not pulled costs nothing and keeps nobody waiting. */
export interface Stream<Item> extends AsyncIterableIterator<Delivery<Item>> {
  /** The log has grown. */
  readonly wake: () => void;
  readonly breakSilence: (now: number, afterMs: number) => void;
  /** Since when nobody asks for the next item; null while somebody does. */
  readonly restingSince: number | null;
  /** Everything up to here was surely taken: the item after it may still be on its way. */
  readonly confirmed: number;
  readonly end: (reason: DomainError) => void;
}

const retryWhenDatabaseIsAwayMs = 500;

export function createStream<Item>(source: StreamSource<Item>, carrier: Carrier | null, onClosed: () => void): Stream<Item> {
  let closed = false;
  let reason: DomainError | null = null;
  let restingSince: number | null = performance.now();
  let lastItemAt = performance.now();
  let silenceIsLong = false;
  let confirmed = source.position;
  let wakes = 0;
  let resume: (() => void) | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  function wake(): void {
    wakes += 1;
    resume?.();
  }

  /** Waits for the next wake, or at most this long. */
  function pause(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(wake, ms);
      resume = () => {
        clearTimeout(timer);
        resume = null;
        resolve();
      };
    });
  }

  function close(): void {
    if (closed) return;
    closed = true;
    onClosed();
    wake();
  }

  async function takeOrWait(): Promise<Item | undefined> {
    for (;;) {
      if (closed) return undefined;
      const seen = wakes;
      const item = await source.take().catch(whenDatabaseIsAway);
      if (closed || item === undefined) return undefined;
      if (item !== null && item !== 'away') return item;
      if (silenceIsLong) {
        silenceIsLong = false;
        lastItemAt = performance.now();
        const heartbeat = source.heartbeat();
        if (heartbeat !== null) return heartbeat;
      }
      if (item === 'away') await pause(retryWhenDatabaseIsAwayMs);
      else if (wakes === seen) await pause();
    }
  }

  async function pull(): Promise<IteratorResult<Delivery<Item>>> {
    restingSince = null;
    confirmed = source.position;
    try {
      const item = await takeOrWait();
      if (closed) return finish();
      if (item === undefined) {
        close();
        return finish();
      }
      lastItemAt = performance.now();
      if (carrier) carrier.written = false;
      return { done: false, value: { item, name: source.nameOf(item) } };
    } catch (error) {
      close();
      throw error;
    } finally {
      restingSince = performance.now();
    }
  }

  function finish(): IteratorResult<Delivery<Item>> {
    const ended = reason;
    reason = null;
    return ended ? { done: false, value: { ended } } : { done: true, value: undefined };
  }

  return {
    wake,
    breakSilence(now, afterMs) {
      if (restingSince !== null || now - lastItemAt < afterMs) return;
      silenceIsLong = true;
      wake();
    },
    get restingSince() {
      return restingSince;
    },
    get confirmed() {
      return confirmed;
    },
    end(why) {
      if (closed) return;
      reason = why;
      close();
    },
    next() {
      const pulled = queue.then(pull);
      queue = pulled.catch(() => undefined);
      return pulled;
    },
    // Not an async generator: its return would wait behind a pull that may wait for ever.
    return() {
      close();
      reason = null;
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function whenDatabaseIsAway(error: unknown): 'away' {
  if (isDatabaseAway(error)) return 'away';
  throw error;
}
