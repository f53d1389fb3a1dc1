import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LiveChange } from '../documents/live.ts';
import { useApp } from '../app-context.ts';
import type { GraphDocument } from './document.ts';
import { GraphError, request } from './request.ts';

export interface QueryState<Data> {
  /** The latest answer; while variables change, the one before. */
  readonly data: Data | null;
  readonly error: GraphError | null;
  readonly loading: boolean;
  /** Asks again at once. */
  readonly refetch: () => void;
  /** Asks again at the pace of `everyMs`. */
  readonly refetchSoon: () => void;
}

export interface LiveOptions {
  /** Which changes make the answer out of date; left out: none. */
  readonly isAffected?: (change: LiveChange) => boolean;
  /** At most one request in so much time, however much happens. */
  readonly everyMs?: number;
}

const retryMs = 2000;

/**
 * Asks once, and again after changes that affect the answer: at once after the first, then at a pace that a busy system does not quicken.
 * A change that arrives during a request causes another one, because that request may have been too early to see it. A server that is away
 * is asked until it is back.
 */
export function useQuery<Data, Variables>(
  document: GraphDocument<Data, Variables>,
  variables: Variables,
  { isAffected, everyMs = 1000 }: LiveOptions = {},
): QueryState<Data> {
  const { feed } = useApp();
  const [state, setState] = useState<Omit<QueryState<Data>, 'refetch' | 'refetchSoon'>>({ data: null, error: null, loading: true });
  const key = JSON.stringify(variables);
  const affects = useRef(isAffected);
  affects.current = isAffected;

  const runner = useMemo(() => {
    const aborted = new AbortController();
    let running = false;
    let dirty = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lastMs = Number.NEGATIVE_INFINITY;
    async function run(): Promise<void> {
      timer = undefined;
      running = true;
      dirty = false;
      lastMs = performance.now();
      let retry = false;
      try {
        const data = await request(document, JSON.parse(key) as Variables, aborted.signal);
        setState({ data, error: null, loading: false });
      } catch (error) {
        if (aborted.signal.aborted) return;
        const problem = toGraphError(error);
        retry = problem.isPassing;
        setState((before) => ({ ...before, error: problem, loading: false }));
      }
      running = false;
      if (aborted.signal.aborted) return;
      if (retry) soon(retryMs);
      else if (dirty) soon();
    }
    function soon(waitMs = Math.max(0, lastMs + everyMs - performance.now())): void {
      if (running) {
        dirty = true;
        return;
      }
      // What is asked for at once does not wait for what was to be asked later.
      if (timer !== undefined && waitMs > 0) return;
      clearTimeout(timer);
      timer = setTimeout(() => void run(), waitMs);
    }
    return { run, soon, stop: () => (aborted.abort(), clearTimeout(timer)) };
  }, [document, key, everyMs]);

  useEffect(() => {
    setState((before) => ({ ...before, loading: true }));
    void runner.run();
    const stopChanges = feed.onChanges((changes) => {
      const { current } = affects;
      if (current && changes.some(current)) runner.soon();
    });
    const stopRefresh = feed.onRefresh(() => runner.soon(0));
    return () => {
      stopChanges();
      stopRefresh();
      runner.stop();
    };
  }, [runner, feed]);

  const refetch = useCallback(() => runner.soon(0), [runner]);
  const refetchSoon = useCallback(() => runner.soon(), [runner]);
  return { ...state, refetch, refetchSoon };
}

export const toGraphError = (error: unknown): GraphError =>
  error instanceof GraphError ? error : new GraphError('INTERNAL_SERVER_ERROR', error instanceof Error ? error.message : String(error));
