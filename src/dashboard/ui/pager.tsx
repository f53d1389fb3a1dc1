import { useEffect, useState } from 'preact/hooks';
import type { Connection } from '../graph/document.ts';

/** Which page of a list is shown. */
export interface Pages {
  /** The cursor behind which it begins; null: it is the first. */
  readonly after: string | null;
  /** From 1. */
  readonly number: number;
  readonly next: (endCursor: string) => void;
  readonly back: () => void;
}

/** Begins anew when `key` is another one: the pages of one choice say nothing of another. */
export function usePages(key = ''): Pages {
  const [turned, setTurned] = useState<{ readonly key: string; readonly cursors: readonly string[] }>({ key, cursors: [] });
  const cursors = turned.key === key ? turned.cursors : [];
  return {
    after: cursors.at(-1) ?? null,
    number: cursors.length + 1,
    next: (endCursor) => setTurned({ key, cursors: [...cursors, endCursor] }),
    back: () => setTurned({ key, cursors: cursors.slice(0, -1) }),
  };
}

interface PagerProps {
  /** What is paged, for those who do not see where the buttons stand. */
  readonly label: string;
  readonly pages: Pages;
  readonly list: Connection<unknown> | undefined;
}

/** Stands under a list that does not fit on one page; under others nothing does. */
export function Pager({ label, pages, list }: PagerProps) {
  const isBehindTheLast = list?.nodes.length === 0 && pages.number > 1;
  useEffect(() => {
    // What stood here is gone, as when all of it was linked.
    if (isBehindTheLast) pages.back();
  }, [isBehindTheLast]);
  const end = list?.pageInfo.hasNextPage ? list.pageInfo.endCursor : null;
  // The page before is shown until this one is there: its end is where this one begins.
  const endCursor = end === pages.after ? null : end;
  if (pages.number === 1 && endCursor === null) return null;
  return (
    <nav class="pager" aria-label={`Pages of ${label}`}>
      <button type="button" class="button small" disabled={pages.number === 1} onClick={pages.back}>
        Previous
      </button>
      <span class="muted" role="status">
        Page {pages.number}
      </span>
      <button type="button" class="button small" disabled={endCursor === null} onClick={() => endCursor !== null && pages.next(endCursor)}>
        Next
      </button>
    </nav>
  );
}
