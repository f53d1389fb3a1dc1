import { useState } from 'preact/hooks';
import { type ApiKey, apiKeys, createApiKey, revokeApiKey } from '../documents/api-keys.ts';
import type { Scope } from '../documents/session.ts';
import { useQuery } from '../graph/use-query.ts';
import { request } from '../graph/request.ts';
import { Dialog } from '../ui/dialog.tsx';
import { SelectField, TextField } from '../ui/fields.tsx';
import { textOf } from '../ui/form-values.ts';
import { FormDialog } from '../ui/form.tsx';
import { ErrorNotice, Notice } from '../ui/notice.tsx';
import { Pager, usePages } from '../ui/pager.tsx';
import { SecretDialog } from '../ui/secret-dialog.tsx';
import { Table } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { useAction } from '../ui/use-action.ts';

const most = 100;

const scopes: readonly (readonly [Scope, string])[] = [
  ['INGEST', 'hands leads in, sees nothing'],
  ['VIEWER', 'sees everything, changes nothing'],
  ['EDITOR', 'hands leads in, sees, moves, edits and deletes them'],
  ['ADMIN', 'everything, keys included'],
];

export function ApiKeys() {
  const pages = usePages();
  const { data, error, refetch } = useQuery(apiKeys, { first: most, after: pages.after });
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const [token, setToken] = useState<string | null>(null);
  return (
    <div class="page">
      <header class="page-head">
        <h1>API Keys</h1>
        <button type="button" class="button primary" onClick={() => setCreating(true)}>
          New key
        </button>
      </header>
      <ErrorNotice error={error} />
      <Table
        label="API keys"
        rows={data?.apiKeys.nodes}
        keyOf={({ id }) => id}
        empty="No keys yet. Give each person and each program one of its own."
        columns={[
          { name: 'Name', cell: ({ name }) => name },
          { name: 'Scope', cell: ({ scope }) => <span class="tag">{scope.toLowerCase()}</span> },
          { name: 'Key', cell: ({ keyPreview }) => <code>{keyPreview}</code> },
          { name: 'Created', cell: ({ createdAt }) => <Time at={createdAt} /> },
          {
            name: 'Last used',
            cell: ({ lastUsedAt }) => (lastUsedAt === null ? <span class="muted">never</span> : <Time at={lastUsedAt} />),
          },
          {
            name: 'Actions',
            kind: 'row-actions',
            cell: (key) =>
              key.revokedAt === null ? (
                <button type="button" class="button small danger" onClick={() => setRevoking(key)}>
                  Revoke
                </button>
              ) : (
                <span class="muted">
                  revoked <Time at={key.revokedAt} />
                </span>
              ),
          },
        ]}
      />
      <Pager label="API keys" pages={pages} list={data?.apiKeys} />
      {creating && (
        <CreateKey
          onClose={() => setCreating(false)}
          onDone={(made) => {
            setCreating(false);
            setToken(made);
            refetch();
          }}
        />
      )}
      {token !== null && <SecretDialog title="The new key" secret={token} onClose={() => setToken(null)} />}
      {revoking && (
        <RevokeKey
          apiKey={revoking}
          onClose={() => {
            setRevoking(null);
            refetch();
          }}
        />
      )}
    </div>
  );
}

function CreateKey({ onClose, onDone }: { readonly onClose: () => void; readonly onDone: (token: string) => void }) {
  const action = useAction();
  return (
    <FormDialog
      title="New API key"
      submit="Create"
      action={action}
      onClose={onClose}
      onSubmit={(data) => {
        const scope = scopes.find(([name]) => name === data.get('scope'))?.[0] ?? 'VIEWER';
        action.run(
          async () => (await request(createApiKey, { name: textOf(data, 'name'), scope })).createApiKey,
          ({ token }) => onDone(token),
        );
      }}
    >
      <TextField name="name" label="Name" required hint="Stands on receipts and timelines." />
      <SelectField name="scope" label="Scope" value="VIEWER" options={scopes.map(([name, meaning]) => [name, `${name}: ${meaning}`])} />
    </FormDialog>
  );
}

function RevokeKey({ apiKey, onClose }: { readonly apiKey: ApiKey; readonly onClose: () => void }) {
  const { busy, problem, run } = useAction();
  return (
    <Dialog title={`Revoke ${apiKey.name}?`} onClose={onClose}>
      <p>Whatever uses {apiKey.keyPreview} is locked out within a second, for good.</p>
      {problem !== null && <Notice kind="problem">{problem}</Notice>}
      <div class="actions">
        <button type="button" class="button" onClick={onClose}>
          Keep it
        </button>
        <button
          type="button"
          class="button danger"
          disabled={busy}
          onClick={() => run(async () => (await request(revokeApiKey, { apiKeyId: apiKey.id })).revokeApiKey, onClose)}
        >
          Revoke for good
        </button>
      </div>
    </Dialog>
  );
}
