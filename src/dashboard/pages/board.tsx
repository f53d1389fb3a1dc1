import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { BoardColumn } from '../board/board-column.tsx';
import { useDrag } from '../board/use-drag.ts';
import type { LeadRow } from '../documents/leads.ts';
import { pipelineStages } from '../documents/session.ts';
import { useQuery } from '../graph/use-query.ts';
import { leadName } from '../leads/lead-name.ts';
import { ConfirmMoveBack, isBackward, type Move, sendMove } from '../leads/move-lead.tsx';
import { ErrorNotice, Notice } from '../ui/notice.tsx';
import { useAction } from '../ui/use-action.ts';

const countEveryMs = 500;
const findCardWithinMs = 1500;

export function Board() {
  const { canEdit } = useApp();
  const { data, error } = useQuery(pipelineStages, {}, { isAffected: movesCounts, everyMs: countEveryMs });
  const [back, setBack] = useState<(Move & { readonly byKeyboard: boolean }) | null>(null);
  const [said, setSaid] = useState('');
  const { problem, run } = useAction();
  const stages = data?.pipeline.stages ?? [];

  const dragging = useDrag(
    stages.map(({ name }) => name),
    (lead, to, byKeyboard) => {
      const move = { leadId: lead.id, name: leadName(lead), from: lead.stage.name, to };
      if (isBackward(stages, move)) setBack({ ...move, byKeyboard });
      else
        run(
          () => sendMove(move),
          () => moved(move, byKeyboard),
        );
    },
  );

  function moved({ leadId, name, to }: Move, byKeyboard: boolean): void {
    setSaid(`${name} moved to ${to}.`);
    if (byKeyboard) focusCard(leadId, to);
  }

  const { drag } = dragging;
  return (
    <div class="page full board-page">
      <header class="page-head">
        <h1>Pipeline Board</h1>
        {canEdit && (
          <p class="muted" id="board-help">
            <span class="by-mouse">
              Drag a card to move it. By keyboard: Space picks it up, arrows carry it, Space puts it down, Escape leaves it.
            </span>
            <span class="by-touch">Drag a card by its grip to move it.</span>
          </p>
        )}
      </header>
      <div class="stack-tight">
        <ErrorNotice error={error} />
        {problem !== null && <Notice kind="problem">{problem}</Notice>}
        <p class="unseen" role="status">
          {drag ? carriedText(drag.lead, drag.over) : said}
        </p>
      </div>
      <div class={`board ${drag ? 'dragging' : ''}`}>
        {stages.map((stage) => (
          <BoardColumn key={stage.name} stage={stage} dragging={dragging} canMove={canEdit} />
        ))}
      </div>
      {drag?.pointer && (
        <div class="ghost" style={{ transform: `translate(${drag.pointer.x + 8}px, ${drag.pointer.y + 8}px)` }}>
          {leadName(drag.lead)}
        </div>
      )}
      {back && (
        <ConfirmMoveBack
          move={back}
          onClose={(done) => {
            setBack(null);
            if (done) moved(back, back.byKeyboard);
          }}
        />
      )}
    </div>
  );
}

const movesCounts = ({ type }: { readonly type: string }): boolean =>
  type.startsWith('stage.') || type === 'lead.created' || type === 'lead.deleted';

const carriedText = (lead: LeadRow, over: string): string =>
  over === lead.stage.name ? `${leadName(lead)} picked up from ${over}.` : `${leadName(lead)} above ${over}.`;

/** The card is drawn anew in its column when the change arrives; the keyboard's user goes with it. */
function focusCard(leadId: string, stage: string, until = performance.now() + findCardWithinMs): void {
  const card = document.querySelector<HTMLElement>(`[data-stage="${CSS.escape(stage)}"] [data-lead="${CSS.escape(leadId)}"] a`);
  // A dialog that closes gives the focus back to where it was, so it goes first.
  const isAsking = document.querySelector('dialog[open]') !== null;
  if (card && !isAsking) card.focus();
  else if (performance.now() < until) requestAnimationFrame(() => focusCard(leadId, stage, until));
}
