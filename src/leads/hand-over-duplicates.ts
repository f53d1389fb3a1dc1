import type { Lead } from '../../prisma/generated/client/client.ts';
import type { Draft } from '../writes/draft.ts';
import { type Cause, leadUpdated } from './changes.ts';

/**
 * After a lead was removed: the oldest of its duplicates with its email takes its place, so that the person stays known by it; else the oldest. One
 * with an email that belongs to another lead (it repeated a source's id, not the email) stands beside that one. Each is a change of its own.
 */
export function handOverDuplicates(draft: Draft, gone: Lead, cause: Cause): void {
  const duplicates = draft.duplicatesOf(gone.id);
  const free = duplicates.filter((duplicate) => !ownerOf(duplicate, draft));
  const heir = free.find(({ emailKey }) => emailKey === gone.emailKey) ?? free[0];
  if (heir) standBeside(draft, heir, null, cause);
  for (const duplicate of duplicates)
    if (duplicate !== heir) standBeside(draft, duplicate, ownerOf(duplicate, draft) ?? heir ?? null, cause);
}

function ownerOf({ emailKey }: Lead, draft: Draft): Lead | undefined {
  const owner = emailKey === null ? undefined : draft.leadByEmail(emailKey);
  return owner?.duplicateOfId === null ? owner : undefined;
}

function standBeside(draft: Draft, duplicate: Lead, other: Lead | null, cause: Cause): void {
  const lead: Lead = { ...duplicate, duplicateOfId: other?.id ?? null, updatedAt: draft.now };
  const summary = `The lead that it repeated is gone: ${other ? `now a duplicate of lead ${other.number}` : 'no duplicate any more'}`;
  draft.put('Lead', lead);
  draft.recordChange({ ...leadUpdated(lead, { duplicateOfId: duplicate.duplicateOfId }, cause), summary });
}
