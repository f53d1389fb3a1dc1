import { type ComponentChildren, render } from 'preact';

/** How the rows of a list are drawn. `draw` is another function when the same row would be drawn differently. */
export interface RowLook<Row> {
  readonly role: 'row' | 'listitem';
  readonly class: string;
  readonly height: number;
  /** The `aria-rowindex` of the first row; left out: rows have none. */
  readonly firstRowIndex?: number;
  readonly keyOf: (row: Row) => string;
  readonly draw: (row: Row) => ComponentChildren;
}

interface Slot<Row> {
  readonly element: HTMLElement;
  row: Row | undefined;
  draw: RowLook<Row>['draw'] | undefined;
  index: number;
  top: number;
  /** It took over another row, and stands where that one stood in the document. */
  misplaced: boolean;
}

export interface RowPool<Row> {
  /** `shift`: how many pixels from where their indexes say the rows stand. */
  readonly show: (rows: readonly Row[], from: number, to: number, look: RowLook<Row>, shift: number) => void;
  readonly close: () => void;
}

/** Scrolling has ended when nothing moved for so long. */
const quietMs = 120;
/** Rows that change without a pause are put in order all the same. */
const longestMisplacedMs = 2000;

/**
 * The elements of the rows in sight. A row that leaves hands its element to one that comes, so that scrolling makes no nodes and throws none
 * away; a row that stays keeps its own, with focus and pressed buttons. The order in the document, which the keyboard and screen readers
 * follow, is mended when the scrolling pauses: moving an element costs as much as making one.
 */
export function createRowPool<Row>(container: HTMLElement): RowPool<Row> {
  let slots = new Map<string, Slot<Row>>();
  let orderTimer: ReturnType<typeof setTimeout> | undefined;
  let misplacedSinceMs: number | null = null;

  function create({ role, class: name }: RowLook<Row>): Slot<Row> {
    const element = document.createElement('div');
    element.className = name;
    element.setAttribute('role', role);
    container.append(element);
    return { element, row: undefined, draw: undefined, index: -1, top: -1, misplaced: true };
  }

  function discard({ element }: Slot<Row>): void {
    render(null, element);
    element.remove();
  }

  function putInOrder(): void {
    const ordered = [...slots.values()];
    // An element that is moved loses the focus.
    misplacedSinceMs = null;
    if (ordered.some(({ misplaced, element }) => misplaced && hasFocus(element))) return orderSoon();
    let next: Element | null = null;
    for (const slot of ordered.reverse()) {
      if (slot.misplaced && slot.element.nextElementSibling !== next) container.insertBefore(slot.element, next);
      slot.misplaced = false;
      next = slot.element;
    }
    return undefined;
  }

  function orderSoon(): void {
    const now = performance.now();
    misplacedSinceMs ??= now;
    clearTimeout(orderTimer);
    orderTimer = setTimeout(putInOrder, Math.min(quietMs, Math.max(0, misplacedSinceMs + longestMisplacedMs - now)));
  }

  return {
    show(rows, from, to, look, shift) {
      const next = new Map<string, Slot<Row> | undefined>();
      for (const row of rows.slice(from, to)) {
        const key = look.keyOf(row);
        next.set(key, slots.get(key));
        slots.delete(key);
      }
      // The focus must not jump to another row with its element.
      const free = [...slots.values()].filter((slot) => !hasFocus(slot.element) || (discard(slot), false));
      let index = from;
      slots = new Map();
      for (const [key, known] of next) {
        const slot = known ?? free.pop() ?? create(look);
        slots.set(key, slot);
        if (!known) slot.misplaced = true;
        place(slot, rows[index], index, look, shift);
        index++;
      }
      for (const slot of free) discard(slot);
      if ([...slots.values()].some(({ misplaced }) => misplaced)) orderSoon();
    },
    close() {
      clearTimeout(orderTimer);
      for (const slot of slots.values()) discard(slot);
      slots.clear();
    },
  };
}

/** Touches only what is different. */
function place<Row>(
  slot: Slot<Row>,
  row: Row | undefined,
  index: number,
  { draw, height, firstRowIndex }: RowLook<Row>,
  shift: number,
): void {
  const { element } = slot;
  if (row !== undefined && (slot.row !== row || slot.draw !== draw)) {
    render(draw(row), element);
    slot.row = row;
    slot.draw = draw;
  }
  const top = index * height + shift;
  if (slot.top !== top) {
    slot.top = top;
    element.style.transform = `translateY(${slot.top}px)`;
  }
  if (slot.index !== index) {
    slot.index = index;
    if (firstRowIndex !== undefined) element.ariaRowIndex = String(firstRowIndex + index);
  }
}

const hasFocus = (element: Element): boolean => element.contains(document.activeElement);
