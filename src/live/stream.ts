import type { DomainError } from '../errors.ts';
import { isDatabaseAway } from '../platform/database.ts';
import type { Carrier } from './carrier.ts';

/** Where the items of one stream come from. It reads on from its own place in the log, and only when asked. */
export interface StreamSource<Item> {
  /** The next item that the log holds for this stream; null when the log has to grow first; undefined when nothing more can come. */
  readonly take: () => Item | null | undefined | Promise<Item | null | undefined>;
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

/** Null: there is none yet. Undefined: no more will come. */
export type Taken<Item> = Delivery<Item> | null | undefined;

/** One subscriber: a cursor that is moved on by pulling. One that is not pulled costs nothing and keeps nobody waiting. */
export interface Stream<Item> extends AsyncIterableIterator<Delivery<Item>> {
  /** The log has grown. */
  readonly wake: () => void;
  /** What there is to hand out now, for those who rather are woken than wait. They ask again when they are woken, one question at a time. */
  readonly takeNow: () => Taken<Item> | Promise<Taken<Item>>;
  readonly onWake: (wakened: () => void) => void;
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

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      resume = () => {
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

  function takeNow(): Taken<Item> | Promise<Taken<Item>> {
    restingSince = null;
    confirmed = source.position;
    if (closed) return lastWords();
    try {
      const item = source.take();
      return item instanceof Promise ? item.then(handOut, whenFailed) : handOut(item);
    } catch (error) {
      return whenFailed(error);
    }
  }

  function handOut(found: Item | null | undefined): Taken<Item> {
    if (closed) return lastWords();
    if (found === undefined) {
      close();
      return lastWords();
    }
    const item = found ?? breakLongSilence();
    if (item === null) return null;
    lastItemAt = restingSince = performance.now();
    if (carrier) carrier.written = false;
    return { item, name: source.nameOf(item) };
  }

  function breakLongSilence(): Item | null {
    if (!silenceIsLong) return null;
    silenceIsLong = false;
    lastItemAt = performance.now();
    return source.heartbeat();
  }

  function whenFailed(error: unknown): Taken<Item> {
    if (isDatabaseAway(error)) {
      setTimeout(wake, retryWhenDatabaseIsAwayMs);
      return handOut(null);
    }
    close();
    throw error;
  }

  function lastWords(): Taken<Item> {
    restingSince = performance.now();
    const ended = reason;
    reason = null;
    return ended ? { ended } : undefined;
  }

  async function pull(): Promise<IteratorResult<Delivery<Item>>> {
    for (;;) {
      const seen = wakes;
      const taken = await takeNow();
      if (taken === undefined) return { done: true, value: undefined };
      if (taken !== null) return { done: false, value: taken };
      if (wakes === seen) await pause();
    }
  }

  return {
    wake,
    takeNow,
    onWake(wakened) {
      resume = wakened;
    },
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
