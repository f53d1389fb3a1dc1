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

/**
 * No element is taller: Firefox ends at 17.8 million pixels and Chromium at 33.5, and beyond 16.7 a place in it is not exact. In a longer list
 * the bar says in which part of it one is, and all else goes on row by row.
 */
const tallest = 15_000_000;

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
      style={{ height: `${Math.min(rows.length * look.height, tallest)}px` }}
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
  let drawn: { readonly first: number; readonly from: number; readonly to: number; readonly shift: number } | null = null;
  /** Which pixel of the whole list stands at the top of the box, and where the box was scrolled to then. */
  let at = { scrollTop: 0, offset: 0 };
  let anchor: { readonly key: string; readonly length: number } | null = null;

  /** How far the box can be scrolled, and which pixel of the whole list stands at its top then. */
  function reach({ rows, look }: Pick<VirtualRowsProps<Row>, 'rows' | 'look'>): { readonly scrollTop: number; readonly offset: number } {
    const scrollTop = Math.max(1, box.scrollHeight - height);
    return { scrollTop, offset: scrollTop + rows.length * look.height - tallest };
  }

  /** Where the whole list is too tall, a step of the wheel is still a step, and a leap a part of the list. */
  function follow(list: VirtualRowsProps<Row>): void {
    const { scrollTop } = box;
    if (list.rows.length * list.look.height <= tallest) {
      at = { scrollTop, offset: scrollTop };
      return;
    }
    const end = reach(list);
    const moved = scrollTop - at.scrollTop;
    if (scrollTop <= 0) at = { scrollTop, offset: 0 };
    else if (scrollTop >= end.scrollTop - 1) at = { scrollTop, offset: end.offset };
    else if (Math.abs(moved) > height) at = { scrollTop, offset: (scrollTop / end.scrollTop) * end.offset };
    else at = { scrollTop, offset: Math.min(end.offset, Math.max(0, at.offset + moved)) };
  }

  /** Brings a pixel of the whole list to the top of the box. */
  function moveTo(offset: number, list: VirtualRowsProps<Row>): void {
    const isTall = list.rows.length * list.look.height > tallest;
    const end = isTall ? reach(list) : null;
    box.scrollTop = end ? (offset / end.offset) * end.scrollTop : offset;
    at = { scrollTop: box.scrollTop, offset: end ? offset : box.scrollTop };
  }

  function draw(isNew: boolean): void {
    if (!props) return;
    const { rows, look, readAhead, onNearEnd } = props;
    follow(props);
    const first = Math.floor(at.offset / look.height);
    const shift = Math.round(at.scrollTop - at.offset);
    const from = Math.max(0, first - overscan);
    const to = Math.min(rows.length, first + Math.ceil(height / look.height) + 1 + overscan);
    // Scrolling within a row draws nothing.
    if (!isNew && drawn?.first === first && drawn.from === from && drawn.to === to && drawn.shift === shift) return;
    drawn = { first, from, to, shift };
    pool.show(rows, from, to, look, shift);
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
      if (before) follow(before);
      if (before && before.rows !== rows && anchor && drawn && drawn.first > 0) {
        const { first } = drawn;
        const now = findRow(rows, look.keyOf, anchor.key, [first, first + rows.length - anchor.length]);
        const moved = now < 0 ? 0 : (now - first) * look.height;
        // The bar of a list that is too tall stands for another pixel when the list grows.
        if (moved !== 0 || rows.length * look.height > tallest) moveTo(at.offset + moved, next);
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
