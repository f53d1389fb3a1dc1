import { useMemo, useRef } from 'preact/hooks';
import type { LeadRow } from '../documents/leads.ts';
import type { Stage } from '../documents/session.ts';
import { leadName, leadPath } from '../leads/lead-name.ts';
import { useLeadRows } from '../leads/use-lead-rows.ts';
import { Link } from '../router.tsx';
import { useStore } from '../store.ts';
import { formatShort } from '../ui/numbers.ts';
import { TimeIn, timeZone } from '../ui/time.tsx';
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
  const isTarget = drag?.over === stage.name && drag.lead.stage.name !== stage.name;
  return (
    <section class={`board-column ${isTarget ? 'target' : ''}`} data-stage={stage.name} aria-label={stage.name}>
      <h2>
        {stage.name} <span class="muted">{formatShort(stage.leadCount)}</span>
      </h2>
      <div class="board-cards" ref={box} tabindex={rows.length > 0 ? -1 : undefined}>
        {error && <p class="danger-text">{error.message}</p>}
        {rows.length > 0 && (
          <VirtualRows
            box={box}
            rows={rows}
            keyOf={({ id }) => id}
            rowHeight={cardHeight}
            role="list"
            label={stage.name}
            readAhead={readAhead}
            onNearEnd={loadMore}
            render={(lead, _index, transform) => (
              <div key={lead.id} role="listitem" class="card-slot" style={{ transform }}>
                <Card lead={lead} zone={zone} carried={drag?.lead.id === lead.id} handlers={canMove ? handlers : null} />
              </div>
            )}
          />
        )}
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

function Card({ lead, zone, carried, handlers }: CardProps) {
  // Columns are drawn with every change and with every step of a drag; a card that stays as it is is not.
  return useMemo(() => drawCard({ lead, zone, carried, handlers }), [lead, zone, carried, handlers]);
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
