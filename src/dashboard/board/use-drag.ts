import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LeadRow } from '../documents/leads.ts';

export interface Drag {
  readonly lead: LeadRow;
  /** The stage above which the card hovers. */
  readonly over: string;
  /** Null: it is carried with the keyboard. */
  readonly pointer: { readonly x: number; readonly y: number } | null;
}

export interface Dragging {
  readonly drag: Drag | null;
  /** The same as long as the stages are. */
  readonly handlers: DragHandlers;
}

export interface DragHandlers {
  readonly onPointerDown: (event: PointerEvent, lead: LeadRow) => void;
  readonly onKeyDown: (event: KeyboardEvent, lead: LeadRow) => void;
  /** The click that ends a drag must not open the lead. */
  readonly onClickCapture: (event: MouseEvent) => void;
}

/** A pointer that moves less than this only clicks. */
const threshold = 6;
const edge = 48;
const scrollStep = 16;

/** Cards are carried with the mouse, with a finger by their grip, or with the keyboard: Space, arrows, Space. */
export function useDrag(stages: readonly string[], drop: (lead: LeadRow, stage: string, byKeyboard: boolean) => void): Dragging {
  const [drag, setDrag] = useState<Drag | null>(null);
  const pressed = useRef<{ lead: LeadRow; x: number; y: number } | null>(null);
  const current = useRef<Drag | null>(null);
  const justDropped = useRef(false);
  const latestDrop = useRef(drop);
  latestDrop.current = drop;

  const show = (next: Drag | null) => {
    current.current = next;
    setDrag(next);
  };
  const finish = (stage: string | null) => {
    const { current: carried } = current;
    show(null);
    if (carried && stage !== null && stage !== carried.lead.stage.name) latestDrop.current(carried.lead, stage, carried.pointer === null);
  };

  useEffect(() => {
    const move = (event: PointerEvent) => {
      const { current: start } = pressed;
      if (!start) return;
      const { clientX: x, clientY: y } = event;
      const { current: carried } = current;
      if (!carried && Math.hypot(x - start.x, y - start.y) < threshold) return;
      event.preventDefault();
      scrollNearEdge(x);
      show({ lead: start.lead, over: stageAt(x, y) ?? carried?.over ?? start.lead.stage.name, pointer: { x, y } });
    };
    const up = (event: PointerEvent) => {
      if (!pressed.current) return;
      pressed.current = null;
      if (!current.current) return;
      justDropped.current = true;
      setTimeout(() => (justDropped.current = false), 0);
      finish(event.type === 'pointerup' ? stageAt(event.clientX, event.clientY) : null);
    };
    const key = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || !current.current) return;
      pressed.current = null;
      finish(null);
    };
    addEventListener('pointermove', move, { passive: false });
    addEventListener('pointerup', up);
    addEventListener('pointercancel', up);
    addEventListener('keydown', key);
    return () => {
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', up);
      removeEventListener('pointercancel', up);
      removeEventListener('keydown', key);
    };
  }, []);

  const order = stages.join('\n');
  const handlers = useMemo(
    (): DragHandlers => ({
      onPointerDown(event, lead) {
        const byGrip = event.target instanceof Element && event.target.closest('.grip') !== null;
        if (event.button !== 0 || (event.pointerType !== 'mouse' && !byGrip)) return;
        pressed.current = { lead, x: event.clientX, y: event.clientY };
      },
      onKeyDown(event, lead) {
        const { current: carried } = current;
        if (event.key === ' ' || (event.key === 'Enter' && carried)) {
          event.preventDefault();
          if (carried) finish(carried.over);
          else show({ lead, over: lead.stage.name, pointer: null });
          return;
        }
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!carried || step === undefined) return;
        event.preventDefault();
        const over = stages[stages.indexOf(carried.over) + step];
        if (over === undefined) return;
        show({ ...carried, over });
        columnOf(over)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      },
      onClickCapture(event) {
        if (!justDropped.current) return;
        event.preventDefault();
        event.stopPropagation();
      },
    }),
    [order],
  );
  return { drag, handlers };
}

function stageAt(x: number, y: number): string | null {
  const column = document.elementFromPoint(x, y)?.closest('[data-stage]');
  return column?.getAttribute('data-stage') ?? null;
}

const columnOf = (stage: string): Element | null => document.querySelector(`[data-stage="${CSS.escape(stage)}"]`);

function scrollNearEdge(x: number): void {
  const board = document.querySelector('.board');
  if (!board) return;
  const { left, right } = board.getBoundingClientRect();
  if (x < left + edge) board.scrollLeft -= scrollStep;
  else if (x > right - edge) board.scrollLeft += scrollStep;
}
