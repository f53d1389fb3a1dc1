import type { Change } from '../../prisma/generated/client/client.ts';

/** Neighbouring changes of one log in memory. Pages begin at fixed places, so readers at the same place share them. */
export interface LogPage {
  /** Everything from the page's beginning to here was read from the log. */
  readonly loadedTo: number;
  /** Null where the log has no such change any more. */
  readonly changeAt: (seq: number) => Change | null;
  readonly covers: (seq: number) => boolean;
}

export interface LogWindow {
  /** The page with this seq, read up to `head` where it was not yet. Those who ask at the same moment share one statement. */
  readonly pageWith: (seq: number, head: number) => LogPage | Promise<LogPage>;
  /** Entries that were read may have changed: nothing that was read so far is shown again, by those who hold a page neither. */
  readonly forget: () => void;
}

export interface LogWindowOptions {
  readonly read: (range: { readonly after: number; readonly upTo: number }) => Promise<readonly Change[]>;
  readonly pageSize?: number;
  readonly maxPages?: number;
}

interface Page extends LogPage {
  loadedTo: number;
  readonly last: number;
  readonly slots: (Change | undefined)[];
  loading: Promise<LogPage> | null;
}

/** The most recently used pages of one account's log. Holds at most `pageSize * maxPages` changes, however many read it and however slowly. */
export function createLogWindow({ read, pageSize = 128, maxPages = 32 }: LogWindowOptions): LogWindow {
  // In order of use, the least recent first.
  const pages = new Map<number, Page>();
  // What was read before this began is out of date, also for those who still hold a page.
  let era = {};

  function find(index: number): Page {
    const page = pages.get(index) ?? createPage(index * pageSize + 1);
    pages.delete(index);
    pages.set(index, page);
    const [oldest] = pages.keys();
    if (pages.size > maxPages && oldest !== undefined) pages.delete(oldest);
    return page;
  }

  async function load(page: Page, head: number): Promise<LogPage> {
    const upTo = Math.min(head, page.last);
    const begun = era;
    try {
      const changes = await read({ after: page.loadedTo, upTo });
      if (begun !== era) return page;
      for (const change of changes) page.slots[(Number(change.seq) - 1) % pageSize] = change;
      page.loadedTo = upTo;
      return page;
    } finally {
      page.loading = null;
    }
  }

  function createPage(first: number): Page {
    const begun = era;
    const page: Page = {
      loadedTo: first - 1,
      last: first + pageSize - 1,
      slots: [],
      loading: null,
      changeAt: (seq) => page.slots[seq - first] ?? null,
      covers: (seq) => begun === era && seq >= first && seq <= page.loadedTo,
    };
    return page;
  }

  return {
    pageWith(seq, head) {
      const page = find(Math.floor((seq - 1) / pageSize));
      if (page.covers(seq)) return page;
      const begun = era;
      const isFirst = page.loading === null;
      page.loading ??= load(page, head);
      // What was under way already was asked for with an older head and may end before this seq.
      return page.loading.then(() => (begun === era && (isFirst || page.covers(seq)) ? page : this.pageWith(seq, head)));
    },
    forget() {
      era = {};
      pages.clear();
    },
  };
}
