import { createEventType, type EventType, type EventTypeSettings, updateEventType } from '../documents/campaigns.ts';
import { request } from '../graph/request.ts';
import { CheckField, TextAreaField, TextField } from '../ui/fields.tsx';
import { textOf, textOrNull } from '../ui/form-values.ts';
import { FormDialog } from '../ui/form.tsx';
import { useAction } from '../ui/use-action.ts';
import { payoutFrom, PayoutField } from './payout-field.tsx';

interface EventTypeFormProps {
  /** Null: a new one. */
  readonly eventType: EventType | null;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function EventTypeForm({ eventType, onClose, onDone }: EventTypeFormProps) {
  const action = useAction();

  function save(data: FormData): void {
    const settings = toSettings(data);
    if (eventType === null) {
      const input = { eventId: textOf(data, 'eventId'), ...settings };
      action.run(async () => (await request(createEventType, { input })).createEventType, onDone);
    } else {
      const input = { eventTypeId: eventType.id, ...settings };
      action.run(async () => (await request(updateEventType, { input })).updateEventType, onDone);
    }
  }

  return (
    <FormDialog
      title={eventType === null ? 'New event type' : `Edit ${eventType.name}`}
      submit={eventType === null ? 'Create' : 'Save'}
      blames={{ ID_TAKEN: 'eventId' }}
      action={action}
      onClose={onClose}
      onSubmit={save}
    >
      {eventType === null && (
        <TextField name="eventId" label="event_id" required hint="What senders call it, like sale. It stays for good." />
      )}
      <TextField name="name" label="Name" value={eventType?.name ?? null} required={eventType !== null} />
      <TextAreaField name="description" label="Description" rows={2} value={eventType?.description ?? null} />
      <div class="field-columns">
        <PayoutField name="payout" none="nothing" payout={eventType?.payout ?? null} />
      </div>
      <div class="stack-tight">
        <CheckField name="isConversion" label="Counts as a conversion, and needs revenue" checked={eventType?.isConversion ?? false} />
        <CheckField name="allowRepeats" label="May be fired at one lead more than once" checked={eventType?.allowRepeats ?? false} />
      </div>
    </FormDialog>
  );
}

function toSettings(data: FormData): EventTypeSettings {
  const name = textOf(data, 'name');
  return {
    ...(name !== '' && { name }),
    description: textOrNull(data, 'description'),
    isConversion: data.has('isConversion'),
    allowRepeats: data.has('allowRepeats'),
    payout: payoutFrom(data, 'payout'),
  };
}
