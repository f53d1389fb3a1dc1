import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { allSources, mostSources, rotateSourceKey, type Source, updateSource } from '../documents/sources.ts';
import { usePolling } from '../graph/use-polling.ts';
import { useQuery } from '../graph/use-query.ts';
import { request } from '../graph/request.ts';
import { Link } from '../router.tsx';
import { SourceForm } from '../sources/source-form.tsx';
import { rulesOf } from '../sources/source-rules.ts';
import { Dialog } from '../ui/dialog.tsx';
import { ErrorNotice, Notice } from '../ui/notice.tsx';
import { formatCount } from '../ui/numbers.ts';
import { Pager, usePages } from '../ui/pager.tsx';
import { SecretDialog } from '../ui/secret-dialog.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { useAction } from '../ui/use-action.ts';

/** Accepted leads are in the log; that a lead was refused, or a setting changed elsewhere, is not. */
const pollEveryMs = 15_000;
const countEveryMs = 1500;

interface Secret {
  readonly title: string;
  readonly secret: string;
}

export function Sources() {
  const { canAdminister } = useApp();
  const pages = usePages();
  const { data, error, refetch } = useQuery(
    allSources,
    { first: mostSources, after: pages.after },
    { isAffected: ({ type }) => type === 'lead.created', everyMs: countEveryMs },
  );
  usePolling(refetch, pollEveryMs);
  const [editing, setEditing] = useState<Source | 'new' | null>(null);
  const [rotating, setRotating] = useState<Source | null>(null);
  const [secret, setSecret] = useState<Secret | null>(null);
  const { busy, problem, run } = useAction();

  const set = (source: Source, change: { readonly enabled?: boolean; readonly complianceApproved?: boolean }) =>
    run(async () => (await request(updateSource, { input: { sourceId: source.id, ...change } })).updateSource, refetch);
  const saved = () => {
    setEditing(null);
    refetch();
  };

  const actions: Column<Source> = {
    name: 'Actions',
    cell: (source) => (
      <span class="actions nowrap">
        {!source.complianceApproved && (
          <button type="button" class="button small" disabled={busy} onClick={() => set(source, { complianceApproved: true })}>
            Approve
          </button>
        )}
        <button type="button" class="button small" aria-label={`Edit ${source.name}`} onClick={() => setEditing(source)}>
          Edit
        </button>
        <button type="button" class="button small" disabled={busy} onClick={() => set(source, { enabled: !source.enabled })}>
          {source.enabled ? 'Disable' : 'Enable'}
        </button>
        <button type="button" class="button small" onClick={() => setRotating(source)}>
          New key
        </button>
      </span>
    ),
  };

  return (
    <div class="page">
      <header class="page-head">
        <h1>Sources</h1>
        {canAdminister && (
          <button type="button" class="button primary" onClick={() => setEditing('new')}>
            New source
          </button>
        )}
      </header>
      <ErrorNotice error={error} />
      {problem !== null && <Notice kind="problem">{problem}</Notice>}
      <Table
        label="Sources"
        rows={data?.sources.nodes}
        keyOf={({ id }) => id}
        empty="No sources yet. A source is a website or partner that hands leads in with a key of its own."
        columns={[
          { name: 'Name', kind: 'wrap', cell: (source) => <SourceName source={source} /> },
          { name: 'State', cell: (source) => <SourceState source={source} /> },
          { name: 'Rules', kind: 'wrap', cell: (source) => <span class="muted">{rulesOf(source)}</span> },
          { name: 'Leads', kind: 'number', cell: ({ metrics }) => formatCount(metrics.totalLeads) },
          {
            name: 'Refused',
            kind: 'number',
            cell: ({ id, metrics }) =>
              metrics.rejected === 0 ? '0' : <Link href={`/app/refused?source=${id}`}>{formatCount(metrics.rejected)}</Link>,
          },
          {
            name: 'Last lead',
            cell: ({ lastLeadAt }) => (lastLeadAt === null ? <span class="muted">never</span> : <Time at={lastLeadAt} />),
          },
          ...(canAdminister ? [actions] : []),
        ]}
      />
      <Pager label="Sources" pages={pages} list={data?.sources} />
      {editing !== null && (
        <SourceForm
          source={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
          onSaved={saved}
          onCreated={(source, key) => {
            saved();
            setSecret({ title: `Key of ${source.name}`, secret: key });
          }}
        />
      )}
      {rotating && (
        <RotateKey
          source={rotating}
          onClose={() => setRotating(null)}
          onDone={(key) => {
            setRotating(null);
            setSecret({ title: `New key of ${rotating.name}`, secret: key });
            refetch();
          }}
        />
      )}
      {secret && <SecretDialog {...secret} onClose={() => setSecret(null)} />}
    </div>
  );
}

function SourceName({ source: { name, description, keyPreview } }: { readonly source: Source }) {
  return (
    <>
      <Link href={`/app/leads?source=${encodeURIComponent(name)}`}>{name}</Link>
      {description !== null && <div class="muted under">{description}</div>}
      {keyPreview !== null && (
        <div class="muted under">
          <code>{keyPreview}</code>
        </div>
      )}
    </>
  );
}

function SourceState({ source }: { readonly source: Source }) {
  if (!source.enabled) return <span class="tag bad">disabled</span>;
  if (!source.attached) return <span class="tag warn">no account</span>;
  if (!source.complianceApproved) return <span class="tag warn">not approved</span>;
  return <span class="tag good">ready</span>;
}

interface RotateKeyProps {
  readonly source: Source;
  readonly onClose: () => void;
  readonly onDone: (key: string) => void;
}

function RotateKey({ source, onClose, onDone }: RotateKeyProps) {
  const { busy, problem, run } = useAction();
  return (
    <Dialog title={`New key for ${source.name}?`} onClose={onClose}>
      <p>The former key counts for another day, so that the sender has time to change over.</p>
      {problem !== null && <Notice kind="problem">{problem}</Notice>}
      <div class="actions">
        <button type="button" class="button" onClick={onClose}>
          Keep the key
        </button>
        <button
          type="button"
          class="button primary"
          disabled={busy}
          onClick={() =>
            run(
              async () => (await request(rotateSourceKey, { sourceId: source.id })).rotateSourceKey,
              ({ key }) => onDone(key),
            )
          }
        >
          Make a new key
        </button>
      </div>
    </Dialog>
  );
}
