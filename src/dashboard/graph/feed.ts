import { type Client, createClient } from 'graphql-ws';
import { leadChanges, type LiveChange, type LiveMessage } from '../documents/live.ts';
import { createStore, type Store } from '../store.ts';
import type { GraphDocument } from './document.ts';

export interface FeedStatus {
  readonly state: 'connecting' | 'catching up' | 'live' | 'offline';
  /** Between the writing of the last change and its arrival here; null before the first one. */
  readonly lagMs: number | null;
  readonly seq: number | null;
}

/** Everything that happens, in order, without a hole: one subscription for all pages. */
export interface Feed {
  readonly status: Store<FeedStatus>;
  /** Changes are handed over in batches: the first at once, then at a pace that leaves time to draw, however many come. */
  readonly onChanges: (listener: (changes: readonly LiveChange[]) => void) => () => void;
  /** What was read before may be out of date, and no change will say so: the stream began, or has a gap. */
  readonly onRefresh: (listener: () => void) => () => void;
  /** Another subscription over the same connection; it is begun again after a break. */
  readonly follow: <Data, Variables extends Record<string, unknown>>(
    document: GraphDocument<Data, Variables>,
    variables: Variables,
    listener: (data: Data) => void,
  ) => () => void;
  readonly close: () => void;
}

const shortestWaitMs = 300;
const longestWaitMs = 5000;
const pingEveryMs = 10_000;
const pongWithinMs = 4000;
/** A resumed stream that says nothing for so long has no more to catch up with. */
const quietMs = 300;
/** Faster than the eye needs, slow enough for a table to be drawn in between. */
const handEveryMs = 60;
/** Lag that people need not be told of. */
const freshMs = 2000;

