import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { allWebhooks, createWebhook } from '../documents/webhooks.ts';
import { usePolling } from '../graph/use-polling.ts';
import { useQuery } from '../graph/use-query.ts';
import { request } from '../graph/request.ts';
import { Link } from '../router.tsx';
import { FormDialog, listOf, TextField, textOf } from '../ui/form.tsx';
import { Notice } from '../ui/notice.tsx';
import { SecretDialog } from '../ui/secret-dialog.tsx';
import { Table } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { useAction } from '../ui/use-action.ts';
import { HealthTag } from '../webhooks/health.tsx';

const most = 100;
const pollEveryMs = 3000;

export function Webhooks() {
  const { canAdminister } = useApp();
  const { data, error, refetch } = useQuery(allWebhooks, { first: most });
  usePolling(refetch, pollEveryMs);
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
      {error && <Notice kind="problem">{error.message}</Notice>}
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
      {creating && (
        <CreateWebhook
          onClose={() => setCreating(false)}
          onDone={(made) => {
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

function CreateWebhook({ onClose, onDone }: { readonly onClose: () => void; readonly onDone: (secret: string) => void }) {
  const action = useAction();
  return (
    <FormDialog
      title="New webhook"
      submit="Create"
      action={action}
      onClose={onClose}
      onSubmit={(data) => {
        const events = listOf(data, 'events');
        const input = { name: textOf(data, 'name'), url: textOf(data, 'url'), ...(events.length > 0 && { events }) };
        action.run(
          async () => (await request(createWebhook, { input })).createWebhook,
          ({ secret }) => onDone(secret),
        );
      }}
    >
      <TextField name="name" label="Name" required />
      <TextField name="url" label="URL" required hint="http or https at a public address." />
      <TextField name="events" label="Told of" hint="save_lead, lead.created, stage.changed, …, separated by commas; empty: save_lead." />
    </FormDialog>
  );
}
