import type { Lead } from '../../prisma/generated/client/client.ts';
import { authorize } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { uuidOf } from '../platform/ids.ts';
import type { Draft } from '../writes/draft.ts';
import { toIdempotency } from '../writes/idempotency.ts';
import { leadDeleted } from './changes.ts';
import { LeadNotFoundError } from './errors.ts';

export interface DeleteLeadInput {
  readonly leadId: string;
  readonly idempotencyKey?: string | null | undefined;
}

/**
 * Deletes a lead with its stage history, submissions and stored answers. The log keeps a tombstone with its last visible state.
 */
export async function deleteLead(ctx: Context, input: DeleteLeadInput): Promise<{ readonly leadId: string }> {
  const accountId = authorize(ctx.viewer, 'edit');
  const idempotency = toIdempotency(input.idempotencyKey, input);
  const leadId = uuidOf('Lead', input.leadId);
  if (leadId === null) throw new LeadNotFoundError();

  const { result, replayed } = await ctx.writer.write(accountId, ctx.viewer.credential, {
    operation: 'deleteLead',
    touches: { ids: [leadId], duplicatesOf: [leadId] },
    idempotency,
    apply(draft) {
      const lead = draft.leadById(leadId);
      if (!lead) throw new LeadNotFoundError();
      const duplicates = draft.duplicatesOf(leadId);
      draft.removeLead(lead);
      // The oldest of its duplicates takes its place, so that the person stays known by this email. One with an email that meanwhile
      // belongs to another lead (it repeated a source's id, not the email) stands beside that one.
      const [heir, ...others] = duplicates.filter((duplicate) => !ownerOf(duplicate, draft));
      if (heir) draft.put('Lead', { ...heir, duplicateOfId: null });
      for (const other of others) draft.put('Lead', { ...other, duplicateOfId: heir?.id ?? null });
      for (const duplicate of duplicates) {
        const owner = ownerOf(duplicate, draft);
        if (owner && owner.id !== duplicate.id && duplicate.id !== heir?.id) draft.put('Lead', { ...duplicate, duplicateOfId: owner.id });
      }
      draft.recordChange(leadDeleted(lead, { origin: ctx.request.dialect, actor: ctx.viewer.actor, occurredAt: draft.now }));
      return { leadId };
    },
  });
  ctx.notes.replayed ||= replayed;
  return result;
}

const ownerOf = (lead: Lead, draft: Draft): Lead | undefined => (lead.emailKey === null ? undefined : draft.leadByEmail(lead.emailKey));
