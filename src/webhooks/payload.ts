import type { Change } from '../../prisma/generated/client/client.ts';
import { leadErased } from '../changes/change.ts';
import { encodeCursor } from '../changes/cursor.ts';
import { transactionIdOf as ownTransactionId } from '../leads/transaction-id.ts';
import { toPublicId } from '../platform/ids.ts';

export type PayloadFormat = 'legacy' | 'full';

export const payloadFormats: readonly PayloadFormat[] = ['legacy', 'full'];

/** What a delivery tells: a change of the log, or the sample of a test. */
export type Told = Pick<Change, 'id' | 'accountId' | 'seq' | 'type' | 'data' | 'previous' | 'occurredAt'>;

/** The shape of `full` never changes under a number: receivers rely on it. */
const version = 1;

export type Snapshot = Readonly<Record<string, unknown>>;

export const toSnapshot = (data: unknown): Snapshot => objectOf(objectOf(data)['lead']);

/** As everywhere: the id that a sender gave the lead, or the one made of its own. */
export const transactionIdOf = ({ id, transactionId }: Snapshot): string | null =>
  typeof transactionId === 'string' ? transactionId : typeof id === 'string' ? ownTransactionId({ id, transactionId: null }) : null;

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};

/** The documented body, to the letter: every field is there, and what is not known is null; the texts that are never null are empty. */
export function toLegacyPayload(data: unknown): { readonly data: Readonly<Record<string, unknown>> } {
  const lead = toSnapshot(data);
  const known = (field: string): unknown => lead[field] ?? null;
  return {
    data: {
      email: lead['email'] ?? '',
      company: known('company'),
      first_name: known('firstName'),
      last_name: known('lastName'),
      phone: known('phone'),
      website: lead['website'] ?? '',
      position: known('position'),
      twitter: known('twitter'),
      linkedin: known('linkedin'),
      notes: known('notes'),
      score: lead['score'] ?? 0,
    },
  };
}

/** Everything that the change says. `seq` and `sequence` are one number: it rises with every change of the account, so within each lead too. */
export function toFullPayload({ id, accountId, seq, type, data, previous, occurredAt }: Told): Readonly<Record<string, unknown>> {
  const lead = toSnapshot(data);
  const ids = typeof lead['id'] === 'string' ? { id: toPublicId('Lead', lead['id']), transactionId: transactionIdOf(lead) } : {};
  return {
    type,
    id: toPublicId('Change', id),
    timestamp: occurredAt.toISOString(),
    version,
    account: toPublicId('Account', accountId),
    seq: Number(seq),
    sequence: Number(seq),
    cursor: encodeCursor(accountId, Number(seq)),
    ...objectOf(data),
    lead: { ...lead, ...ids },
    previous: previous ?? null,
    changedFields: Object.keys(objectOf(previous)),
  };
}

/** That a lead was erased has no documented form: without its id nobody would know which. */
export const toBody = (format: string, told: Told): string =>
  JSON.stringify(format === 'full' || told.type === leadErased ? toFullPayload(told) : toLegacyPayload(told.data));
