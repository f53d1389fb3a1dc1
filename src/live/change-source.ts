import type { Change } from '../../prisma/generated/client/client.ts';
import { type ChangeFilter, type ChangeView, viewOf } from '../changes/change.ts';
import type { WatchedLog } from '../changes/follow-log.ts';
import type { LogPage } from '../changes/log-window.ts';
import type { Readiness, StreamSource } from './stream.ts';

/** What a subscriber to all changes is sent: a change, a hole in the log, or only how far the log was read. */
export interface ChangeItem {
  readonly seq: number;
  readonly change: Change | null;
  /** What the change does to the view that the filter makes; null without a change. */
  readonly view: ChangeView | null;
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

/** Every change after a position, in order, each once. A class, as streams are. */
export class ChangeSource implements StreamSource<ChangeItem> {
  readonly #log: WatchedLog;
  readonly #filter: ChangeFilter;
  readonly #heartbeatMs: number;
  #position: number;
  #introduced: boolean;
  #page: LogPage | null = null;

  constructor({ log, after, filter, heartbeatMs }: ChangeSourceOptions) {
    this.#log = log;
    this.#filter = filter;
    this.#heartbeatMs = heartbeatMs;
    this.#position = after ?? log.head;
    this.#introduced = after !== null;
  }

  get position(): number {
    return this.#position;
  }

  get behind(): number {
    return this.#log.head - this.#position;
  }

  take(): ChangeItem | null | Promise<ChangeItem | null> {
    if (this.#introduced) return this.#search(performance.now());
    this.#introduced = true;
    return this.heartbeat();
  }

  takeAtHand(only: Readiness | undefined): ChangeItem | null {
    const next = this.#position + 1;
    const change = next <= this.#log.head && this.#page?.covers(next) ? this.#page.changeAt(next) : null;
    const view = change && viewOf(this.#filter, change);
    if (view === null) return null;
    const item = { seq: next, change, view, gap: null };
    if (only && !only.isReady(this.nameOf(item))) return null;
    this.#position = next;
    return item;
  }

  heartbeat(): ChangeItem {
    return { seq: this.#position, change: null, view: null, gap: null };
  }

  rest(): void {
    this.#page = null;
  }

  nameOf({ seq, change, gap }: ChangeItem): string {
    return change ? `${seq}` : gap ? `${gap.from}-${gap.to}` : `at ${seq}`;
  }

  /** Waits for nothing where the log is in memory. */
  #search(startedAt: number): ChangeItem | null | Promise<ChangeItem | null> {
    while (this.#position < this.#log.head) {
      const next = this.#position + 1;
      if (!this.#page?.covers(next)) {
        const found = this.#log.pageWith(next);
        if (found instanceof Promise) {
          return found.then((loaded) => {
            this.#page = loaded;
            return this.#search(startedAt);
          });
        }
        this.#page = found;
      }
      const change = this.#page.changeAt(next);
      if (change === null) return this.#skipGap(this.#page);
      this.#position = next;
      const view = viewOf(this.#filter, change);
      if (view !== null) return { seq: next, change, view, gap: null };
      if (performance.now() - startedAt > this.#heartbeatMs) return this.heartbeat();
    }
    return null;
  }

  #skipGap(page: LogPage): ChangeItem {
    const from = this.#position + 1;
    while (this.#position < page.loadedTo && page.changeAt(this.#position + 1) === null) this.#position += 1;
    return { seq: this.#position, change: null, view: null, gap: { from, to: this.#position } };
  }
}
