import type { ApiKeyScope } from '../../prisma/generated/client/client.ts';

export type ViewerKind = 'ROOT' | 'API_KEY' | 'ANONYMOUS';

/** Who is asking, decided once per request from the credential that came with it. */
export interface Viewer {
  readonly kind: ViewerKind;
  /** Null only for the anonymous viewer, who may do nothing. */
  readonly accountId: string | null;
  readonly scopes: readonly ApiKeyScope[];
  /** Names the credential: idempotency keys and live streams belong to it. */
  readonly credential: string;
  /** Names the credential to people, on receipts and timelines. */
  readonly actor: string;
}

export const anonymous: Viewer = { kind: 'ANONYMOUS', accountId: null, scopes: [], credential: 'anonymous', actor: 'nobody' };
