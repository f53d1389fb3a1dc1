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

  /** Waits for nothing where the log is in memory. */
  function search(startedAt: number): ChangeItem | null | Promise<ChangeItem | null> {
    while (position < log.head) {
      const next = position + 1;
      if (!page?.covers(next)) {
        const found = log.pageWith(next);
        if (found instanceof Promise) {
          return found.then((loaded) => {
            page = loaded;
            return search(startedAt);
          });
        }
        page = found;
      }
      const change = page.changeAt(next);
      if (change === null) return skipGap(page);
      position = next;
      if (matchesFilter(filter, change)) return { seq: next, change, gap: null };
      if (performance.now() - startedAt > heartbeatMs) return here();
    }
    return null;
  }

  return {
    get position() {
      return position;
    },
    get behind() {
      return log.head - position;
    },
    take() {
      if (introduced) return search(performance.now());
      introduced = true;
      return here();
    },
    heartbeat: here,
    rest() {
      page = null;
    },
    nameOf: ({ seq, change, gap }) => (change ? `${seq}` : gap ? `${gap.from}-${gap.to}` : `at ${seq}`),
  };
}
