import { useState } from 'preact/hooks';
import { moveLead } from '../documents/leads.ts';
import type { Stage } from '../documents/session.ts';
import { request } from '../graph/request.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { useAction } from '../ui/use-action.ts';

export interface Move {
  readonly leadId: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

export function isBackward(stages: readonly Stage[], { from, to }: Pick<Move, 'from' | 'to'>): boolean {
  const order = stages.map(({ name }) => name);
  return order.indexOf(to) < order.indexOf(from);
}

export const sendMove = async ({ leadId, to }: Move, reason?: string) =>
  (await request(moveLead, { leadId, stage: to, ...(reason ? { reason } : {}) })).moveLead;

/** A lead does not go back by accident: the move is recorded as forced, with the reason that is given here. */
export function ConfirmMoveBack({ move, onClose }: { readonly move: Move; readonly onClose: (moved: boolean) => void }) {
  const [reason, setReason] = useState('');
  const { busy, problem, run } = useAction();
  return (
    <Dialog title={`Move ${move.name} back?`} onClose={() => onClose(false)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run(
            () => sendMove(move, reason.trim()),
            () => onClose(true),
          );
        }}
      >
        <p>
          From {move.from} back to {move.to}. The history will say that the step was forced.
        </p>
        <label class="field">
          Reason
          <input type="text" value={reason} maxLength={500} onInput={(event) => setReason(event.currentTarget.value)} />
          <span class="hint">Optional; it stands in the history.</span>
        </label>
        {problem !== null && <Notice kind="problem">{problem}</Notice>}
        <div class="actions">
          <button type="button" class="button" onClick={() => onClose(false)}>
            Leave it
          </button>
          <button type="submit" class="button primary" disabled={busy}>
            Move back
          </button>
        </div>
      </form>
    </Dialog>
  );
}
