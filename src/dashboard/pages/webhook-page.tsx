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
import { go, Link, useSearch, useTitle } from '../router.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ErrorNotice, Notice } from '../ui/notice.tsx';
import { Pager, usePages } from '../ui/pager.tsx';
import { SecretDialog } from '../ui/secret-dialog.tsx';
import { useAction } from '../ui/use-action.ts';
import { DeliveryList } from '../webhooks/delivery-list.tsx';
import { EnableWebhook } from '../webhooks/enable-webhook.tsx';
import { ReplayButton } from '../webhooks/replay.tsx';
import { WebhookFacts } from '../webhooks/webhook-facts.tsx';
import { WebhookForm } from '../webhooks/webhook-form.tsx';
import type { PageProps } from './page-props.ts';

const atOnce = 50;
const statuses: readonly DeliveryStatus[] = ['PENDING', 'DELIVERED', 'RETRYING', 'EXHAUSTED', 'CANCELLED'];

export function WebhookPage({ parameter }: PageProps) {
  const id = parameter ?? '';
  const { feed } = useApp();
  const [params, change] = useSearch();
  const status = statuses.find((name) => name === params.get('status')) ?? null;
  const pages = usePages(status ?? '');
  const { data, error, loading, refetch, refetchSoon } = useQuery(
    webhookWithDeliveries,
    { id, first: atOnce, after: pages.after, status: status && [status] },
    { everyMs: 500 },
  );
  useEffect(() => feed.follow(deliveriesLive, { webhookId: id }, refetchSoon), [feed, id, refetchSoon]);
  const webhook = data?.webhook;
  if (!webhook) {
    return (
      <div class="page">
        <ErrorNotice error={error} />
        {!loading && !error && <h1>No such webhook</h1>}
      </div>
    );
  }
  return (
    <div class="page">
      <WebhookHead webhook={webhook} refetch={refetch} />
      <ErrorNotice error={error} />
      <WebhookFacts webhook={webhook} />
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
        <DeliveryList
          deliveries={webhook.deliveries.nodes}
          empty={status === null ? 'Nothing was owed to it yet.' : `No delivery is ${status.toLowerCase()}.`}
          refetch={refetch}
        />
        <Pager label="Deliveries" pages={pages} list={webhook.deliveries} />
      </section>
    </div>
  );
}

function WebhookHead({ webhook, refetch }: { readonly webhook: Webhook; readonly refetch: () => void }) {
  const { canAdminister } = useApp();
  const { busy, problem, run } = useAction();
  const [secret, setSecret] = useState<string | null>(null);
  const [deleting, setDeleting] = useState(false);
  const [editing, setEditing] = useState(false);
  const [enabling, setEnabling] = useState(false);
  const { id: webhookId, enabled } = webhook;
  useTitle(webhook.name);
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
            <button type="button" class="button" onClick={() => setEditing(true)}>
              Edit
            </button>
            <button
              type="button"
              class="button"
              disabled={busy}
              onClick={() =>
                enabled
                  ? run(async () => (await request(updateWebhook, { input: { webhookId, enabled: false } })).updateWebhook, refetch)
                  : setEnabling(true)
              }
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
      {editing && (
        <WebhookForm
          webhook={webhook}
          onClose={() => setEditing(false)}
          onCreated={setSecret}
          onSaved={() => {
            setEditing(false);
            refetch();
          }}
        />
      )}
      {enabling && (
        <EnableWebhook
          webhook={webhook}
          onClose={(done) => {
            setEnabling(false);
            if (done) refetch();
          }}
        />
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
