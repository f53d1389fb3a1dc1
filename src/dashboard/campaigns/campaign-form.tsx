import { useRef, useState } from 'preact/hooks';
import {
  type Campaign,
  type CampaignEvent,
  type CampaignEventInput,
  createCampaign,
  type EventType,
  updateCampaign,
} from '../documents/campaigns.ts';
import { request } from '../graph/request.ts';
import { TextField } from '../ui/fields.tsx';
import { textOf } from '../ui/form-values.ts';
import { FormDialog } from '../ui/form.tsx';
import { useAction } from '../ui/use-action.ts';
import { CampaignEventFields } from './campaign-event-fields.tsx';
import { payoutFrom } from './payout-field.tsx';

interface CampaignFormProps {
  /** Null: a new one. */
  readonly campaign: Campaign | null;
  readonly eventTypes: readonly EventType[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

interface Row {
  readonly key: number;
  readonly event: CampaignEvent | null;
}

/** A campaign with its events; an event that is new to the account becomes an event type of it. */
export function CampaignForm({ campaign, eventTypes, onClose, onDone }: CampaignFormProps) {
  const action = useAction();
  const nextKey = useRef(0);
  const toRow = (event: CampaignEvent | null): Row => ({ key: nextKey.current++, event });
  const [rows, setRows] = useState<readonly Row[]>(() => (campaign?.events ?? []).map(toRow));

  function save(data: FormData): void {
    const name = textOf(data, 'name');
    const settings = { cid: textOf(data, 'cid'), ...(name !== '' && { name }), events: rows.map((_, i) => toEvent(data, `events.${i}`)) };
    if (campaign === null) action.run(async () => (await request(createCampaign, { input: settings })).createCampaign, onDone);
    else {
      const input = { campaignId: campaign.id, ...settings };
      action.run(async () => (await request(updateCampaign, { input })).updateCampaign, onDone);
    }
  }

  return (
    <FormDialog
      title={campaign === null ? 'New campaign' : `Edit ${campaign.name}`}
      submit={campaign === null ? 'Create' : 'Save'}
      blames={{ ID_TAKEN: 'cid' }}
      wide
      action={action}
      onClose={onClose}
      onSubmit={save}
    >
      <div class="field-columns">
        <TextField name="cid" label="cid" required value={campaign?.cid ?? null} hint="What senders call it." />
        <TextField name="name" label="Name" required={campaign !== null} value={campaign?.name ?? null} />
      </div>
      <fieldset class="stack-tight">
        <legend>Events</legend>
        <p class="hint">
          {rows.length === 0
            ? 'All event types of the account count, as they stand there.'
            : 'What is inherited is as the event type says, also when that changes.'}
        </p>
        {rows.map(({ key, event }, i) => (
          <CampaignEventFields
            key={key}
            name={`events.${i}`}
            event={event}
            eventTypes={eventTypes}
            onRemove={() => setRows(rows.filter((row) => row.key !== key))}
          />
        ))}
        <div>
          <button type="button" class="button small" onClick={() => setRows([...rows, toRow(null)])}>
            Add an event
          </button>
        </div>
      </fieldset>
      <datalist id="event-ids">
        {eventTypes.map(({ id, eventId }) => (
          <option key={id} value={eventId} />
        ))}
      </datalist>
    </FormDialog>
  );
}

function toEvent(data: FormData, name: string): CampaignEventInput {
  const isConversion = textOf(data, `${name}.isConversion`);
  const allowRepeats = textOf(data, `${name}.allowRepeats`);
  const payout = payoutFrom(data, `${name}.payout`);
  return {
    eventId: textOf(data, `${name}.eventId`),
    enabled: data.has(`${name}.enabled`),
    ...(isConversion !== '' && { isConversion: isConversion === 'yes' }),
    ...(allowRepeats !== '' && { allowRepeats: allowRepeats === 'yes' }),
    ...(payout && { payout }),
  };
}
