import { v7 } from 'uuid';

/** A new UUIDv7: sortable by the time it was made, and rising within one process. */
export const newUuid = (): string => v7();

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The lower-case UUID in a text, or null. PostgreSQL raises an error for anything else in a uuid column, so ask here first. */
export function toUuid(text: string): string | null {
  const lower = text.trim().toLowerCase();
  return uuidPattern.test(lower) ? lower : null;
}

/** Prefixes of public ids, by GraphQL type name. */
export const idPrefixes = {
  Lead: 'lead',
  StageChange: 'stg',
  Submission: 'sub',
  Change: 'chg',
  ApiKey: 'key',
  Account: 'acc',
} as const;

export type IdType = keyof typeof idPrefixes;

const typesByPrefix: ReadonlyMap<string, IdType> = new Map(
  Object.entries(idPrefixes).map(([type, prefix]) => [prefix, type as IdType]),
);

export const toPublicId = (type: IdType, uuid: string): string => `${idPrefixes[type]}_${uuid}`;

/** Takes a public id (`lead_0199...`) apart; null when it is none of ours. */
export function fromPublicId(id: string): { readonly type: IdType; readonly uuid: string } | null {
  const cut = id.indexOf('_');
  const type = typesByPrefix.get(id.slice(0, cut));
  const uuid = toUuid(id.slice(cut + 1));
  return cut > 0 && type && uuid ? { type, uuid } : null;
}

/** The UUID in an id argument that may carry the prefix of `type` or stand bare; null when it is neither. */
export function uuidOf(type: IdType, id: string): string | null {
  const prefix = `${idPrefixes[type]}_`;
  return toUuid(id.startsWith(prefix) ? id.slice(prefix.length) : id);
}
