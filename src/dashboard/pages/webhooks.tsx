import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { allWebhooks, deliveriesLive } from '../documents/webhooks.ts';
import { usePolling } from '../graph/use-polling.ts';
import { useQuery } from '../graph/use-query.ts';
import { Link } from '../router.tsx';
import { ErrorNotice } from '../ui/notice.tsx';
import { Pager, usePages } from '../ui/pager.tsx';
import { SecretDialog } from '../ui/secret-dialog.tsx';
import { Table } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { HealthTag } from '../webhooks/health.tsx';
import { WebhookForm } from '../webhooks/webhook-form.tsx';

const most = 100;
/** Each try is told live; what people set elsewhere is not. */
const pollEveryMs = 15_000;
const healthEveryMs = 1000;

export function Webhooks() {
  const { canAdminister, feed } = useApp();
  const pages = usePages();
  const { data, error, refetch, refetchSoon } = useQuery(allWebhooks, { first: most, after: pages.after }, { everyMs: healthEveryMs });
  usePolling(refetch, pollEveryMs);
  useEffect(() => feed.follow(deliveriesLive, { webhookId: null }, refetchSoon), [feed, refetchSoon]);
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <div class="page">
      <header class="page-head">
        <h1>Webhooks</h1>
        {canAdminister && (
          <button type="button" class="button primary" onClick={() => setCreating(true)}>
            New webhook
          </button>
        )}
      </header>
      <ErrorNotice error={error} />
      <Table
        label="Webhooks"
        rows={data?.webhooks.nodes}
        keyOf={({ id }) => id}
        empty="No webhooks yet. A webhook tells another system of each change, signed, in the order of each lead."
        columns={[
          { name: 'Name', cell: ({ id, name }) => <Link href={`/app/webhooks/${id}`}>{name}</Link> },
          { name: 'Health', cell: ({ health }) => <HealthTag health={health} /> },
          { name: 'Calls', kind: 'wrap', cell: ({ method, url }) => <code>{`${method} ${url}`}</code> },
          { name: 'Told of', kind: 'wrap', cell: ({ events }) => events.join(', ') },
          {
            name: 'Last success',
            cell: ({ lastSuccessAt }) => (lastSuccessAt === null ? <span class="muted">never</span> : <Time at={lastSuccessAt} />),
          },
        ]}
      />
      <Pager label="Webhooks" pages={pages} list={data?.webhooks} />
      {creating && (
        <WebhookForm
          webhook={null}
          onClose={() => setCreating(false)}
          onSaved={refetch}
          onCreated={(made) => {
            setCreating(false);
            setSecret(made);
            refetch();
          }}
        />
      )}
      {secret !== null && <SecretDialog title="Signing secret" secret={secret} onClose={() => setSecret(null)} />}
    </div>
  );
}
