import { useApp } from '../app-context.ts';
import { type Delivery, replayDeliveries } from '../documents/webhooks.ts';
import { request } from '../graph/request.ts';
import { leadPath } from '../leads/lead-name.ts';
import { Link } from '../router.tsx';
import { Notice } from '../ui/notice.tsx';
import { plural } from '../ui/numbers.ts';
import { Time } from '../ui/time.tsx';
import { useAction } from '../ui/use-action.ts';
import { StatusTag } from './health.tsx';

interface DeliveryListProps {
  readonly deliveries: readonly Delivery[];
  /** What to say when there is none. */
  readonly empty: string;
  readonly refetch: () => void;
}

/** What was owed to a webhook, and each try. */
export function DeliveryList({ deliveries, empty, refetch }: DeliveryListProps) {
  const { canAdminister } = useApp();
  const { busy, problem, run } = useAction();
  const replay = (id: string) =>
    run(async () => (await request(replayDeliveries, { input: { deliveryIds: [id], dryRun: false } })).replayDeliveries, refetch);
  if (deliveries.length === 0) return <p class="muted">{empty}</p>;
  return (
    <>
      {problem !== null && <Notice kind="problem">{problem}</Notice>}
      <ol class="timeline" aria-label="Deliveries">
        {deliveries.map((delivery) => (
          <li key={delivery.id} class="entry">
            <div class="entry-head">
              <StatusTag status={delivery.status} />
              {delivery.isTest && <span class="tag">test</span>}
              {delivery.held && <span class="tag warn">held</span>}
              <span>{delivery.event}</span>
              <span class="muted">{delivery.change.summary}</span>
              {delivery.change.lead && <Link href={leadPath(delivery.change.lead.number)}>Lead {delivery.change.lead.number}</Link>}
              <span class="muted when">
                <Time at={delivery.createdAt} />
              </span>
            </div>
            {delivery.nextAttemptAt !== null && (
              <p class="muted">
                Next try <Time at={delivery.nextAttemptAt} seconds />
              </p>
            )}
            <Attempts delivery={delivery} />
            {canAdminister && delivery.status !== 'PENDING' && delivery.status !== 'CANCELLED' && !delivery.isTest && (
              <div>
                <button type="button" class="button small" disabled={busy} onClick={() => replay(delivery.id)}>
                  Send again
                </button>
              </div>
            )}
          </li>
        ))}
      </ol>
    </>
  );
}

/** Each try, with what was answered. */
export function Attempts({ delivery: { attempts, attemptCount } }: { readonly delivery: Pick<Delivery, 'attempts' | 'attemptCount'> }) {
  if (attempts.length === 0) return null;
  return (
    <details>
      <summary>{plural(attemptCount, 'attempt')}</summary>
      <ol class="attempts">
        {attempts.map((attempt) => (
          <li key={attempt.number}>
            <p>
              {attempt.number}. <Time at={attempt.at} seconds />: {attempt.statusCode ?? 'no answer'} in {attempt.durationMs} ms
              {attempt.error !== null && <span class="danger-text"> {attempt.error}</span>}
            </p>
            <p class="muted">{attempt.url}</p>
            {attempt.responseBody !== null && attempt.responseBody !== '' && (
              <pre class="json" tabindex={0}>
                {attempt.responseBody}
              </pre>
            )}
          </li>
        ))}
      </ol>
    </details>
  );
}
