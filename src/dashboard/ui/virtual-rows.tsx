import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

interface VirtualRowsProps<Row> {
  /** What scrolls. */
  readonly box: RefObject<HTMLElement | null>;
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly rowHeight: number;
  readonly render: (row: Row, index: number, top: string) => ComponentChildren;
  /** So many rows before the end, the next ones are asked for. */
  readonly readAhead: number;
  readonly onNearEnd: () => void;
  readonly role?: 'rowgroup' | 'list';
  readonly label?: string;
}

/** Rows that are drawn before they come into sight. */
const overscan = 6;

interface Range {
  readonly first: number;
  readonly count: number;
}

/** Draws only the rows in sight, however many there are. Rows that come in above do not move what is being read. */
export function VirtualRows<Row>({
  box,
  rows,
  keyOf,
  rowHeight,
  render,
  readAhead,
  onNearEnd,
  role = 'rowgroup',
  label,
}: VirtualRowsProps<Row>) {
  const [{ first, count }, setRange] = useState<Range>({ first: 0, count: 20 });
  const anchor = useRef<{ readonly key: string; readonly length: number } | null>(null);

  useLayoutEffect(() => {
    const { current } = box;
    if (!current) return undefined;
    let height = current.clientHeight;
    const measure = () => {
      const next = { first: Math.floor(current.scrollTop / rowHeight), count: Math.ceil(height / rowHeight) + 1 };
      // Scrolling within a row draws nothing.
      setRange((before) => (before.first === next.first && before.count === next.count ? before : next));
    };
    measure();
    const observer = new ResizeObserver(() => {
      height = current.clientHeight;
      measure();
    });
    observer.observe(current);
    current.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      current.removeEventListener('scroll', measure);
    };
  }, [box, rowHeight]);

  useLayoutEffect(() => {
    const { current } = box;
    const { current: before } = anchor;
    if (first > 0 && current && before) {
      const now = findRow(rows, keyOf, before.key, [first, first + rows.length - before.length]);
      if (now >= 0 && now !== first) current.scrollTop += (now - first) * rowHeight;
    }
  }, [rows]);
  const shown = rows[first];
  anchor.current = shown === undefined ? null : { key: keyOf(shown), length: rows.length };

  const from = Math.max(0, first - overscan);
  const to = Math.min(rows.length, first + count + overscan);
  useEffect(() => {
    if (to >= rows.length - readAhead) onNearEnd();
  }, [to, rows.length, readAhead, onNearEnd]);

  return (
    <div class="virtual" role={role} aria-label={label} style={{ height: `${rows.length * rowHeight}px` }}>
      {rows.slice(from, to).map((row, i) => render(row, from + i, `translateY(${(from + i) * rowHeight}px)`))}
    </div>
  );
}

/** Looks at the likely places before it looks everywhere. */
function findRow<Row>(rows: readonly Row[], keyOf: (row: Row) => string, key: string, likely: readonly number[]): number {
  const isIt = (at: number): boolean => {
    const row = rows[at];
    return row !== undefined && keyOf(row) === key;
  };
  return likely.find(isIt) ?? rows.findIndex((row) => keyOf(row) === key);
}