export function openFeed(credentials: () => Record<string, string>): Feed {
  const status = createStore<FeedStatus>({ state: 'connecting', lagMs: null, seq: null });
  const changeListeners = new Set<(changes: readonly LiveChange[]) => void>();
  const refreshListeners = new Set<() => void>();
  let cursor: string | null = null;
  let waiting: LiveChange[] = [];
  let lagMs = 0;
  let handTimer: ReturnType<typeof setTimeout> | undefined;
  let handedMs = Number.NEGATIVE_INFINITY;
  let quiet: ReturnType<typeof setTimeout> | undefined;
  /** What begins again when its time has come, or the network is back. */
  const sleeping = new Set<() => void>();
  const closed = new AbortController();

  /** Whether there is a connection, and whether the changes are asked for: each may be without the other. */
  let isConnected = false;
  let isAsking = false;
  const client = connect(credentials, (connected) => {
    isConnected = connected;
    resume();
  });
  const say = (state: FeedStatus['state'], seen?: Pick<FeedStatus, 'lagMs' | 'seq'>) => status.set({ ...status.get(), state, ...seen });

  function resume(): void {
    if (!isConnected || !isAsking) return;
    clearTimeout(quiet);
    say('catching up');
    // Nothing may have happened meanwhile, and then no message comes. A stream that begins anew is always answered.
    if (cursor !== null) quiet = setTimeout(() => say('live'), quietMs);
  }

  function receive({ cursor: next, change, gap }: LiveMessage): void {
    if (cursor === null || gap) refresh();
    cursor = next;
    clearTimeout(quiet);
    if (!change) return say('live');
    lagMs = Math.max(0, Date.now() - Date.parse(change.recordedAt));
    if (lagMs >= freshMs) quiet = setTimeout(() => say('live'), quietMs);
    waiting.push(change);
    handTimer ??= setTimeout(hand, Math.max(0, handedMs + handEveryMs - performance.now()));
  }

  function hand(): void {
    handTimer = undefined;
    handedMs = performance.now();
    const changes = waiting;
    waiting = [];
    const seq = changes.at(-1)?.seq ?? null;
    const { state } = status.get();
    say(state === 'offline' ? state : lagMs < freshMs ? 'live' : 'catching up', { lagMs, seq });
    for (const listener of changeListeners) listener(changes);
  }

  const refresh = (): void => {
    for (const listener of refreshListeners) listener();
  };

  function follow<Data, Variables extends Record<string, unknown>>(
    document: GraphDocument<Data, Variables>,
    variables: () => Variables,
    listener: (data: Data) => void,
    signal: AbortSignal,
    { onBegin, onBreak }: { readonly onBegin?: () => void; readonly onBreak?: (cause: unknown) => void } = {},
  ): void {
    let failures = 0;
    const begin = (): void => {
      if (signal.aborted) return;
      let lastErrors: unknown = null;
      const attempt = new AbortController();
      const again = (cause: unknown): void => {
        attempt.abort();
        if (signal.aborted) return;
        onBreak?.(cause);
        const waitMs = Math.min(longestWaitMs, shortestWaitMs * 2 ** failures++) * (0.75 + Math.random() / 2);
        const beginNow = (): void => {
          sleeping.delete(beginNow);
          clearTimeout(timer);
          begin();
        };
        const timer = setTimeout(beginNow, waitMs);
        sleeping.add(beginNow);
      };
      const stop = client.subscribe<Data>(
        { query: document.text, variables: variables() },
        {
          next: ({ data, errors }) => {
            if (errors?.length) {
              lastErrors = errors;
              return;
            }
            failures = 0;
            if (data) listener(data);
          },
          error: again,
          complete: () => again(lastErrors),
        },
      );
      signal.addEventListener('abort', stop, { once: true, signal: attempt.signal });
      onBegin?.();
    };
    begin();
  }

  const wake = (): void => {
    for (const begin of sleeping) begin();
  };
  addEventListener('online', wake, { signal: closed.signal });

  follow(
    leadChanges,
    () => ({ after: cursor }),
    ({ leadChanges: message }) => receive(message),
    closed.signal,
    {
      onBegin() {
        isAsking = true;
        resume();
      },
      onBreak(cause) {
        isAsking = false;
        clearTimeout(quiet);
        // The log is another one than before, as after a restored backup: begin anew.
        if (codeOf(cause) === 'CURSOR_INVALID') cursor = null;
        say('offline');
      },
    },
  );

  return {
    status,
    onChanges: listen(changeListeners),
    onRefresh: listen(refreshListeners),
    follow(document, variables, listener) {
      const stopped = new AbortController();
      follow(document, () => variables, listener, AbortSignal.any([closed.signal, stopped.signal]));
      return () => stopped.abort();
    },
    close() {
      closed.abort();
      clearTimeout(quiet);
      clearTimeout(handTimer);
      void client.dispose();
    },
  };
}

const listen =
  <Listener>(listeners: Set<Listener>) =>
  (listener: Listener): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };

/** The code of the first error that ended a stream. */
function codeOf(cause: unknown): unknown {
  const [error] = Array.isArray(cause) ? (cause as readonly { readonly extensions?: { readonly code?: unknown } }[]) : [];
  return error?.extensions?.code;
}

/** A connection that notices within seconds when the other side is gone, though no packet says so. */
function connect(credentials: () => Record<string, string>, onConnected: (connected: boolean) => void): Client {
  let socket: WebSocket | undefined;
  let giveUp: ReturnType<typeof setTimeout> | undefined;
  return createClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
    connectionParams: credentials,
    // We begin again ourselves, with the latest cursor.
    retryAttempts: 0,
    lazyCloseTimeout: 1000,
    keepAlive: pingEveryMs,
    on: {
      connected: (opened) => {
        socket = opened as WebSocket;
        onConnected(true);
      },
      ping: (received) => {
        if (!received) giveUp = setTimeout(() => socket?.close(4408, 'Request Timeout'), pongWithinMs);
      },
      pong: (received) => {
        if (received) clearTimeout(giveUp);
      },
      closed: () => {
        clearTimeout(giveUp);
        onConnected(false);
      },
    },
  });
}
