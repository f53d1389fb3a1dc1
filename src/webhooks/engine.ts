import { setMaxListeners } from 'node:events';
import type { Pipeline } from '../pipeline/stage.ts';
import type { LogFollower, WatchedLog } from '../changes/follow-log.ts';
import { type Database, isDatabaseAway } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import type { OutboundHttp } from '../platform/outbound-http.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { type Claim, claimDue, findDuties, giveBack, leaseMs } from './claim.ts';
import { hasten } from './hasten.ts';
import { createLane, type Lane } from './lane.ts';
import { materialise } from './materialise.ts';
import { settle } from './settle.ts';
import { openTarget, type Result, type Target, type Tried, tryDelivery } from './try-delivery.ts';
import { reasonOf } from '../platform/error-reason.ts';

/** Turns the change logs into deliveries and delivers them. Any number of processes may run one over the same database. */
export interface WebhookEngine {
  readonly start: () => void;
  /** There may be something to do. */
  readonly wake: () => void;
  /** Does everything that is due now and resolves when it is settled. */
  readonly runDue: () => Promise<void>;
  /** Finishes the tries under way. What was claimed and not begun is handed back. */
  readonly close: () => Promise<void>;
}

export interface EngineOptions {
  readonly database: Pick<Database, 'writePool'>;
  readonly follower: LogFollower;
  readonly pipeline: Pipeline;
  readonly secrets: SecretBox;
  readonly http: OutboundHttp;
  readonly log: Log;
  readonly observe?: (webhookId: string, tried: Tried) => void;
  /** Null: the database's clock, which is one for all processes. */
  readonly now?: (() => Date) | null;
}

const lookEveryMs = 1000;
const settleAtOnce = 400;
const retrySettlingMs = 300;
/** How long a stopping process waits for answers that it asked for. */
const patienceMs = 4000;

