import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { allSources, createSource, rotateSourceKey, type Source, updateSource } from '../documents/sources.ts';
import { usePolling } from '../graph/use-polling.ts';
import { useQuery } from '../graph/use-query.ts';
import { request } from '../graph/request.ts';
import { Link } from '../router.tsx';
import { CheckField, FormDialog, listOf, TextField, textOf } from '../ui/form.tsx';
import { Notice } from '../ui/notice.tsx';
import { formatCount } from '../ui/numbers.ts';
import { SecretDialog } from '../ui/secret-dialog.tsx';
import { Table } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { useAction } from '../ui/use-action.ts';

export const mostSources = 100;
const pollEveryMs = 5000;

interface Secret {
  readonly title: string;
  readonly secret: string;
}

export function Sources() {
  const { canAdminister } = useApp();
  const { data, error, refetch } = useQuery(allSources, { first: mostSources });
  usePolling(refetch, pollEveryMs);
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState<Secret | null>(null);
  const { busy, problem, run } = useAction();

  const set = (source: Source, change: { readonly enabled?: boolean; readonly complianceApproved?: boolean }) =>
    run(async () => (await request(updateSource, { input: { sourceId: source.id, ...change } })).updateSource, refetch);
  const rotate = (source: Source) =>
    run(
      async () => (await request(rotateSourceKey, { sourceId: source.id })).rotateSourceKey,
      ({ key }) => setSecret({ title: `New key of ${source.name}. The former one counts for another day.`, secret: key }),
    );

  return (
    <div class="page">
      <header class="page-head">
        <h1>Sources</h1>
        {canAdminister && (
          <button type="button" class="button primary" onClick={() => setCreating(true)}>
            New source
          </button>
        )}
      </header>
      {error && <Notice kind="problem">{error.message}</Notice>}
      {problem !== null && <Notice kind="problem">{problem}</Notice>}
      <Table
        label="Sources"
        rows={data?.sources.nodes}
        keyOf={({ id }) => id}
        empty="No sources yet. A source is a website or partner that hands leads in with a key of its own."
        columns={[
          { name: 'Name', cell: ({ name }) => <Link href={`/app/leads?source=${encodeURIComponent(name)}`}>{name}</Link> },
          { name: 'State', cell: (source) => <SourceState source={source} /> },
          { name: 'Rules', kind: 'wrap', cell: (source) => <span class="muted">{rulesOf(source)}</span> },
          { name: 'Leads', kind: 'number', cell: ({ metrics }) => formatCount(metrics.totalLeads) },
          { name: 'Refused', kind: 'number', cell: ({ metrics }) => formatCount(metrics.rejected) },
          {
            name: 'Last lead',
            cell: ({ lastLeadAt }) => (lastLeadAt === null ? <span class="muted">never</span> : <Time at={lastLeadAt} />),
          },
          { name: 'Key', cell: ({ keyPreview }) => <code>{keyPreview}</code> },
          ...(canAdminister
            ? [
                {
                  name: 'Actions',
                  cell: (source: Source) => (
                    <span class="actions nowrap">
                      {!source.complianceApproved && (
                        <button
                          type="button"
                          class="button small"
                          disabled={busy}
                          onClick={() => set(source, { complianceApproved: true })}
                        >
                          Approve
                        </button>
                      )}
                      <button type="button" class="button small" disabled={busy} onClick={() => set(source, { enabled: !source.enabled })}>
                        {source.enabled ? 'Disable' : 'Enable'}
                      </button>
                      <button type="button" class="button small" disabled={busy} onClick={() => rotate(source)}>
                        New key
                      </button>
                    </span>
                  ),
                },
              ]
            : []),
        ]}
      />
      {creating && (
        <CreateSource
          onClose={() => setCreating(false)}
          onDone={(source, key) => {
            setCreating(false);
            setSecret({ title: `Key of ${source.name}`, secret: key });
            refetch();
          }}
        />
      )}
      {secret && <SecretDialog {...secret} onClose={() => setSecret(null)} />}
    </div>
  );
}

function SourceState({ source }: { readonly source: Source }) {
  if (!source.enabled) return <span class="tag bad">disabled</span>;
  if (!source.attached) return <span class="tag warn">no account</span>;
  if (!source.complianceApproved) return <span class="tag warn">not approved</span>;
  return <span class="tag good">ready</span>;
}

/** What a lead of the source must bring, in words. */
export function rulesOf({ requiresTrustedForm, allowedStates, allowedProducts }: Source): string {
  const rules = [
    requiresTrustedForm ? 'TrustedForm certificate' : 'no certificate needed',
    allowedStates.length === 0 ? 'any state' : `states ${allowedStates.join(', ')}`,
    allowedProducts.length === 0 ? 'any product' : `products ${allowedProducts.join(', ')}`,
  ];
  return rules.join('; ');
}

function CreateSource({ onClose, onDone }: { readonly onClose: () => void; readonly onDone: (source: Source, key: string) => void }) {
  const action = useAction();
  return (
    <FormDialog
      title="New source"
      submit="Create"
      action={action}
      onClose={onClose}
      onSubmit={(data) => {
        const pid = textOf(data, 'pid');
        const input = {
          name: textOf(data, 'name'),
          requiresTrustedForm: data.has('requiresTrustedForm'),
          complianceApproved: data.has('complianceApproved'),
          allowedStates: listOf(data, 'allowedStates'),
          allowedProducts: listOf(data, 'allowedProducts'),
          ...(pid !== '' && { pid }),
        };
        action.run(
          async () => (await request(createSource, { input })).createSource,
          ({ source, key }) => onDone(source, key),
        );
      }}
    >
      <TextField name="name" label="Name" required />
      <TextField name="allowedStates" label="Allowed states" hint="Separated by commas; empty: any." />
      <TextField name="allowedProducts" label="Allowed products" hint="Separated by commas; empty: any." />
      <TextField name="pid" label="pid" hint="By which event postbacks name it; may be empty." />
      <CheckField name="requiresTrustedForm" label="Each lead needs a TrustedForm certificate" checked />
      <CheckField name="complianceApproved" label="Approved: its leads are accepted" />
    </FormDialog>
  );
}
