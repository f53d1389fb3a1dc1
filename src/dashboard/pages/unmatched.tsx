import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { leadByNumber, linkCrmLead, type UnmatchedActivity, unmatchedCrmActivity } from '../documents/crm.ts';
import { usePolling } from '../graph/use-polling.ts';
import { useQuery } from '../graph/use-query.ts';
import { GraphError, request } from '../graph/request.ts';
import { JsonDetails } from '../leads/receipt.tsx';
import { TextField } from '../ui/fields.tsx';
import { textOf } from '../ui/form-values.ts';
import { FormDialog } from '../ui/form.tsx';
import { ErrorNotice, Notice } from '../ui/notice.tsx';
import { formatCount, plural } from '../ui/numbers.ts';
import { Pager, usePages } from '../ui/pager.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { useAction } from '../ui/use-action.ts';

const atOnce = 50;
/** What begins to wait for its lead stands on no lead, so the log is silent about it; that it was bound is in the log. */
const pollEveryMs = 5000;

export function Unmatched() {
  const { canEdit } = useApp();
  const pages = usePages();
  const { data, error, refetch } = useQuery(
    unmatchedCrmActivity,
    { first: atOnce, after: pages.after },
    { isAffected: ({ type }) => type.startsWith('crm.') },
  );
  usePolling(refetch, pollEveryMs);
  const [linking, setLinking] = useState<UnmatchedActivity | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const waiting = data?.unmatchedCrmActivity;
  return (
    <div class="page">
      <header class="page-head">
        <h1>Unmatched CRM activity</h1>
        <p class="muted">
          {waiting && `${waiting.totalCountIsExact ? '' : 'more than '}${formatCount(waiting.totalCount)} waiting for a lead`}
        </p>
      </header>
      <ErrorNotice error={error} />
      {done !== null && <Notice kind="done">{done}</Notice>}
      <Table
        label="Unmatched CRM activity"
        rows={waiting?.nodes}
        keyOf={({ id }) => id}
        empty="Everything that the CRM reported stands on a lead."
        columns={[
          { name: 'CRM id', cell: ({ crmLeadId }) => <code>{crmLeadId}</code> },
          { name: 'Event', cell: ({ eventType }) => eventType },
          { name: 'Status', cell: ({ status }) => status },
          { name: 'Heard', cell: ({ receivedAt }) => <Time at={receivedAt} /> },
          { name: 'Message', kind: 'wrap', cell: ({ payload }) => <JsonDetails label="Show" value={payload} /> },
          ...(canEdit ? [linkColumn(setLinking)] : []),
        ]}
      />
      <Pager label="Unmatched CRM activity" pages={pages} list={waiting} />
      {linking && (
        <LinkDialog
          activity={linking}
          onClose={() => setLinking(null)}
          onDone={(bound) => {
            setLinking(null);
            setDone(`${plural(bound, 'entry', 'entries')} linked.`);
            refetch();
          }}
        />
      )}
    </div>
  );
}

const linkColumn = (link: (activity: UnmatchedActivity) => void): Column<UnmatchedActivity> => ({
  name: 'Actions',
  kind: 'row-actions',
  cell: (activity) => (
    <button type="button" class="button small" onClick={() => link(activity)}>
      Link to a lead
    </button>
  ),
});

interface LinkDialogProps {
  readonly activity: UnmatchedActivity;
  readonly onClose: () => void;
  readonly onDone: (bound: number) => void;
}

function LinkDialog({ activity, onClose, onDone }: LinkDialogProps) {
  const action = useAction();
  return (
    <FormDialog
      title={`Link ${activity.crmLeadId}`}
      submit="Link"
      action={action}
      onClose={onClose}
      onSubmit={(data) =>
        action.run(
          () => link(textOf(data, 'number'), activity.crmLeadId),
          ({ bound }) => onDone(bound),
        )
      }
    >
      <p>All that waits for this CRM id moves to the lead, and so will what comes later.</p>
      <TextField name="number" label="Number of the lead" required hint="Like 42; it stands on the lead's page." />
    </FormDialog>
  );
}

async function link(text: string, crmLeadId: string) {
  const number = Number(text.replace('#', ''));
  const { lead } = Number.isSafeInteger(number) && number < 2 ** 31 ? await request(leadByNumber, { number }) : { lead: null };
  if (!lead) throw new GraphError('LEAD_NOT_FOUND', `There is no lead ${text}.`);
  return (await request(linkCrmLead, { leadId: lead.id, crmLeadId })).linkCrmLead;
}
