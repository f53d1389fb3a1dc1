import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { campaignsAndEvents, createCampaign, createEventType, type Payout } from '../documents/campaigns.ts';
import { useQuery } from '../graph/use-query.ts';
import { request } from '../graph/request.ts';
import { Link } from '../router.tsx';
import { CheckField, FormDialog, listOf, TextField, textOf } from '../ui/form.tsx';
import { Notice } from '../ui/notice.tsx';
import { formatMoney } from '../ui/numbers.ts';
import { Table } from '../ui/table.tsx';
import { useAction } from '../ui/use-action.ts';

const most = 100;

export function Campaigns() {
  const { canAdminister } = useApp();
  const { data, error, refetch } = useQuery(campaignsAndEvents, { first: most });
  const [creating, setCreating] = useState<'campaign' | 'event type' | null>(null);
  const created = () => {
    setCreating(null);
    refetch();
  };
  return (
    <div class="page">
      <header class="page-head">
        <h1>Campaigns and events</h1>
      </header>
      {error && <Notice kind="problem">{error.message}</Notice>}
      <section class="panel">
        <div class="panel-head">
          <h2>Campaigns</h2>
          {canAdminister && (
            <button type="button" class="button small" onClick={() => setCreating('campaign')}>
              New campaign
            </button>
          )}
        </div>
        <Table
          label="Campaigns"
          rows={data?.campaigns.nodes}
          keyOf={({ id }) => id}
          empty="No campaigns yet. A campaign says which events count, and what they pay."
          columns={[
            { name: 'Name', cell: ({ name, cid }) => <Link href={`/app/leads?campaign=${encodeURIComponent(cid)}`}>{name}</Link> },
            { name: 'cid', cell: ({ cid }) => <code>{cid}</code> },
            {
              name: 'Events',
              kind: 'wrap',
              cell: ({ events }) => (
                <span class="actions">
                  {events.map(({ eventId, isConversion, enabled, payout }) => (
                    <span key={eventId} class={`tag ${isConversion ? 'good' : ''}`}>
                      {eventId}
                      {payout && ` ${payoutText(payout)}`}
                      {!enabled && ' (off)'}
                    </span>
                  ))}
                </span>
              ),
            },
          ]}
        />
      </section>
      <section class="panel">
        <div class="panel-head">
          <h2>Event types</h2>
          {canAdminister && (
            <button type="button" class="button small" onClick={() => setCreating('event type')}>
              New event type
            </button>
          )}
        </div>
        <Table
          label="Event types"
          rows={data?.eventTypes}
          keyOf={({ id }) => id}
          empty="No event types yet. What is not configured cannot be fired."
          columns={[
            { name: 'Name', cell: ({ name }) => name },
            { name: 'event_id', cell: ({ eventId }) => <code>{eventId}</code> },
            { name: 'Conversion', cell: ({ isConversion }) => (isConversion ? <span class="tag good">needs revenue</span> : 'no') },
            { name: 'Repeats', cell: ({ allowRepeats }) => (allowRepeats ? 'allowed' : 'once a lead') },
            { name: 'Payout', kind: 'number', cell: ({ payout }) => payout && payoutText(payout) },
          ]}
        />
      </section>
      {creating === 'campaign' && <CreateCampaign onClose={() => setCreating(null)} onDone={created} />}
      {creating === 'event type' && <CreateEventType onClose={() => setCreating(null)} onDone={created} />}
    </div>
  );
}

const payoutText = ({ fixed, percent }: Payout): string => (fixed === null ? `${percent}%` : formatMoney(fixed));

interface CreateProps {
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function CreateCampaign({ onClose, onDone }: CreateProps) {
  const action = useAction();
  return (
    <FormDialog
      title="New campaign"
      submit="Create"
      action={action}
      onClose={onClose}
      onSubmit={(data) => {
        const name = textOf(data, 'name');
        const events = listOf(data, 'events').map((eventId) => ({ eventId }));
        const input = { cid: textOf(data, 'cid'), events, ...(name !== '' && { name }) };
        action.run(async () => (await request(createCampaign, { input })).createCampaign, onDone);
      }}
    >
      <TextField name="cid" label="cid" required hint="What senders call it." />
      <TextField name="name" label="Name" />
      <TextField
        name="events"
        label="Event ids"
        hint="Separated by commas; empty: all of the account. One that is new becomes an event type."
      />
    </FormDialog>
  );
}

function CreateEventType({ onClose, onDone }: CreateProps) {
  const action = useAction();
  return (
    <FormDialog
      title="New event type"
      submit="Create"
      action={action}
      onClose={onClose}
      onSubmit={(data) => {
        const name = textOf(data, 'name');
        const input = {
          eventId: textOf(data, 'eventId'),
          isConversion: data.has('isConversion'),
          allowRepeats: data.has('allowRepeats'),
          ...(name !== '' && { name }),
        };
        action.run(async () => (await request(createEventType, { input })).createEventType, onDone);
      }}
    >
      <TextField name="eventId" label="event_id" required hint="What senders call it, like sale." />
      <TextField name="name" label="Name" />
      <CheckField name="isConversion" label="Counts as a conversion, and needs revenue" />
      <CheckField name="allowRepeats" label="May be fired at one lead more than once" />
    </FormDialog>
  );
}
