import { useState } from 'preact/hooks';
import { updateWebhook, type Webhook } from '../documents/webhooks.ts';
import { request } from '../graph/request.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { useAction } from '../ui/use-action.ts';

const hourMs = 3_600_000;

/** Enabling says what becomes of all that was recorded meanwhile. */
export function EnableWebhook({ webhook, onClose }: { readonly webhook: Webhook; readonly onClose: (enabled: boolean) => void }) {
  const [recover, setRecover] = useState('');
  const { busy, problem, run } = useAction();
  const choices: readonly (readonly [since: string, label: string])[] = [
    ['', 'nothing: go on with what happens from now on'],
    ...(webhook.disabledAt === null ? [] : [[webhook.disabledAt, 'everything since it was disabled'] as const]),
    [hoursAgo(1), 'what was not delivered in the last hour'],
    [hoursAgo(24), 'what was not delivered in the last day'],
    [hoursAgo(168), 'what was not delivered in the last 7 days'],
  ];
  return (
    <Dialog title={`Enable ${webhook.name}`} onClose={() => onClose(false)}>
      <label class="field">
        Send first
        <select value={recover} onChange={(event) => setRecover(event.currentTarget.value)}>
          {choices.map(([since, label]) => (
            <option key={label} value={since}>
              {label}
            </option>
          ))}
        </select>
        <span class="hint">In the order of each lead, before anything new. What is left out can be replayed later.</span>
      </label>
      {problem !== null && <Notice kind="problem">{problem}</Notice>}
      <div class="actions">
        <button type="button" class="button" onClick={() => onClose(false)}>
          Leave it disabled
        </button>
        <button
          type="button"
          class="button primary"
          disabled={busy}
          onClick={() =>
            run(
              async () =>
                (
                  await request(updateWebhook, {
                    input: { webhookId: webhook.id, enabled: true, ...(recover !== '' && { recoverSince: recover }) },
                  })
                ).updateWebhook,
              () => onClose(true),
            )
          }
        >
          Enable
        </button>
      </div>
    </Dialog>
  );
}

/** To the hour, so that the choice stays the same while it is made. */
const hoursAgo = (hours: number): string => new Date(Math.floor(Date.now() / hourMs - hours) * hourMs).toISOString();
