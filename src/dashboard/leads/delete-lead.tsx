import { deleteLead, type LeadRow, whatGoesWithLead } from '../documents/leads.ts';
import { request } from '../graph/request.ts';
import { useQuery } from '../graph/use-query.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { plural } from '../ui/numbers.ts';
import { useAction } from '../ui/use-action.ts';
import { leadName } from './lead-name.ts';

interface DeleteLeadProps {
  readonly lead: Pick<LeadRow, 'id' | 'number' | 'firstName' | 'lastName' | 'company' | 'email'>;
  readonly onClose: () => void;
  readonly onDeleted?: () => void;
}

/** Says what goes before it goes. */
export function DeleteLead({ lead, onClose, onDeleted }: DeleteLeadProps) {
  const { data } = useQuery(whatGoesWithLead, { id: lead.id });
  const { busy, problem, run } = useAction();
  const goes = data?.lead;
  return (
    <Dialog title={`Delete ${leadName(lead)}?`} onClose={onClose}>
      <p>
        Lead {lead.number} goes for good
        {goes
          ? `, with ${plural(goes.stageHistory.totalCount, 'stage change')} and ${plural(goes.submissions.totalCount, 'receipt')} with what was sent`
          : ''}
        . The log keeps one entry with its last state.
      </p>
      {problem !== null && <Notice kind="problem">{problem}</Notice>}
      <div class="actions">
        <button type="button" class="button" onClick={onClose}>
          Keep it
        </button>
        <button
          type="button"
          class="button danger"
          disabled={busy}
          onClick={() =>
            run(
              async () => (await request(deleteLead, { leadId: lead.id })).deleteLead,
              () => {
                onClose();
                onDeleted?.();
              },
            )
          }
        >
          Delete for good
        </button>
      </div>
    </Dialog>
  );
}
