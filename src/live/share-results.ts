import { createSourceEventStream, execute, type ExecutionArgs, type ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { createAudiences, type MakeResult } from './audience.ts';
import { audienceKey } from './audience-key.ts';
import { LiveResults } from './live-results.ts';
import type { Stream } from './stream.ts';
import { createTurns } from './turns.ts';

/**
 * Executes a subscription once for all who are told the same, instead of once for each. Every subscriber keeps a stream of its own, with its own
 * pace and its own permission check; only the results are shared. `nameErrors` finishes a result for the request of one subscriber.
 */
export function shareResults(nameErrors: (result: ExecutionResult, requestId: string) => ExecutionResult): Plugin<Context> {
  const audiences = createAudiences();
  const lineUp = createTurns();

  async function subscribe(args: ExecutionArgs): Promise<LiveResults | ExecutionResult> {
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return source;
    const { viewer, request, notes }: Context = args.contextValue as Context;
    const { requestId } = request;
    const results = new LiveResults({
      // Each subscription field gives what the hub opened.
      stream: source as unknown as Stream<unknown>,
      audience: audiences.join(audienceKey(args, viewer), () => toMaker(args)),
      finish: (result) => nameErrors(result, requestId),
      lineUp,
    });
    // On their way out Yoga wraps them in an iterator of its own.
    notes.live = results;
    return results;
  }

  return { onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe) };
}

/** The context outlives the subscriber that it was made for, and must not keep its connection or its results. */
function toMaker(args: ExecutionArgs): MakeResult {
  const contextValue = { ...(args.contextValue as Context), carrier: null, notes: { replayed: false } };
  return (delivery) => execute({ ...args, contextValue, rootValue: delivery });
}
