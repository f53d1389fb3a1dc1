import type { ExecutionResult } from 'graphql';
import type { Audience, Result } from './audience.ts';
import type { Delivery, Readiness, Stream, Taken } from './stream.ts';
import type { LineUp, TurnTaker } from './turns.ts';

/** Sends the payloads of some messages at once; calls back when they have left, or never will. */
export type SendPayloads = (payloads: readonly string[], sent: (error?: Error | null) => void) => void;

/** Where the payloads for one subscriber go. */
export interface PayloadSink {
  readonly send: SendPayloads;
}

export interface LiveResultsOptions {
  readonly stream: Stream<unknown>;
  readonly audience: Audience;
  readonly finish: (result: ExecutionResult) => ExecutionResult;
  /** Gives everybody who has something to send a turn. */
  readonly lineUp: LineUp;
}

type OnEnd = (error?: unknown) => void;

/** What waits for one subscriber leaves together, up to so much: no more than that is ever in memory for one that does not read. */
const mostTogether = 16;

/** What one subscriber is told: to be pulled, or to be sent as it comes. */
export class LiveResults implements AsyncIterableIterator<ExecutionResult>, TurnTaker {
  readonly #stream: Stream<unknown>;
  readonly #audience: Audience;
  readonly #finish: (result: ExecutionResult) => ExecutionResult;
  readonly #lineUp: LineUp;
  /** What is sent first at its next turn. */
  #made: readonly ExecutionResult[] = [];
  #sink: PayloadSink | null = null;
  #onEnd: OnEnd | null = null;
  #busy = false;
  #ended = false;

  constructor({ stream, audience, finish, lineUp }: LiveResultsOptions) {
    this.#stream = stream;
    this.#audience = audience;
    this.#finish = finish;
    this.#lineUp = lineUp;
  }

  /** Sends results as soon as those before have left. Resolves when the stream has ended. */
  deliver(sink: PayloadSink): Promise<void> {
    this.#sink = sink;
    return new Promise((resolve, reject) => {
      this.#onEnd = (error) => (error ? reject(error) : resolve());
      this.#stream.onWake(() => this.#go());
      this.#go();
    });
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    const { value, done } = await this.#pull();
    if (!done) return { done: false, value: this.#finished(await this.#audience.resultOf(value)) };
    this.#audience.leave();
    return { done: true, value: undefined };
  }

  // Not an async generator: its return would wait behind a next that may wait for ever.
  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#ended = true;
    this.#audience.leave();
    await this.#stream.return();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #pull(): Promise<IteratorResult<Delivery<unknown>>> {
    try {
      return await this.#stream.next();
    } catch (error) {
      this.#audience.leave();
      throw error;
    }
  }

  #finished(result: ExecutionResult): ExecutionResult {
    return result.errors ? this.#finish(result) : result;
  }

  /** Without a promise where nothing has to be waited for: thousands of subscribers go through here for every change. */
  #go(): void {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const taken = this.#stream.takeNow();
      if (taken instanceof Promise) taken.then((found) => this.#tell(found)).catch((error: unknown) => this.#end(error));
      else this.#tell(taken);
    } catch (error) {
      this.#end(error);
    }
  }

  #tell(taken: Taken<unknown>): void {
    if (taken === undefined) return this.#end();
    if (taken === null) {
      this.#busy = false;
      return;
    }
    const result = this.#audience.resultOf(taken);
    // What has to be made takes along what comes after it: together they are made in the time of one.
    this.#whenMade(isMade(result) ? [result] : this.#along([result]), (made) => {
      this.#made = made;
      this.#lineUp(this);
    });
  }

  /** Each write costs the system more than all that is done here for a message, so what was made meanwhile leaves with the rest. */
  takeTurn(): void {
    try {
      this.#whenMade(this.#along(this.#made, this.#audience), (made) => this.#write(made));
    } catch (error) {
      this.#end(error);
    }
  }

  #along(results: readonly Result[], only?: Readiness): Result[] {
    const all = [...results];
    while (all.length < mostTogether) {
      const taken = this.#stream.takeAtHand(only);
      if (taken === null) break;
      all.push(this.#audience.resultOf(taken));
    }
    return all;
  }

  #whenMade(results: Result[], go: (made: readonly ExecutionResult[]) => void): void {
    const made = results.filter(isMade);
    if (made.length === results.length) return go(made);
    Promise.all(results.map(async (result) => result))
      .then(go)
      .catch((error: unknown) => this.#end(error));
  }

  #write(results: readonly ExecutionResult[]): void {
    // Its subscriber left while they were made, or waited for their turn.
    if (this.#ended) return;
    const payloads = results.map((result) => textOf(this.#finished(result)));
    this.#sink?.send(payloads, (error) => {
      if (error) return this.#end(error);
      this.#busy = false;
      this.#go();
    });
  }

  #end(error?: unknown): void {
    this.#ended = true;
    this.#audience.leave();
    void this.#stream.return();
    this.#onEnd?.(error);
  }
}

const isMade = (result: Result): result is ExecutionResult => !(result instanceof Promise);

const texts = new WeakMap<ExecutionResult, string>();

/** Those who share a result share its text. */
function textOf(result: ExecutionResult): string {
  const known = texts.get(result);
  if (known !== undefined) return known;
  const text = JSON.stringify(result);
  texts.set(result, text);
  return text;
}
