import { useState } from 'preact/hooks';
import { replayDeliveries, type ReplayDeliveriesInput } from '../documents/webhooks.ts';
import { request } from '../graph/request.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { plural } from '../ui/numbers.ts';
import { useAction } from '../ui/use-action.ts';

const hourMs = 3_600_000;
const spans = [
  ['1', 'the last hour'],
  ['24', 'the last day'],
  ['168', 'the last 7 days'],
  ['720', 'the last 30 days'],
] as const;

const choices = [
  ['EXHAUSTED', 'what failed for good'],
  ['', 'everything'],
] as const;

/** Sends deliveries again, after it has said how many these are. */
export function ReplayButton({ webhookId, onDone }: { readonly webhookId: string; readonly onDone: () => void }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="button" onClick={() => setOpen(true)}>
        Replay
      </button>
      {open && (
        <ReplayDialog
          webhookId={webhookId}
          onClose={() => {
            setOpen(false);
            onDone();
          }}
        />
      )}
    </>
  );
}

function ReplayDialog({ webhookId, onClose }: { readonly webhookId: string; readonly onClose: () => void }) {
  const [hours, setHours] = useState('24');
  const [status, setStatus] = useState<(typeof choices)[number][0]>('EXHAUSTED');
  const [counted, setCounted] = useState<number | null>(null);
  const [sent, setSent] = useState<number | null>(null);
  const { busy, problem, run } = useAction();

  const replay = (dryRun: boolean, onCount: (count: number) => void) => {
    const input: ReplayDeliveriesInput = {
      webhookId,
      since: new Date(Date.now() - Number(hours) * hourMs).toISOString(),
      ...(status !== '' && { status: [status] }),
      dryRun,
    };
    run(
      async () => (await request(replayDeliveries, { input })).replayDeliveries,
      ({ count }) => onCount(count),
    );
  };

  return (
    <Dialog title="Replay deliveries" onClose={onClose}>
      <label class="field">
        Send again
        <select
          value={status}
          onChange={(event) => {
            setStatus(choices.find(([value]) => value === event.currentTarget.value)?.[0] ?? 'EXHAUSTED');
            setCounted(null);
          }}
        >
          {choices.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        Recorded in
        <select
          value={hours}
          onChange={(event) => {
            setHours(event.currentTarget.value);
            setCounted(null);
          }}
        >
          {spans.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {problem !== null && <Notice kind="problem">{problem}</Notice>}
      <p role="status">
        {sent !== null
          ? `${plural(sent, 'delivery', 'deliveries')} on the way.`
          : counted !== null && `${plural(counted, 'delivery', 'deliveries')}.`}
      </p>
      <div class="actions">
        <button type="button" class="button" onClick={onClose}>
          Close
        </button>
        {sent === null &&
          (counted === null ? (
            <button type="button" class="button primary" disabled={busy} onClick={() => replay(true, setCounted)}>
              Count first
            </button>
          ) : (
            <button type="button" class="button primary" disabled={busy || counted === 0} onClick={() => replay(false, setSent)}>
              Send {plural(counted, 'delivery', 'deliveries')} again
            </button>
          ))}
      </div>
    </Dialog>
  );
}