export function createWebhookEngine(options: EngineOptions): WebhookEngine {
  const { database, follower, pipeline, secrets, http, log, observe } = options;
  const pool = database.writePool;
  const now = (): Date | null => options.now?.() ?? null;
  const clock = (): Date => options.now?.() ?? new Date();
  const lanes = new Map<string, Lane>();
  const logs = new Map<string, Promise<WatchedLog>>();
  const reading = new Map<string, { again: boolean; readonly done: Promise<void> }>();
  const waitingForIdle: (() => void)[] = [];
  const results: Result[] = [];
  const errands = new Set<Promise<void>>();
  let settling: Promise<void> | null = null;
  let looking: Promise<void> | null = null;
  let lookAgain = false;
  let timer: NodeJS.Timeout | undefined;
  const closing = new AbortController();
  const over = new AbortController();
  // Every call under way listens for it.
  setMaxListeners(0, over.signal);

  const onError = (error: unknown): void => {
    const reason = reasonOf(error);
    if (isDatabaseAway(error)) log.warn({ reason }, 'webhooks wait for the database');
    else log.error({ reason }, 'webhook engine failed');
  };

  // Reading the log

  /** Reads the account's log to its end. Whoever asks while that is under way makes it go on. */
  function read(accountId: string): Promise<void> {
    const known = reading.get(accountId);
    if (known) {
      known.again = true;
      return known.done;
    }
    const state = { again: true, done: Promise.resolve() };
    reading.set(accountId, state);
    state.done = readOn(accountId, state)
      .catch(onError)
      .finally(() => {
        reading.delete(accountId);
        checkIdle();
      });
    return state.done;
  }

  async function readOn(accountId: string, state: { again: boolean }): Promise<void> {
    while (state.again && !closing.signal.aborted) {
      state.again = false;
      const { webhookIds, hasMore } = await materialise(pool, pipeline, accountId, now());
      for (const webhookId of webhookIds) laneOf(webhookId).wake();
      if (hasMore) state.again = true;
    }
  }

  // Delivering

  function laneOf(webhookId: string): Lane {
    const known = lanes.get(webhookId);
    if (known) return known;
    const targets = new WeakMap<Claim, Target | null>();
    const lane = createLane({
      claim: async (limit) => (closing.signal.aborted ? null : claimDue(pool, webhookId, limit, now())),
      async attempt(claim, delivery) {
        if (closing.signal.aborted) return giveBack(pool, [delivery], now()).catch(onError);
        let target = targets.get(claim);
        if (target === undefined) targets.set(claim, (target = open(claim)));
        const tried = target ? await tryDelivery(http, target, delivery, clock(), over.signal) : unreadable(claim, clock());
        // Not the endpoint's fault: whoever comes next tries again.
        if (over.signal.aborted) return giveBack(pool, [delivery], now()).catch(onError);
        observe?.(webhookId, tried);
        results.push({ delivery, tried });
        void settleAll();
      },
      giveBack: (deliveries) => giveBack(pool, deliveries, now()),
      onError,
      onIdle() {
        lanes.delete(webhookId);
        checkIdle();
      },
    });
    lanes.set(webhookId, lane);
    return lane;
  }

  function open(claim: Claim): Target | null {
    try {
      return openTarget(claim.webhook, secrets, clock());
    } catch {
      log.error(
        { webhookId: claim.webhook.id },
        'the secrets of a webhook cannot be read: SECRETS_KEY is not the one they were stored with',
      );
      return null;
    }
  }

  /** Results that come in while others are stored form the next batch. */
  function settleAll(): Promise<void> {
    settling ??= storeResults().finally(() => {
      settling = null;
      checkIdle();
    });
    return settling;
  }

  async function storeResults(): Promise<void> {
    while (results.length > 0) {
      const some = results.splice(0, settleAtOnce);
      try {
        const { released, recovered } = await settle(pool, some, now(), log);
        for (const webhookId of released) laneOf(webhookId).wake();
        for (const webhookId of recovered) keepBusy(hasten(pool, webhookId, now()));
      } catch (error) {
        onError(error);
        // Their leases decide how long it makes sense to keep them; after that somebody else has tried again.
        const current = performance.now() - leaseMs;
        results.unshift(...some.filter(({ delivery }) => delivery.claimedAtMs > current));
        await new Promise((resolve) => setTimeout(resolve, retrySettlingMs));
      }
    }
  }

  /** Nobody waits for it but whoever wants everything to be done. */
  function keepBusy(work: Promise<void>): void {
    const done = work.catch(onError).finally(() => {
      errands.delete(done);
      checkIdle();
    });
    errands.add(done);
  }

  // Looking for duties: what another process left, what was waiting for its time, new webhooks

  function look(): Promise<void> {
    lookAgain = true;
    looking ??= lookAround()
      .catch(onError)
      .finally(() => {
        looking = null;
        checkIdle();
      });
    return looking;
  }

  async function lookAround(): Promise<void> {
    while (lookAgain && !closing.signal.aborted) {
      lookAgain = false;
      const duties = await findDuties(pool, now());
      watchLogs(new Set(duties.map(({ accountId }) => accountId)));
      for (const accountId of new Set(duties.filter(({ isBehind }) => isBehind).map((duty) => duty.accountId))) void read(accountId);
      for (const { id, isDue } of duties) if (isDue) laneOf(id).wake();
    }
  }

  function watchLogs(accountIds: ReadonlySet<string>): void {
    for (const accountId of accountIds) {
      if (logs.has(accountId)) continue;
      const watched = follower.watch(accountId, () => void read(accountId));
      logs.set(accountId, watched);
      watched.catch(() => logs.delete(accountId));
    }
    for (const [accountId, watched] of logs) {
      if (accountIds.has(accountId)) continue;
      logs.delete(accountId);
      void watched.then((followed) => followed.release()).catch(() => undefined);
    }
  }

  const isIdle = (): boolean =>
    lanes.size === 0 && reading.size === 0 && results.length === 0 && !settling && !looking && errands.size === 0;

  function checkIdle(): void {
    if (isIdle()) for (const resolve of waitingForIdle.splice(0)) resolve();
  }

  const idle = (): Promise<void> => (isIdle() ? Promise.resolve() : new Promise((resolve) => waitingForIdle.push(resolve)));

  return {
    start() {
      timer = setInterval(() => void look(), lookEveryMs);
      timer.unref();
      void look();
    },
    wake: () => void look(),
    async runDue() {
      await look();
      await idle();
      // What was made due by the last results, and by the log that grew meanwhile.
      while ((await findDuties(pool, now())).some(({ isBehind, isDue }) => isBehind || isDue)) {
        await look();
        await idle();
      }
    },
    async close() {
      closing.abort();
      clearInterval(timer);
      const impatience = setTimeout(() => over.abort(), patienceMs);
      await idle();
      clearTimeout(impatience);
      for (const watched of logs.values()) await watched.then((followed) => followed.release()).catch(() => undefined);
    },
  };
}

const unreadable = ({ webhook }: Claim, at: Date): Tried => ({
  at,
  url: webhook.url,
  statusCode: null,
  durationMs: 0,
  error: 'secret_unreadable',
  responseBody: null,
  retryAfterMs: null,
});
