import type { ExecutionResult } from 'graphql';
import type { Delivery, Readiness } from './stream.ts';

export type Result = ExecutionResult | Promise<ExecutionResult>;

/** Makes the result that tells of a delivery. */
export type MakeResult = (delivery: Delivery<unknown>) => Result;

/** Subscribers who are told the same. What one of them was told a moment ago need not be made again for the next. */
export interface Audience extends Readiness {
  /** A result for what has this delivery's name: one that is fresh, or a new one. */
  readonly resultOf: MakeResult;
  readonly leave: () => void;
}

export interface Audiences {
  /** The first one to join says how results are made, for all who join while anyone is there. */
  readonly join: (key: string, make: () => MakeResult) => Audience;
}

interface Members {
  readonly key: string;
  size: number;
  readonly make: MakeResult;
  /** The oldest first. */
  readonly results: Map<string | object, { readonly madeAt: number; result: Result }>;
}

/** Results show things as they were when they were made, so who comes later than this, like one that catches up, gets one of its own. */
const freshMs = 1000;
/** Far more than wait for the slowest of those who keep up. */
const mostResults = 128;

export function createAudiences(now: () => number = () => performance.now()): Audiences {
  const audiences = new Map<string, Members>();
  const withResults = new Set<Members>();
  let sweeping = false;

  function sweepLater(): void {
    if (sweeping) return;
    sweeping = true;
    setTimeout(() => {
      sweeping = false;
      for (const members of withResults) forgetStale(members);
      if (withResults.size > 0) sweepLater();
    }, freshMs).unref();
  }

  function forgetStale(members: Members): void {
    for (const [name, { madeAt }] of members.results) {
      if (now() - madeAt < freshMs && members.results.size <= mostResults) break;
      members.results.delete(name);
    }
    if (members.results.size === 0) withResults.delete(members);
  }

  function freshResultOf({ results }: Members, name: string | object): Result | undefined {
    const known = results.get(name);
    return known && now() - known.madeAt < freshMs ? known.result : undefined;
  }

  function resultOf(members: Members, delivery: Delivery<unknown>): Result {
    // Why a stream ends is told to its subscriber alone.
    if (members.size === 1 || 'ended' in delivery) return members.make(delivery);
    const { name } = delivery;
    const known = freshResultOf(members, name);
    if (known) return known;
    const entry = { madeAt: now(), result: members.make(delivery) };
    members.results.delete(name);
    members.results.set(name, entry);
    withResults.add(members);
    forgetStale(members);
    sweepLater();
    if (entry.result instanceof Promise) {
      entry.result.then(
        (result) => (entry.result = result),
        // Not kept: the next one tries for itself.
        () => members.results.get(name) === entry && members.results.delete(name),
      );
    }
    return entry.result;
  }

  function isReady(members: Members, name: string | object): boolean {
    // For one alone it is made when it is asked for.
    if (members.size === 1) return true;
    const known = freshResultOf(members, name);
    return known !== undefined && !(known instanceof Promise);
  }

  function leave(members: Members): void {
    members.size -= 1;
    if (members.size === 0 && audiences.get(members.key) === members) audiences.delete(members.key);
  }

  /** A class, because there is one for each of thousands of subscribers. */
  class Membership implements Audience {
    readonly #members: Members;
    #left = false;

    constructor(members: Members) {
      this.#members = members;
      members.size += 1;
    }

    resultOf(delivery: Delivery<unknown>): Result {
      return resultOf(this.#members, delivery);
    }

    isReady(name: string | object): boolean {
      return isReady(this.#members, name);
    }

    leave(): void {
      if (!this.#left) leave(this.#members);
      this.#left = true;
    }
  }

  return {
    join(key, make) {
      const members = audiences.get(key) ?? { key, size: 0, make: make(), results: new Map() };
      audiences.set(members.key, members);
      return new Membership(members);
    },
  };
}
