import type { Lead } from '../../prisma/generated/client/client.ts';
import type { Cause } from '../leads/changes.ts';
import type { NewChange } from '../writes/draft.ts';

/**
 * A person is gone for good: this entry, and every earlier one of the lead, tells nothing but ids and what the numbers count. A lead that was
 * deleted before counts for nothing.
 */
export function leadErased(lead: Lead, isThere: boolean, reason: string | null, cause: Cause): NewChange {
  const summary = reason === null ? 'Lead erased' : `Lead erased: ${reason}`;
  return { ...cause, type: 'lead.erased', lead, summary, shows: isThere ? 'counted' : 'ids' };
}
