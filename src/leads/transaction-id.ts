import type { Lead } from '../../prisma/generated/client/client.ts';
import type { Draft, Touches } from '../writes/draft.ts';
import { toUuid, uuidOf } from '../platform/ids.ts';

const prefix = 'txn_';

/** The id by which events name a lead: the one that a sender gave it, or one made of its own id, which costs nothing to keep. */
export const transactionIdOf = ({ id, transactionId }: Pick<Lead, 'id' | 'transactionId'>): string => transactionId ?? `${prefix}${id}`;

/** The lead's id in a transaction id of ours, or in an id of the lead that stands in its place; null when it is another sender's. */
export const leadIdOfTransaction = (transactionId: string): string | null =>
  transactionId.startsWith(prefix) ? toUuid(transactionId.slice(prefix.length)) : uuidOf('Lead', transactionId);

/** What a command has to know before it gives a lead this transaction id. */
export const touchTransaction = (transactionId: string | null | undefined): Touches =>
  transactionId ? { transactionIds: [transactionId] } : {};

/** The lead whose own id this is, when a sender calls another lead by it. */
export const namedByTransaction = (transactionId: string | null | undefined): string | null =>
  transactionId ? leadIdOfTransaction(transactionId) : null;

/** A lead keeps its first transaction id, and no two leads of an account answer to one: what breaks this is reported, not stored. */
export function transactionConflict(
  draft: Draft,
  lead: Lead,
  transactionId: string | null | undefined,
): readonly ['transactionId'] | readonly [] {
  if (!transactionId || transactionId === lead.transactionId) return [];
  const named = namedByTransaction(transactionId);
  const other = draft.leadByTransactionId(transactionId) ?? (named === null ? undefined : draft.leadById(named));
  return lead.transactionId !== null || (other && other.id !== lead.id) ? ['transactionId'] : [];
}
