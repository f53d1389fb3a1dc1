import type { DomainError } from '../errors.ts';
import { isDatabaseAway } from '../platform/database.ts';
import type { Carrier } from './carrier.ts';

/** Tells whether what has this name can be handed out without waiting. */
export interface Readiness {
  isReady(name: string | object): boolean;
}

/** Where the items of one stream come from. It reads on from its own place in the log, and only when asked. */
export interface StreamSource<Item> {
  /** The next item that the log holds for this stream; null when the log has to grow first; undefined when nothing more can come. */
  readonly take: () => Item | null | undefined | Promise<Item | null | undefined>;
  /** The next item where it need not be read first; null otherwise, or when that one is not ready. Only of sources whose items can pile up. */
  readonly takeAtHand?: (only: Readiness | undefined) => Item | null;
  /** What breaks a silence; null for a stream without heartbeats. */
  readonly heartbeat: () => Item | null;
  /** Every change up to here was handed out, or did not concern this stream. */
  readonly position: number;
  /** How many changes wait to be taken. */
  readonly behind: number;
  /** Lets go of what is kept in memory for the next take. */
  readonly rest: () => void;
  /** What tells items apart: streams of one subscription that hand out items of one name have the same to tell. */
  nameOf(item: Item): string | object;
}

/** Reasons end a stream as its last value, because an iterator that throws loses its error's code on the way to the client. */
export type Delivery<Item> = { readonly item: Item; readonly name: string | object } | { readonly ended: DomainError };

/** Null: there is none yet. Undefined: no more will come. */
export type Taken<Item> = Delivery<Item> | null | undefined;

const retryWhenDatabaseIsAwayMs = 500;

const nothing = Promise.resolve();

/**
 * One subscriber: a cursor that is moved on by pulling. One that is not pulled costs nothing and keeps nobody waiting. A class, because there
 * are thousands of them, and a closure for each of its functions would be most of what one takes.
 */
export class Stream<Item> implements AsyncIterableIterator<Delivery<Item>> {
  readonly #source: StreamSource<Item>;
  readonly #carrier: Carrier | null;
  readonly #onClosed: () => void;
  #closed = false;
  #reason: DomainError | null = null;
  #restingSince: number | null = performance.now();
  #lastItemAt = performance.now();
  #silenceIsLong = false;
  #confirmed: number;
  #wakes = 0;
  #resume: (() => void) | null = null;
  #queue: Promise<unknown> = nothing;

  constructor(source: StreamSource<Item>, carrier: Carrier | null, onClosed: () => void) {
    this.#source = source;
    this.#carrier = carrier;
    this.#onClosed = onClosed;
    this.#confirmed = source.position;
  }

  /** Since when nobody asks for the next item; null while somebody does. */
  get restingSince(): number | null {
    return this.#restingSince;
  }

  /** Everything up to here was surely taken: the item after it may still be on its way. */
  get confirmed(): number {
    return this.#confirmed;
  }

  /** The log has grown. */
  wake(): void {
    this.#wakes += 1;
    this.#resume?.();
  }

  onWake(wakened: () => void): void {
    this.#resume = wakened;
  }

  /** What there is to hand out now, for those who rather are woken than wait. They ask again when they are woken, one question at a time. */
  takeNow(): Taken<Item> | Promise<Taken<Item>> {
    this.#restingSince = null;
    this.#confirmed = this.#source.position;
    if (this.#closed) return this.#lastWords();
    try {
      const item = this.#source.take();
      if (!(item instanceof Promise)) return this.#handOut(item);
      return item.then(
        (found) => this.#handOut(found),
        (error: unknown) => this.#whenFailed(error),
      );
    } catch (error) {
      return this.#whenFailed(error);
    }
  }

  /** One more, to go along with the one that was taken before; null where there is none, or it had to be read first. */
  takeAtHand(only?: Readiness): Delivery<Item> | null {
    const item = this.#closed ? null : (this.#source.takeAtHand?.(only) ?? null);
    return item === null ? null : this.#deliver(item);
  }

  breakSilence(now: number, afterMs: number): void {
    if (this.#restingSince !== null || now - this.#lastItemAt < afterMs) return;
    this.#silenceIsLong = true;
    this.wake();
  }

  end(why: DomainError): void {
    if (this.#closed) return;
    this.#reason = why;
    this.#close();
  }

  next(): Promise<IteratorResult<Delivery<Item>>> {
    const pulled = this.#queue.then(() => this.#pull());
    this.#queue = pulled.catch(() => undefined);
    return pulled;
  }

  // Not an async generator: its return would wait behind a pull that may wait for ever.
  return(): Promise<IteratorReturnResult<undefined>> {
    this.#close();
    this.#reason = null;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = () => {
        this.#resume = null;
        resolve();
      };
    });
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClosed();
    this.wake();
  }

  #handOut(found: Item | null | undefined): Taken<Item> {
    if (this.#closed) return this.#lastWords();
    if (found === undefined) {
      this.#close();
      return this.#lastWords();
    }
    const item = found ?? this.#breakLongSilence();
    return item === null ? null : this.#deliver(item);
  }

  #deliver(item: Item): Delivery<Item> {
    this.#lastItemAt = this.#restingSince = performance.now();
    if (this.#carrier) this.#carrier.written = false;
    return { item, name: this.#source.nameOf(item) };
  }

  #breakLongSilence(): Item | null {
    if (!this.#silenceIsLong) return null;
    this.#silenceIsLong = false;
    this.#lastItemAt = performance.now();
    return this.#source.heartbeat();
  }

  #whenFailed(error: unknown): Taken<Item> {
    if (isDatabaseAway(error)) {
      setTimeout(() => this.wake(), retryWhenDatabaseIsAwayMs);
      return this.#handOut(null);
    }
    this.#close();
    throw error;
  }

  #lastWords(): Taken<Item> {
    this.#restingSince = performance.now();
    const ended = this.#reason;
    this.#reason = null;
    return ended ? { ended } : undefined;
  }

  async #pull(): Promise<IteratorResult<Delivery<Item>>> {
    for (;;) {
      const seen = this.#wakes;
      const taken = await this.takeNow();
      if (taken === undefined) return { done: true, value: undefined };
      if (taken !== null) return { done: false, value: taken };
      if (this.#wakes === seen) await this.#pause();
    }
  }
}
