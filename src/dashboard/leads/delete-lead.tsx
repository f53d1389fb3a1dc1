import { deleteLead, type LeadRow, whatGoesWithLead } from '../documents/leads.ts';
import { request } from '../graph/request.ts';
import { useQuery } from '../graph/use-query.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { plural } from '../ui/numbers.ts';
import { useAction } from '../ui/use-action.ts';
import { leadName } from './lead-name.ts';

type WhatGoes = Readonly<Record<'stageHistory' | 'submissions' | 'events' | 'crmActivity', { readonly totalCount: number }>>;

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
        {goes ? `, with ${contents(goes)}` : ''}. The log keeps one entry with its last state.
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

function contents({ stageHistory, events, crmActivity, submissions }: WhatGoes): string {
  const parts = [
    [stageHistory.totalCount, 'stage change'],
    [events.totalCount, 'event'],
    [crmActivity.totalCount, 'message of the CRM', 'messages of the CRM'],
    [submissions.totalCount, 'receipt with what was sent', 'receipts with what was sent'],
  ] as const;
  return list.format(parts.filter(([count]) => count > 0).map(([count, one, many]) => plural(count, one, many)));
}

const list = new Intl.ListFormat('en-US');
