import type { Claim, Claimed } from './claim.ts';
import { leaseMs } from './claim.ts';

/** One endpoint's deliveries in this process. Endpoints share nothing here, so one that hangs keeps no other waiting. */
export interface Lane {
  /** There may be something due. */
  readonly wake: () => void;
  readonly isIdle: () => boolean;
}

export interface LaneOptions {
  readonly claim: (limit: number) => Promise<Claim | null>;
  /** Resolves when the try is over and its result handed on. Never rejects. */
  readonly attempt: (claim: Claim, delivery: Claimed) => Promise<void>;
  readonly giveBack: (deliveries: readonly Claimed[]) => Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly onIdle: () => void;
}

/** Calls of one endpoint at the same time. One that fails is asked gently. */
const concurrency = 32;
const concurrencyWhenFailing = 4;
const mostAtOnce = 500;
/** A batch that is done sooner than this may be followed by a larger one. */
const quickMs = 500;
/** A delivery that waited longer than this for its turn might outlive its lease while it is tried: a try takes up to 15 s. */
const waitAtMostMs = leaseMs - 16_000;

interface Waiting {
  readonly claim: Claim;
  readonly delivery: Claimed;
}

export function createLane({ claim, attempt, giveBack, onError, onIdle }: LaneOptions): Lane {
  let queue: Waiting[] = [];
  let active = 0;
  let claiming = false;
  let mayHaveMore = false;
  let limit = concurrency;
  let batch = concurrency;
  let lastClaimAtMs = 0;

  const isIdle = (): boolean => queue.length === 0 && active === 0 && !claiming && !mayHaveMore;

  function pump(): void {
    returnWhatWaitedTooLong();
    while (active < limit && queue.length > 0) {
      const next = queue.shift();
      if (next) start(next);
    }
    if (mayHaveMore && !claiming && queue.length <= batch / 4 && active < limit) void fetch();
    if (isIdle()) onIdle();
  }

  function start({ claim: from, delivery }: Waiting): void {
    active += 1;
    void attempt(from, delivery).finally(() => {
      active -= 1;
      pump();
    });
  }

  async function fetch(): Promise<void> {
    claiming = true;
    mayHaveMore = false;
    const now = performance.now();
    // An endpoint that works its deliveries off quickly gets more of them at once, up to what it can do before their lease ends.
    batch = now - lastClaimAtMs < quickMs ? Math.min(mostAtOnce, batch * 2) : limit;
    lastClaimAtMs = now;
    const wanted = Math.max(1, batch - queue.length);
    try {
      const claimed = await claim(wanted);
      if (claimed) {
        limit = claimed.webhook.failures > 0 ? concurrencyWhenFailing : concurrency;
        queue.push(...claimed.deliveries.map((delivery) => ({ claim: claimed, delivery })));
        if (claimed.deliveries.length === wanted) mayHaveMore = true;
      }
    } catch (error) {
      onError(error);
    } finally {
      claiming = false;
    }
    pump();
  }

  function returnWhatWaitedTooLong(): void {
    const [oldest] = queue;
    const now = performance.now();
    if (!oldest || now - oldest.delivery.claimedAtMs <= waitAtMostMs) return;
    const late = queue.filter(({ delivery }) => now - delivery.claimedAtMs > waitAtMostMs);
    queue = queue.filter(({ delivery }) => now - delivery.claimedAtMs <= waitAtMostMs);
    void giveBack(late.map(({ delivery }) => delivery)).catch(onError);
  }

  return {
    wake() {
      mayHaveMore = true;
      pump();
    },
    isIdle,
  };
}
