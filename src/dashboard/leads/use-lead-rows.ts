import { useEffect, useMemo, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { type LeadFilter, type LeadOrder, type LeadRow, leadRows } from '../documents/leads.ts';
import type { LiveChange } from '../documents/live.ts';
import type { Feed } from '../graph/feed.ts';
import { type GraphError, request } from '../graph/request.ts';
import { toGraphError } from '../graph/use-query.ts';
import { isReturn } from '../router.tsx';
import { createRows } from './lead-rows.ts';

export interface LeadRows {
  readonly rows: readonly LeadRow[];
  readonly loading: boolean;
  /** There is nothing behind the last row. */
  readonly complete: boolean;
  readonly error: GraphError | null;
  readonly loadMore: () => void;
  /** How far it was scrolled when it was left. */
  readonly place: { scrollTop: number };
}

interface Snapshot extends Omit<LeadRows, 'loadMore' | 'place'> {}

interface LeadList extends Pick<LeadRows, 'loadMore' | 'place'> {
  readonly snapshot: () => Snapshot;
  /** Null: nobody looks any more. */
  readonly watch: (show: ((snapshot: Snapshot) => void) | null) => void;
  readonly stop: () => void;
}

const usualPageSize = 100;
const refreshEveryMs = 1000;
const retryMs = 2000;

/** A list of leads that grows page by page as it is scrolled, and follows the log in between. */
export function useLeadRows(filter: LeadFilter, orderBy: LeadOrder, pageSize = usualPageSize): LeadRows {
  const { feed } = useApp();
  const key = JSON.stringify(filter);
  const list = useMemo(() => createLeadList(feed, JSON.parse(key) as LeadFilter, orderBy, pageSize), [feed, key, orderBy, pageSize]);
  useEffect(() => list.stop, [list]);
  return useList(list);
}

interface LeftList {
  readonly feed: Feed;
  readonly key: string;
  readonly list: LeadList;
}

/** The list that was left last goes on following the log, so that the way back from a lead ends where it began. */
let left: LeftList | null = null;

/** The same for the one list of a page, which is found again as it was left. */
export function useKeptLeadRows(filter: LeadFilter, orderBy: LeadOrder): LeadRows {
  const { feed } = useApp();
  const key = JSON.stringify([filter, orderBy]);
  const list = useMemo(() => {
    if (!isReturn() || left?.feed !== feed || left.key !== key) return createLeadList(feed, filter, orderBy, usualPageSize);
    const { list: found } = left;
    left = null;
    return found;
  }, [feed, key]);
  useEffect(
    () => () => {
      left?.list.stop();
      left = { feed, key, list };
    },
    [list],
  );
  return useList(list);
}

function useList(list: LeadList): LeadRows {
  const [shown, setShown] = useState({ list, snapshot: list.snapshot() });
  useEffect(() => {
    setShown({ list, snapshot: list.snapshot() });
    list.watch((snapshot) => setShown({ list, snapshot }));
    return () => list.watch(null);
  }, [list]);
  const { loadMore, place } = list;
  return { ...(shown.list === list ? shown.snapshot : list.snapshot()), loadMore, place };
}

function createLeadList(feed: Feed, filter: LeadFilter, orderBy: LeadOrder, pageSize: number): LeadList {
  const aborted = new AbortController();
  const rows = createRows(filter, orderBy);
  let cursor: string | null = null;
  let complete = false;
  let loading = false;
  let refreshTimer: ReturnType<typeof setTimeout> | undefined;
  /** Changes that arrive while a page is under way may be newer than it. */
  let meanwhile: LiveChange[] = [];
  let latest: Snapshot = { rows: [], loading: true, complete, error: null };
  let show: ((snapshot: Snapshot) => void) | null = null;

  const publish = (error: GraphError | null = null): void => {
    latest = { rows: rows.all(), loading, complete, error };
    show?.(latest);
  };

  async function load(after: string | null, take: (page: readonly LeadRow[]) => void, isHead: boolean): Promise<void> {
    if (loading) return;
    loading = true;
    meanwhile = [];
    try {
      const { leads } = await request(leadRows, { first: pageSize, after, filter, orderBy }, aborted.signal);
      take(leads.nodes);
      if (!isHead || cursor === null) {
        cursor = leads.pageInfo.endCursor;
        complete = !leads.pageInfo.hasNextPage;
      }
      loading = false;
      follow(meanwhile);
      publish();
    } catch (error) {
      loading = false;
      if (aborted.signal.aborted) return;
      const problem = toGraphError(error);
      publish(problem);
      if (problem.isPassing) refreshSoon(retryMs);
    }
  }

  const loadMore = () => (complete || cursor === null ? Promise.resolve() : load(cursor, rows.append, false));

  /** Reads the first page again and puts what is new in front. */
  const loadHead = () => load(null, rows.replaceHead, true);

  function refreshSoon(waitMs = refreshEveryMs): void {
    refreshTimer ??= setTimeout(() => {
      refreshTimer = undefined;
      if (loading) refreshSoon();
      else void loadHead();
    }, waitMs);
  }

  function follow(changes: readonly LiveChange[]): void {
    if (!rows.follow(changes, complete)) refreshSoon();
  }

  void load(null, rows.append, false);
  const stopChanges = feed.onChanges((changes) => {
    if (loading) meanwhile.push(...changes);
    const before = rows.all();
    follow(changes);
    if (rows.all() !== before) publish();
  });
  const stopRefresh = feed.onRefresh(() => refreshSoon(0));

  return {
    loadMore: () => void loadMore(),
    place: { scrollTop: 0 },
    snapshot: () => latest,
    watch(listener) {
      show = listener;
    },
    stop() {
      stopChanges();
      stopRefresh();
      clearTimeout(refreshTimer);
      aborted.abort();
    },
  };
}
