import { useMemo, useRef } from 'preact/hooks';
import type { LeadRow } from '../documents/leads.ts';
import type { Stage } from '../documents/session.ts';
import { leadName, leadPath } from '../leads/lead-name.ts';
import { useLeadRows } from '../leads/use-lead-rows.ts';
import { Link } from '../router.tsx';
import { formatShort } from '../ui/numbers.ts';
import { Time } from '../ui/time.tsx';
import { VirtualRows } from '../ui/virtual-rows.tsx';
import type { Dragging } from './use-drag.ts';

const cardHeight = 72;
const cardsAtOnce = 30;

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
  const { drag } = dragging;
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
            onNearEnd={loadMore}
            render={(lead, _index, transform) => (
              <div key={lead.id} role="listitem" class="card-slot" style={{ transform }}>
                <Card lead={lead} dragging={dragging} canMove={canMove} />
              </div>
            )}
          />
        )}
        {rows.length === 0 && !loading && !error && <p class="muted column-empty">Nobody here</p>}
      </div>
    </section>
  );
}

function Card({ lead, dragging, canMove }: { readonly lead: LeadRow; readonly dragging: Dragging; readonly canMove: boolean }) {
  const { drag, onPointerDown, onKeyDown, onClickCapture } = dragging;
  const handlers = canMove
    ? {
        onPointerDown: (event: PointerEvent) => onPointerDown(event, lead),
        onKeyDown: (event: KeyboardEvent) => onKeyDown(event, lead),
        onClickCapture,
      }
    : {};
  return (
    <div class={`card ${drag?.lead.id === lead.id ? 'carried' : ''}`} data-lead={lead.id} {...handlers}>
      <div class="card-head">
        <Link href={leadPath(lead.number)} describedBy={canMove ? 'board-help' : undefined} draggable={false}>
          {leadName(lead)}
        </Link>
        {canMove && <span class="grip" aria-hidden="true" />}
      </div>
      <p class="muted">{lead.email ?? lead.phone ?? '\u00a0'}</p>
      <p class="muted card-foot">
        <span>{lead.sourceName}</span>
        <Time at={lead.createdAt} />
      </p>
    </div>
  );
}
