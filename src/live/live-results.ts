import type { ExecutionResult } from 'graphql';
import type { Audience } from './audience.ts';
import type { Delivery, Stream, Taken } from './stream.ts';

/** Sends the payload of one message; calls back when it has left, or never will. */
export type SendPayload = (payload: string, sent: (error?: Error | null) => void) => void;

/** What one subscriber is told: to be pulled, or to be sent as it comes. */
export interface LiveResults extends AsyncIterableIterator<ExecutionResult> {
  /** Sends every result as soon as the one before has left. Resolves when the stream has ended. */
  readonly deliver: (send: SendPayload) => Promise<void>;
}

export interface LiveResultsOptions {
  readonly stream: Stream<unknown>;
  readonly audience: Audience;
  readonly finish: (result: ExecutionResult) => ExecutionResult;
}

export function createLiveResults({ stream, audience, finish }: LiveResultsOptions): LiveResults {
  const finished = (result: ExecutionResult): ExecutionResult => (result.errors ? finish(result) : result);

  /** Without a promise where nothing has to be waited for: thousands of subscribers go through here for every change. */
  function send(to: SendPayload, onEnd: (error?: unknown) => void): void {
    let busy = false;

    function go(): void {
      if (busy) return;
      busy = true;
      try {
        whenThere(stream.takeNow(), tell, end);
      } catch (error) {
        end(error);
      }
    }

    function tell(taken: Taken<unknown>): void {
      if (taken === undefined) return end();
      if (taken === null) busy = false;
      else whenThere(audience.resultOf(taken), write, end);
    }

    function write(result: ExecutionResult): void {
      to(textOf(finished(result)), (error) => {
        if (error) return end(error);
        busy = false;
        go();
      });
    }

    function end(error?: unknown): void {
      audience.leave();
      void stream.return?.();
      onEnd(error);
    }

    stream.onWake(go);
    go();
  }

  return {
    async next() {
      const { value, done } = await stream.next().catch(leaveAndThrow);
      if (!done) return { done: false, value: finished(await audience.resultOf(value)) };
      audience.leave();
      return { done: true, value: undefined };
    },
    deliver: (to) => new Promise((resolve, reject) => send(to, (error) => (error ? reject(error) : resolve()))),
    // Not an async generator: its return would wait behind a next that may wait for ever.
    async return() {
      audience.leave();
      await stream.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };

  function leaveAndThrow(error: unknown): IteratorResult<Delivery<unknown>> {
    audience.leave();
    throw error;
  }
}

function whenThere<Value>(value: Value | Promise<Value>, then: (value: Value) => void, otherwise: (error: unknown) => void): void {
  if (value instanceof Promise) value.then(then).catch(otherwise);
  else then(value);
}

const texts = new WeakMap<ExecutionResult, string>();

/** Those who share a result share its text. */
function textOf(result: ExecutionResult): string {
  const known = texts.get(result);
  if (known !== undefined) return known;
  const text = JSON.stringify(result);
  texts.set(result, text);
  return text;
}
