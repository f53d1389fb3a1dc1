import type { Lead } from '../../prisma/generated/client/client.ts';
import type { Draft } from '../writes/draft.ts';
import { type Cause, leadUpdated } from './changes.ts';

/**
 * After a lead was removed: the oldest of its duplicates takes its place, so that the person stays known by this email. One with an email that
 * meanwhile belongs to another lead (it repeated a source's id, not the email) stands beside that one. Each is a change of its own.
 */
export function handOverDuplicates(draft: Draft, leadId: string, cause: Cause): void {
  const duplicates = draft.duplicatesOf(leadId);
  const heir = duplicates.find((duplicate) => !ownerOf(duplicate, draft));
  if (heir) standBeside(draft, heir, null, cause);
  for (const duplicate of duplicates)
    if (duplicate !== heir) standBeside(draft, duplicate, ownerOf(duplicate, draft) ?? heir ?? null, cause);
}

const ownerOf = (lead: Lead, draft: Draft): Lead | undefined => (lead.emailKey === null ? undefined : draft.leadByEmail(lead.emailKey));

function standBeside(draft: Draft, duplicate: Lead, other: Lead | null, cause: Cause): void {
  const lead: Lead = { ...duplicate, duplicateOfId: other?.id ?? null, updatedAt: draft.now };
  const summary = `The lead that it repeated is gone: ${other ? `now a duplicate of lead ${other.number}` : 'no duplicate any more'}`;
  draft.put('Lead', lead);
  draft.recordChange({ ...leadUpdated(lead, { duplicateOfId: duplicate.duplicateOfId }, cause), summary });
}
