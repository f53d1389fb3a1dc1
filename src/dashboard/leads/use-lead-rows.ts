import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { type LeadFilter, type LeadOrder, type LeadRow, leadRows } from '../documents/leads.ts';
import type { LiveChange } from '../documents/live.ts';
import type { Feed } from '../graph/feed.ts';
import { type GraphError, request } from '../graph/request.ts';
import { toGraphError } from '../graph/use-query.ts';
import { createRows } from './lead-rows.ts';

export interface LeadRows {
  readonly rows: readonly LeadRow[];
  readonly loading: boolean;
  /** There is nothing behind the last row. */
  readonly complete: boolean;
  readonly error: GraphError | null;
  readonly loadMore: () => void;
}

interface Snapshot extends Omit<LeadRows, 'loadMore'> {}

const usualPageSize = 100;
const refreshEveryMs = 1000;

/** A list of leads that grows page by page as it is scrolled, and follows the log in between. */
export function useLeadRows(filter: LeadFilter, orderBy: LeadOrder, pageSize = usualPageSize): LeadRows {
  const { feed } = useApp();
  const [snapshot, setSnapshot] = useState<Snapshot>({ rows: [], loading: true, complete: false, error: null });
  const key = JSON.stringify(filter);
  const list = useMemo(() => createLeadList(JSON.parse(key) as LeadFilter, orderBy, pageSize, setSnapshot), [key, orderBy, pageSize]);
  useEffect(() => list.start(feed), [list, feed]);
  const loadMore = useCallback(() => void list.loadMore(), [list]);
  return { ...snapshot, loadMore };
}

function createLeadList(filter: LeadFilter, orderBy: LeadOrder, pageSize: number, show: (snapshot: Snapshot) => void) {
  const aborted = new AbortController();
  const rows = createRows(filter, orderBy);
  let cursor: string | null = null;
  let complete = false;
  let loading = false;
  let refreshTimer: ReturnType<typeof setTimeout> | undefined;
  /** Changes that arrive while a page is under way may be newer than it. */
  let meanwhile: LiveChange[] = [];

  const publish = (error: GraphError | null = null) => show({ rows: rows.all(), loading, complete, error });

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
      if (!aborted.signal.aborted) publish(toGraphError(error));
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

  return {
    loadMore,
    start(feed: Feed) {
      publish();
      void load(null, rows.append, false);
      const stopChanges = feed.onChanges((changes) => {
        if (loading) meanwhile.push(...changes);
        const before = rows.all();
        follow(changes);
        if (rows.all() !== before) publish();
      });
      const stopRefresh = feed.onRefresh(() => refreshSoon(0));
      return () => {
        stopChanges();
        stopRefresh();
        clearTimeout(refreshTimer);
        aborted.abort();
      };
    },
  };
}
