import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { CampaignForm } from '../campaigns/campaign-form.tsx';
import { EventTypeForm } from '../campaigns/event-type-form.tsx';
import { payoutText } from '../campaigns/payout-field.tsx';
import { type Campaign, campaignsAndEvents, type EventType } from '../documents/campaigns.ts';
import { useQuery } from '../graph/use-query.ts';
import { Link } from '../router.tsx';
import { ErrorNotice } from '../ui/notice.tsx';
import { Pager, usePages } from '../ui/pager.tsx';
import { Table } from '../ui/table.tsx';

const most = 100;

export function Campaigns() {
  const { canAdminister } = useApp();
  const pages = usePages();
  const { data, error, refetch } = useQuery(campaignsAndEvents, { first: most, after: pages.after });
  const [campaign, setCampaign] = useState<Campaign | 'new' | null>(null);
  const [eventType, setEventType] = useState<EventType | 'new' | null>(null);
  const close = () => {
    setCampaign(null);
    setEventType(null);
  };
  const done = () => {
    close();
    refetch();
  };
  const eventTypes = data?.eventTypes ?? [];

  return (
    <div class="page">
      <header class="page-head">
        <h1>Campaigns and events</h1>
      </header>
      <ErrorNotice error={error} />
      {data && (
        <>
          <section class="panel">
            <div class="panel-head">
              <h2>Campaigns</h2>
              {canAdminister && (
                <button type="button" class="button small" onClick={() => setCampaign('new')}>
                  New campaign
                </button>
              )}
            </div>
            <Table
              label="Campaigns"
              rows={data.campaigns.nodes}
              keyOf={({ id }) => id}
              empty="No campaigns yet. A campaign says which events count, and what they pay."
              columns={[
                {
                  name: 'Name',
                  kind: 'wrap',
                  cell: ({ name, cid }) => <Link href={`/app/leads?campaign=${encodeURIComponent(cid)}`}>{name}</Link>,
                },
                { name: 'cid', cell: ({ cid }) => <code>{cid}</code> },
                { name: 'Events', kind: 'wrap', cell: (row) => <CampaignEvents campaign={row} /> },
                ...(canAdminister ? [editColumn<Campaign>(setCampaign)] : []),
              ]}
            />
            <Pager label="Campaigns" pages={pages} list={data.campaigns} />
          </section>
          <section class="panel">
            <div class="panel-head">
              <h2>Event types</h2>
              {canAdminister && (
                <button type="button" class="button small" onClick={() => setEventType('new')}>
                  New event type
                </button>
              )}
            </div>
            <Table
              label="Event types"
              rows={data.eventTypes}
              keyOf={({ id }) => id}
              empty="No event types yet. What is not configured cannot be fired."
              columns={[
                {
                  name: 'Name',
                  kind: 'wrap',
                  cell: ({ name, description }) => (
                    <>
                      {name}
                      {description !== null && <div class="muted under">{description}</div>}
                    </>
                  ),
                },
                { name: 'event_id', cell: ({ eventId }) => <code>{eventId}</code> },
                { name: 'Conversion', cell: ({ isConversion }) => (isConversion ? <span class="tag good">needs revenue</span> : 'no') },
                { name: 'Repeats', cell: ({ allowRepeats }) => (allowRepeats ? 'allowed' : 'once a lead') },
                { name: 'Payout', kind: 'number', cell: ({ payout }) => payout && payoutText(payout) },
                ...(canAdminister ? [editColumn<EventType>(setEventType)] : []),
              ]}
            />
          </section>
        </>
      )}
      {campaign !== null && (
        <CampaignForm campaign={campaign === 'new' ? null : campaign} eventTypes={eventTypes} onClose={close} onDone={done} />
      )}
      {eventType !== null && <EventTypeForm eventType={eventType === 'new' ? null : eventType} onClose={close} onDone={done} />}
    </div>
  );
}

const editColumn = <Row extends { readonly name: string }>(edit: (row: Row) => void) => ({
  name: 'Actions',
  kind: 'row-actions' as const,
  cell: (row: Row) => (
    <button type="button" class="button small" aria-label={`Edit ${row.name}`} onClick={() => edit(row)}>
      Edit
    </button>
  ),
});

function CampaignEvents({ campaign: { events } }: { readonly campaign: Campaign }) {
  return (
    <span class="actions">
      {events.map(({ eventId, isConversion, enabled, payout }) => (
        <span key={eventId} class={`tag ${isConversion ? 'good' : ''}`}>
          {eventId}
          {payout && ` ${payoutText(payout)}`}
          {!enabled && ' (off)'}
        </span>
      ))}
    </span>
  );
}
