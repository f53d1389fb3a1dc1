import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import {
  deleteWebhook,
  deliveriesLive,
  type DeliveryStatus,
  rotateWebhookSecret,
  testWebhook,
  updateWebhook,
  type Webhook,
  webhookWithDeliveries,
} from '../documents/webhooks.ts';
import { useQuery } from '../graph/use-query.ts';
import { request } from '../graph/request.ts';
import type { PageProps } from '../pages.ts';
import { go, Link, useSearch } from '../router.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { SecretDialog } from '../ui/secret-dialog.tsx';
import { Time } from '../ui/time.tsx';
import { useAction } from '../ui/use-action.ts';
import { DeliveryList } from '../webhooks/delivery-list.tsx';
import { HealthTag } from '../webhooks/health.tsx';
import { ReplayButton } from '../webhooks/replay.tsx';

const newest = 50;
const statuses: readonly DeliveryStatus[] = ['PENDING', 'DELIVERED', 'RETRYING', 'EXHAUSTED', 'CANCELLED'];

export function WebhookPage({ parameter }: PageProps) {
  const id = parameter ?? '';
  const { feed } = useApp();
  const [params, change] = useSearch();
  const status = statuses.find((name) => name === params.get('status')) ?? null;
  const { data, error, loading, refetch } = useQuery(
    webhookWithDeliveries,
    { id, first: newest, status: status && [status] },
    { everyMs: 500 },
  );
  useEffect(() => feed.follow(deliveriesLive, { webhookId: id }, refetch), [feed, id, refetch]);
  const webhook = data?.webhook;
  if (!webhook) {
    return (
      <div class="page">
        {error && <Notice kind="problem">{error.message}</Notice>}
        {!loading && !error && <h1>No such webhook</h1>}
      </div>
    );
  }
  return (
    <div class="page">
      <WebhookHead webhook={webhook} refetch={refetch} />
      {error && <Notice kind="problem">{error.message}</Notice>}
      <dl class="facts">
        <div>
          <dt>Calls</dt>
          <dd>
            <code>{`${webhook.method} ${webhook.url}`}</code>
          </dd>
        </div>
        <div>
          <dt>Told of</dt>
          <dd>
            {webhook.events.join(', ')}, body {webhook.payloadFormat}
          </dd>
        </div>
        <div>
          <dt>Health</dt>
          <dd>
            <HealthTag health={webhook.health} /> {webhook.consecutiveFailures > 0 && `${webhook.consecutiveFailures} failures in a row `}
            {webhook.disablesAt !== null && (
              <>
                , disabled <Time at={webhook.disablesAt} /> if it goes on
              </>
            )}
          </dd>
        </div>
      </dl>
      <section class="panel">
        <div class="panel-head">
          <h2>Deliveries</h2>
          <label class="inline">
            <span>Status</span>
            <select value={status ?? ''} onChange={(event) => change({ status: event.currentTarget.value })}>
              <option value="">All</option>
              {statuses.map((name) => (
                <option key={name} value={name}>
                  {name.toLowerCase()}
                </option>
              ))}
            </select>
          </label>
        </div>
        <DeliveryList deliveries={webhook.deliveries.nodes} refetch={refetch} />
      </section>
    </div>
  );
}

function WebhookHead({ webhook, refetch }: { readonly webhook: Webhook; readonly refetch: () => void }) {
  const { canAdminister } = useApp();
  const { busy, problem, run } = useAction();
  const [secret, setSecret] = useState<string | null>(null);
  const [deleting, setDeleting] = useState(false);
  const { id: webhookId, enabled } = webhook;
  return (
    <>
      <header class="page-head">
        <div>
          <h1>{webhook.name}</h1>
          <p class="muted">
            <Link href="/app/webhooks">Webhooks</Link>
          </p>
        </div>
        {canAdminister && (
          <div class="actions">
            <button
              type="button"
              class="button"
              disabled={busy}
              onClick={() => run(async () => (await request(testWebhook, { webhookId })).testWebhook, refetch)}
            >
              Send a test
            </button>
            <ReplayButton webhookId={webhookId} onDone={refetch} />
            <button
              type="button"
              class="button"
              disabled={busy}
              onClick={() => run(async () => (await request(updateWebhook, { webhookId, enabled: !enabled })).updateWebhook, refetch)}
            >
              {enabled ? 'Disable' : 'Enable'}
            </button>
            <button
              type="button"
              class="button"
              disabled={busy}
              onClick={() =>
                run(
                  async () => (await request(rotateWebhookSecret, { webhookId })).rotateWebhookSecret,
                  (done) => setSecret(done.secret),
                )
              }
            >
              New secret
            </button>
            <button type="button" class="button danger" onClick={() => setDeleting(true)}>
              Delete
            </button>
          </div>
        )}
      </header>
      {problem !== null && <Notice kind="problem">{problem}</Notice>}
      {secret !== null && (
        <SecretDialog title="New signing secret. The former one signs for another day." secret={secret} onClose={() => setSecret(null)} />
      )}
      {deleting && (
        <Dialog title={`Delete ${webhook.name}?`} onClose={() => setDeleting(false)}>
          <p>Nothing is sent to it any more. What it was told stays to be looked up.</p>
          <div class="actions">
            <button type="button" class="button" onClick={() => setDeleting(false)}>
              Keep it
            </button>
            <button
              type="button"
              class="button danger"
              disabled={busy}
              onClick={() =>
                run(
                  async () => (await request(deleteWebhook, { webhookId })).deleteWebhook,
                  () => go('/app/webhooks'),
                )
              }
            >
              Delete
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
