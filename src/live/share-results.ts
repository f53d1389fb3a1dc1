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
    const { viewer, request }: Context = args.contextValue as Context;
    const { requestId } = request;
    const results = new LiveResults({
      // Each subscription field gives what the hub opened.
      stream: source as unknown as Stream<unknown>,
      audience: audiences.join(audienceKey(args, viewer), () => toMaker(args)),
      finish: (result) => nameErrors(result, requestId),
      lineUp,
    });
    made.set(args, results);
    return results;
  }

  return { onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe) };
}

const made = new WeakMap<ExecutionArgs, LiveResults>();

/** The live results of a subscription that was executed with these arguments: on its way out Yoga wraps them in an iterator of its own. */
export const liveResultsOf = (args: ExecutionArgs): LiveResults | undefined => made.get(args);

/** The context outlives the subscriber that it was made for, and must not keep its connection. */
function toMaker(args: ExecutionArgs): MakeResult {
  const contextValue = { ...(args.contextValue as Context), carrier: null };
  return (delivery) => execute({ ...args, contextValue, rootValue: delivery });
}
