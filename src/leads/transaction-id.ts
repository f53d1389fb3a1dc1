import type { Lead } from '../../prisma/generated/client/client.ts';
import { toUuid, uuidOf } from '../platform/ids.ts';

const prefix = 'txn_';

/** The id by which events name a lead: the one that a sender gave it, or one made of its own id, which costs nothing to keep. */
export const transactionIdOf = ({ id, transactionId }: Pick<Lead, 'id' | 'transactionId'>): string => transactionId ?? `${prefix}${id}`;

/** The lead's id in a transaction id of ours, or in an id of the lead that stands in its place; null when it is another sender's. */
export const leadIdOfTransaction = (transactionId: string): string | null =>
  transactionId.startsWith(prefix) ? toUuid(transactionId.slice(prefix.length)) : uuidOf('Lead', transactionId);
