import { createSourceEventStream, execute, type ExecutionArgs, type ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { type Audience, createAudiences, type Result } from './audience.ts';
import { audienceKey } from './audience-key.ts';
import type { Delivery } from './stream.ts';

/**
 * Executes a subscription once for all who are told the same, instead of once for each. Every subscriber keeps a stream of its own, with its own
 * pace and its own permission check; only the results are shared.
 */
export function shareResults(): Plugin<Context> {
  const audiences = createAudiences();

  async function subscribe(args: ExecutionArgs): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return source;
    const { viewer }: Context = args.contextValue as Context;
    return shareWith(audiences.join(audienceKey(args, viewer)), source as AsyncIterable<Delivery<unknown>>, args);
  }

  return { onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe) };
}

function shareWith(
  audience: Audience,
  source: AsyncIterable<Delivery<unknown>>,
  args: ExecutionArgs,
): AsyncIterableIterator<ExecutionResult> {
  const deliveries = source[Symbol.asyncIterator]();
  const resultOf = (delivery: Delivery<unknown>): Result => {
    const make = (): Result => execute({ ...args, rootValue: delivery });
    return 'ended' in delivery ? make() : audience.resultOf(delivery.name, make);
  };
  return {
    async next() {
      try {
        const { value, done } = await deliveries.next();
        if (!done) return { done: false, value: await resultOf(value) };
      } catch (error) {
        audience.leave();
        throw error;
      }
      audience.leave();
      return { done: true, value: undefined };
    },
    // Not an async generator: its return would wait behind a next that may wait for ever.
    async return() {
      audience.leave();
      await deliveries.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
