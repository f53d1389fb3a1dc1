import type { ApiKeyScope } from '../../prisma/generated/client/client.ts';
import type { ActiveSource } from '../sources/source.ts';

export type ViewerKind = 'ROOT' | 'API_KEY' | 'SOURCE' | 'CRM' | 'ANONYMOUS';

/** Who is asking, decided once per request from the credential that came with it. */
export interface Viewer {
  readonly kind: ViewerKind;
  /** Null for the anonymous viewer, who may do nothing, and for a source that is not attached to an account. */
  readonly accountId: string | null;
  readonly scopes: readonly ApiKeyScope[];
  /** Names the credential: idempotency keys and live streams belong to it. */
  readonly credential: string;
  /** Names the credential to people, on receipts and timelines. */
  readonly actor: string;
  /** The source whose key was shown: it may hand in leads of its own and nothing else. */
  readonly source?: ActiveSource;
}

export const anonymous: Viewer = { kind: 'ANONYMOUS', accountId: null, scopes: [], credential: 'anonymous', actor: 'nobody' };

/** Whoever holds the key of the environment, or everyone while the server is open. */
export const rootViewer = (accountId: string): Viewer => ({
  kind: 'ROOT',
  accountId,
  scopes: ['ADMIN'],
  credential: 'root',
  actor: 'root key',
});

/** The CRM that showed the shared secret: it hands in what happened to leads, and sees none. */
export const crmViewer = (accountId: string): Viewer => ({
  kind: 'CRM',
  accountId,
  scopes: ['INGEST'],
  credential: 'crm',
  actor: 'CRM',
});

const keyCredential = 'key:';

export const apiKeyViewer = (key: {
  readonly id: string;
  readonly accountId: string;
  readonly scope: ApiKeyScope;
  readonly name: string;
}): Viewer => ({
  kind: 'API_KEY',
  accountId: key.accountId,
  scopes: [key.scope],
  credential: `${keyCredential}${key.id}`,
  actor: key.name,
});

/** The id of the API key that the viewer came with; null for the other kinds. */
export const apiKeyIdOf = (viewer: Viewer): string | null =>
  viewer.kind === 'API_KEY' ? viewer.credential.slice(keyCredential.length) : null;

export const sourceViewer = (source: ActiveSource): Viewer => ({
  kind: 'SOURCE',
  accountId: source.accountId,
  scopes: [],
  credential: `source:${source.id}`,
  actor: source.name,
  source,
});
