import type { Lead } from '../../prisma/generated/client/client.ts';
import { emptyLead } from './lead.ts';

/** A key that may hand leads in but not read them learns which lead it was and where it stands, and nothing else of the person. */
export function visibleLead(lead: Lead, mayRead: boolean): Lead {
  if (mayRead) return lead;
  const { id, accountId, number, stage, createdAt, updatedAt, transactionId } = lead;
  return { ...emptyLead({ id, accountId, number, stage, createdAt, zero: lead.cost.times(0) }), updatedAt, transactionId };
}
