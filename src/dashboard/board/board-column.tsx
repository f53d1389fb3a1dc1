import { useMemo, useRef } from 'preact/hooks';
import type { LeadRow } from '../documents/leads.ts';
import type { Stage } from '../documents/session.ts';
import { leadName, leadPath } from '../leads/lead-name.ts';
import { useLeadRows } from '../leads/use-lead-rows.ts';
import { Link } from '../router.tsx';
import { useStore } from '../store.ts';
import { formatShort } from '../ui/numbers.ts';
import { TimeIn, timeZone } from '../ui/time.tsx';
import type { RowLook } from '../ui/row-pool.ts';
import { VirtualRows } from '../ui/virtual-rows.tsx';
import type { DragHandlers, Dragging } from './use-drag.ts';

const cardHeight = 72;
const cardsAtOnce = 30;
const readAhead = 12;

interface BoardColumnProps {
  readonly stage: Stage;
  readonly dragging: Dragging;
  readonly canMove: boolean;
}

/** The leads of one stage, newest first. However many there are, only those in sight are drawn. */
export function BoardColumn({ stage, dragging, canMove }: BoardColumnProps) {
  const filter = useMemo(() => ({ stage: [stage.name] }), [stage.name]);
  const { rows, loading, error, loadMore } = useLeadRows(filter, 'NEWEST', cardsAtOnce);
  const box = useRef<HTMLDivElement | null>(null);
  const zone = useStore(timeZone);
  const { drag, handlers } = dragging;
  const carried = drag?.lead.id ?? null;
  // A column is drawn with every step of a drag; its cards are only when one is picked up or put down.
  const look = useMemo<RowLook<LeadRow>>(
    () => ({
      role: 'listitem',
      class: 'card-slot',
      height: cardHeight,
      keyOf: ({ id }) => id,
      draw: (lead) => drawCard({ lead, zone, carried: carried === lead.id, handlers: canMove ? handlers : null }),
    }),
    [zone, carried, canMove, handlers],
  );
  const isTarget = drag?.over === stage.name && drag.lead.stage.name !== stage.name;
  return (
    <section class={`board-column ${isTarget ? 'target' : ''}`} data-stage={stage.name} aria-label={stage.name}>
      <h2>
        {stage.name} <span class="muted">{formatShort(stage.leadCount)}</span>
      </h2>
      <div class="board-cards" ref={box} tabindex={rows.length > 0 ? -1 : undefined}>
        {error && <p class="danger-text">{error.message}</p>}
        {rows.length > 0 && <VirtualRows box={box} rows={rows} look={look} label={stage.name} readAhead={readAhead} onNearEnd={loadMore} />}
        {rows.length === 0 && !loading && !error && <p class="muted column-empty">Nobody here</p>}
      </div>
    </section>
  );
}

interface CardProps {
  readonly lead: LeadRow;
  readonly zone: string;
  readonly carried: boolean;
  /** Null: the viewer may not move it. */
  readonly handlers: DragHandlers | null;
}

function drawCard({ lead, zone, carried, handlers }: CardProps) {
  const listeners = handlers && {
    onPointerDown: (event: PointerEvent) => handlers.onPointerDown(event, lead),
    onKeyDown: (event: KeyboardEvent) => handlers.onKeyDown(event, lead),
    onClickCapture: handlers.onClickCapture,
  };
  return (
    <div class={`card ${carried ? 'carried' : ''}`} data-lead={lead.id} {...listeners}>
      <div class="card-head">
        <Link href={leadPath(lead.number)} describedBy={handlers ? 'board-help' : undefined} draggable={false}>
          {leadName(lead)}
        </Link>
        {handlers && <span class="grip" aria-hidden="true" />}
      </div>
      <p class="muted">{lead.email ?? lead.phone ?? '\u00a0'}</p>
      <p class="muted card-foot">
        <span>{lead.sourceName}</span>
        <TimeIn at={lead.createdAt} zone={zone} />
      </p>
    </div>
  );
}
