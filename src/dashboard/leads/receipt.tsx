import type { Receipt } from '../documents/lead.ts';
import { Time } from '../ui/time.tsx';

const tones: Readonly<Record<Receipt['outcome'], string>> = {
  CREATED: 'good',
  UPDATED: 'good',
  UNCHANGED: '',
  DUPLICATE: 'warn',
  REJECTED: 'bad',
};

export const OutcomeTag = ({ outcome }: Pick<Receipt, 'outcome'>) => <span class={`tag ${tones[outcome]}`}>{outcome.toLowerCase()}</span>;

/** What was sent, what became of each field, and why it was refused. */
export function ReceiptEntry({ receipt }: { readonly receipt: Receipt }) {
  const { outcome, dialect, actor, reasons, fields, body, receivedAt, durationMs, ipAddress } = receipt;
  const named = (fate: string) => Object.keys(fields).filter((name) => fields[name] === fate);
  const set = named('SET');
  const conflicts = named('CONFLICT');
  return (
    <li class="entry">
      <div class="entry-head">
        <OutcomeTag outcome={outcome} />
        <span>{dialect}</span>
        <span class="muted">
          {actor}
          {ipAddress !== null && `, ${ipAddress}`}
        </span>
        <span class="muted when">
          <Time at={receivedAt} />, {durationMs.toFixed(1)} ms
        </span>
      </div>
      {reasons.map((reason) => (
        <p key={reason} class={outcome === 'REJECTED' ? 'danger-text' : 'muted'}>
          {reason}
        </p>
      ))}
      {set.length > 0 && (
        <p>
          <span class="muted">Set</span> {set.join(', ')}
        </p>
      )}
      {conflicts.length > 0 && (
        <p>
          <span class="muted">Conflict</span> {conflicts.join(', ')}
        </p>
      )}
      <JsonDetails label="What was sent" value={body} />
    </li>
  );
}

export function JsonDetails({ label, value }: { readonly label: string; readonly value: unknown }) {
  return (
    <details>
      <summary>{label}</summary>
      <pre class="json" tabindex={0}>
        {JSON.stringify(value, null, 2)}
      </pre>
    </details>
  );
}
