import type { TimelineEntry } from '../documents/lead.ts';
import { Link } from '../router.tsx';
import { Time } from '../ui/time.tsx';
import { Attempts } from '../webhooks/delivery-list.tsx';
import { StatusTag } from '../webhooks/health.tsx';
import { JsonDetails } from './receipt.tsx';

/** Heard of later than this, an entry says so. */
const lateMs = 60_000;

/** Everything that happened to the lead, newest first by the time it happened. */
export function Timeline({ entries }: { readonly entries: readonly TimelineEntry[] }) {
  return (
    <ol class="timeline">
      {entries.map(({ id, label, summary, origin, actor, occurredAt, receivedAt, previous, crmActivity, deliveries }) => (
        <li key={id} class="entry">
          <div class="entry-head">
            <span class={`tag ${label === 'CRM' ? 'warn' : ''}`}>{label}</span>
            <span>{summary}</span>
            <span class="muted when">
              <Time at={occurredAt} />
            </span>
          </div>
          <p class="muted">
            {actor} by {origin}
            {Date.parse(receivedAt) - Date.parse(occurredAt) > lateMs && (
              <>
                , heard <Time at={receivedAt} />
              </>
            )}
          </p>
          {previous !== null && Object.keys(previous).length > 0 && <JsonDetails label="Before" value={previous} />}
          {crmActivity && <JsonDetails label="What the CRM sent" value={crmActivity.payload} />}
          {deliveries.map((delivery) => (
            <div key={delivery.id} class="delivery">
              <StatusTag status={delivery.status} /> <Link href={`/app/webhooks/${delivery.webhook.id}`}>{delivery.webhook.name}</Link>
              <Attempts delivery={delivery} />
            </div>
          ))}
        </li>
      ))}
    </ol>
  );
}
