import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { createRowPool, type RowLook } from './row-pool.ts';

interface VirtualRowsProps<Row> {
  /** What scrolls. */
  readonly box: RefObject<HTMLElement | null>;
  readonly rows: readonly Row[];
  readonly look: RowLook<Row>;
  /** So many rows before the end, the next ones are asked for. */
  readonly readAhead: number;
  readonly onNearEnd: () => void;
  readonly label?: string;
}

/** Rows that are drawn before they come into sight. */
const overscan = 6;

/** Draws only the rows in sight, however many there are. Rows that come in above do not move what is being read. */
export function VirtualRows<Row>(props: VirtualRowsProps<Row>) {
  const { box, rows, look, label } = props;
  const container = useRef<HTMLDivElement | null>(null);
  const view = useRef<View<Row> | null>(null);

  useLayoutEffect(() => {
    if (!box.current || !container.current) return undefined;
    const made = createView<Row>(box.current, container.current);
    view.current = made;
    return made.close;
  }, [box]);
  useLayoutEffect(() => view.current?.update(props));

  return (
    <div
      class="virtual"
      ref={container}
      role={look.role === 'row' ? 'rowgroup' : 'list'}
      aria-label={label}
      style={{ height: `${rows.length * look.height}px` }}
    />
  );
}

interface View<Row> {
  readonly update: (props: VirtualRowsProps<Row>) => void;
  readonly close: () => void;
}

/** Draws by itself as its box is scrolled: a frame of scrolling renders the rows that came in, and no component. */
function createView<Row>(box: HTMLElement, container: HTMLElement): View<Row> {
  const pool = createRowPool<Row>(container);
  let props: VirtualRowsProps<Row> | null = null;
  let height = box.clientHeight;
  let drawn: { readonly first: number; readonly from: number; readonly to: number } | null = null;
  let anchor: { readonly key: string; readonly length: number } | null = null;

  function draw(isNew: boolean): void {
    if (!props) return;
    const { rows, look, readAhead, onNearEnd } = props;
    const first = Math.floor(box.scrollTop / look.height);
    const from = Math.max(0, first - overscan);
    const to = Math.min(rows.length, first + Math.ceil(height / look.height) + 1 + overscan);
    // Scrolling within a row draws nothing.
    if (!isNew && drawn?.first === first && drawn.from === from && drawn.to === to) return;
    drawn = { first, from, to };
    pool.show(rows, from, to, look);
    const shown = rows[first];
    anchor = shown === undefined ? null : { key: look.keyOf(shown), length: rows.length };
    if (to >= rows.length - readAhead) onNearEnd();
  }

  const onScroll = (): void => draw(false);
  const observer = new ResizeObserver(() => {
    height = box.clientHeight;
    draw(false);
  });
  observer.observe(box);
  box.addEventListener('scroll', onScroll, { passive: true });

  return {
    update(next) {
      const before = props;
      props = next;
      const { rows, look } = next;
      if (before && before.rows !== rows && anchor && drawn && drawn.first > 0) {
        const { first } = drawn;
        const now = findRow(rows, look.keyOf, anchor.key, [first, first + rows.length - anchor.length]);
        if (now >= 0 && now !== first) box.scrollTop += (now - first) * look.height;
      }
      draw(before?.rows !== rows || before.look !== look);
    },
    close() {
      observer.disconnect();
      box.removeEventListener('scroll', onScroll);
      pool.close();
    },
  };
}

/** Looks at the likely places before it looks everywhere. */
function findRow<Row>(rows: readonly Row[], keyOf: (row: Row) => string, key: string, likely: readonly number[]): number {
  const isIt = (at: number): boolean => {
    const row = rows[at];
    return row !== undefined && keyOf(row) === key;
  };
  return likely.find(isIt) ?? rows.findIndex((row) => keyOf(row) === key);
}
