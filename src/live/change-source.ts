import type { Change } from '../../prisma/generated/client/client.ts';
import { type ChangeFilter, matchesFilter } from '../changes/change.ts';
import type { WatchedLog } from '../changes/follow-log.ts';
import type { LogPage } from '../changes/log-window.ts';
import type { StreamSource } from './stream.ts';

/** What a subscriber to all changes is sent: a change, a hole in the log, or only how far the log was read. */
export interface ChangeItem {
  readonly seq: number;
  readonly change: Change | null;
  /** Changes that the log does not hold any more: from the first to the last. */
  readonly gap: { readonly from: number; readonly to: number } | null;
}

export interface ChangeSourceOptions {
  readonly log: WatchedLog;
  /** Null: begin now, with a message that says where that is. */
  readonly after: number | null;
  readonly filter: ChangeFilter;
  /** A search that finds nothing for so long says how far it came. */
  readonly heartbeatMs: number;
}

/** Every change after a position, in order, each once. */
export function createChangeSource({ log, after, filter, heartbeatMs }: ChangeSourceOptions): StreamSource<ChangeItem> {
  let position = after ?? log.head;
  let introduced = after !== null;
  let page: LogPage | null = null;

  const here = (): ChangeItem => ({ seq: position, change: null, gap: null });

  function skipGap(page: LogPage): ChangeItem {
    const from = position + 1;
    while (position < page.loadedTo && page.changeAt(position + 1) === null) position += 1;
    return { seq: position, change: null, gap: { from, to: position } };
  }

  return {
    get position() {
      return position;
    },
    get behind() {
      return log.head - position;
    },
    async take() {
      if (!introduced) {
        introduced = true;
        return here();
      }
      const startedAt = performance.now();
      while (position < log.head) {
        const next = position + 1;
        if (!page?.covers(next)) page = await log.pageWith(next);
        const change = page.changeAt(next);
        if (change === null) return skipGap(page);
        position = next;
        if (matchesFilter(filter, change)) return { seq: next, change, gap: null };
        if (performance.now() - startedAt > heartbeatMs) return here();
      }
      return null;
    },
    heartbeat: here,
    rest() {
      page = null;
    },
    nameOf: ({ seq, change, gap }) => (change ? `${seq}` : gap ? `${gap.from}-${gap.to}` : `at ${seq}`),
  };
}
