/**
 * What a request shows to prove who sends it. A text is an API key as presented, null is none; the other kinds belong to documented systems
 * whose senders have no API key.
 */
export type Credential = string | null | SourceCredential | CrmCredential;

/** A source's key; `sourceId` is null where the key alone names the source. Both null: the request lacks what its documentation asks for. */
export interface SourceCredential {
  readonly kind: 'source';
  readonly sourceId: string | null;
  readonly key: string | null;
}

/** The shared secret of a CRM, in each place where one may stand. */
export interface CrmCredential {
  readonly kind: 'crm';
  readonly presented: readonly string[];
}
