import type { CampaignEvent, EventType } from '../documents/campaigns.ts';
import { CheckField, SelectField, TextField } from '../ui/fields.tsx';
import { isSamePayout, PayoutField } from './payout-field.tsx';

interface CampaignEventFieldsProps {
  readonly name: string;
  readonly event: CampaignEvent | null;
  readonly eventTypes: readonly EventType[];
  readonly onRemove: () => void;
}

const inherited = 'inherited';

const choice = (own: boolean | undefined, usual: boolean | undefined): string =>
  own === undefined || own === usual ? '' : own ? 'yes' : 'no';

/** What a campaign sets differently for one event. A setting that equals the event type's goes on following it. */
export function CampaignEventFields({ name, event, eventTypes, onRemove }: CampaignEventFieldsProps) {
  const type = eventTypes.find(({ eventId }) => eventId === event?.eventId);
  const payout = event && !isSamePayout(event.payout, type?.payout ?? null) ? event.payout : null;
  return (
    <div class="campaign-event" role="group" aria-label={event?.eventId ?? 'New event'}>
      <TextField name={`${name}.eventId`} label="event_id" required list="event-ids" value={event?.eventId ?? null} />
      <SelectField
        name={`${name}.isConversion`}
        label="Conversion"
        value={choice(event?.isConversion, type?.isConversion)}
        options={[
          ['', inherited],
          ['yes', 'yes, needs revenue'],
          ['no', 'no'],
        ]}
      />
      <SelectField
        name={`${name}.allowRepeats`}
        label="Repeats"
        value={choice(event?.allowRepeats, type?.allowRepeats)}
        options={[
          ['', inherited],
          ['yes', 'allowed'],
          ['no', 'once a lead'],
        ]}
      />
      <PayoutField name={`${name}.payout`} none={inherited} payout={payout} />
      <div class="campaign-event-foot">
        <CheckField name={`${name}.enabled`} label="Can be fired" checked={event?.enabled ?? true} />
        <button type="button" class="button quiet small danger" onClick={onRemove}>
          Remove
        </button>
      </div>
    </div>
  );
}
