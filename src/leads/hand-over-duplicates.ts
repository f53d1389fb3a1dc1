import type { Lead } from '../../prisma/generated/client/client.ts';
import type { Draft } from '../writes/draft.ts';

/**
 * After a lead was removed: the oldest of its duplicates takes its place, so that the person stays known by this email. One with an email that
 * meanwhile belongs to another lead (it repeated a source's id, not the email) stands beside that one.
 */
export function handOverDuplicates(draft: Draft, leadId: string): void {
  const duplicates = draft.duplicatesOf(leadId);
  const [heir, ...others] = duplicates.filter((duplicate) => !ownerOf(duplicate, draft));
  if (heir) draft.put('Lead', { ...heir, duplicateOfId: null });
  for (const other of others) draft.put('Lead', { ...other, duplicateOfId: heir?.id ?? null });
  for (const duplicate of duplicates) {
    const owner = ownerOf(duplicate, draft);
    if (owner && owner.id !== duplicate.id && duplicate.id !== heir?.id) draft.put('Lead', { ...duplicate, duplicateOfId: owner.id });
  }
}

const ownerOf = (lead: Lead, draft: Draft): Lead | undefined => (lead.emailKey === null ? undefined : draft.leadByEmail(lead.emailKey));
