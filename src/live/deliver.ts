import type { ExecutionResult } from 'graphql';

/** Sends the payload of one message; resolves when it has left, or never will. */
export type SendPayload = (payload: string) => Promise<void>;

/**
 * Sends every result as it comes. To graphql-ws it looks like a subscription that has nothing to say until it ends: graphql-ws would write each
 * result as JSON for each subscriber, where those who share a result can share its text.
 */
export function deliver(results: AsyncIterable<ExecutionResult>, send: SendPayload): AsyncIterableIterator<ExecutionResult> {
  const iterator = results[Symbol.asyncIterator]();
  return {
    async next() {
      for (;;) {
        const { value, done } = await iterator.next();
        if (done) return { done: true, value: undefined };
        await send(textOf(value));
      }
    },
    // Not an async generator: its return would wait behind a next that may wait for ever.
    async return() {
      await iterator.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const texts = new WeakMap<ExecutionResult, string>();

function textOf(result: ExecutionResult): string {
  const known = texts.get(result);
  if (known !== undefined) return known;
  const text = JSON.stringify(result);
  texts.set(result, text);
  return text;
}
