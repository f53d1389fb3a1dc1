import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

interface VirtualRowsProps<Row> {
  /** What scrolls. */
  readonly box: RefObject<HTMLElement | null>;
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly rowHeight: number;
  readonly render: (row: Row, index: number, top: string) => ComponentChildren;
  readonly onNearEnd: () => void;
  readonly role?: 'rowgroup' | 'list';
  readonly label?: string;
}

const overscan = 8;

/** Draws only the rows in sight, however many there are. Rows that come in above do not move what is being read. */
export function VirtualRows<Row>({ box, rows, keyOf, rowHeight, render, onNearEnd, role = 'rowgroup', label }: VirtualRowsProps<Row>) {
  const [view, setView] = useState({ top: 0, height: 800 });
  const anchor = useRef<string | null>(null);

  useLayoutEffect(() => {
    const { current } = box;
    if (!current) return undefined;
    const measure = () => setView({ top: current.scrollTop, height: current.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    current.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      current.removeEventListener('scroll', measure);
    };
  }, [box]);

  const firstInSight = Math.floor(view.top / rowHeight);
  useLayoutEffect(() => {
    const { current } = box;
    if (!current || anchor.current === null || current.scrollTop < rowHeight) return;
    const now = rows.findIndex((row) => keyOf(row) === anchor.current);
    const shift = now - Math.floor(current.scrollTop / rowHeight);
    if (now >= 0 && shift !== 0) current.scrollTop += shift * rowHeight;
  }, [rows]);
  const shown = rows[firstInSight];
  anchor.current = shown === undefined ? null : keyOf(shown);

  const first = Math.max(0, firstInSight - overscan);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / rowHeight) + overscan);
  useEffect(() => {
    if (last >= rows.length - overscan) onNearEnd();
  }, [last, rows.length, onNearEnd]);

  return (
    <div class="virtual" role={role} aria-label={label} style={{ height: `${rows.length * rowHeight}px` }}>
      {rows.slice(first, last).map((row, i) => render(row, first + i, `translateY(${(first + i) * rowHeight}px)`))}
    </div>
  );
}
