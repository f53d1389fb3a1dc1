import { useState } from 'preact/hooks';
import { eraseLead, type LeadRow } from '../documents/leads.ts';
import { request } from '../graph/request.ts';
import { Dialog } from '../ui/dialog.tsx';
import { CheckField, TextField } from '../ui/fields.tsx';
import { textOf } from '../ui/form-values.ts';
import { FormDialog } from '../ui/form.tsx';
import { plural } from '../ui/numbers.ts';
import { useAction } from '../ui/use-action.ts';
import { leadName } from './lead-name.ts';

interface EraseLeadProps {
  readonly lead: Pick<LeadRow, 'id' | 'number' | 'firstName' | 'lastName' | 'company' | 'email'>;
  readonly onClose: () => void;
  readonly onErased: () => void;
}

/** For a person who wants to be forgotten: more goes than with a deletion, and nothing brings it back. */
export function EraseLead({ lead, onClose, onErased }: EraseLeadProps) {
  const [duplicatesLeft, setDuplicatesLeft] = useState<number | null>(null);
  const action = useAction();
  if (duplicatesLeft !== null) {
    return (
      <Dialog title="The person is erased" onClose={onErased}>
        <p>{plural(duplicatesLeft, 'lead')} of the same person, which repeated this one or were repeated by it, stay.</p>
        <div class="actions">
          <button type="button" class="button primary" onClick={onErased}>
            All Leads
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <FormDialog
      title={`Erase ${leadName(lead)}?`}
      submit="Erase for good"
      danger
      action={action}
      onClose={onClose}
      onSubmit={(data) => {
        const reason = textOf(data, 'reason');
        const input = { leadId: lead.id, includeDuplicates: data.has('includeDuplicates'), ...(reason !== '' && { reason }) };
        action.run(
          async () => (await request(eraseLead, { input })).eraseLead,
          (done) => (done.duplicatesLeft > 0 ? setDuplicatesLeft(done.duplicatesLeft) : onErased()),
        );
      }}
    >
      <p>
        Everything that tells who lead {lead.number} is goes, for good: the lead with its history, receipts, events and CRM activity, its
        values in the log, what webhooks were told of it, and refused leads with its address. Counts stay. Nothing can bring it back.
      </p>
      <CheckField name="includeDuplicates" label="Also the leads that repeat it, or that it repeats" />
      <TextField name="reason" label="Reason" hint="For the log: nothing that tells who the person is." />
    </FormDialog>
  );
}
