import { authorize } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { uuidOf } from '../platform/ids.ts';
import { toIdempotency } from '../writes/idempotency.ts';
import { leadDeleted } from './changes.ts';
import { LeadNotFoundError } from './errors.ts';
import { handOverDuplicates } from './hand-over-duplicates.ts';

export interface DeleteLeadInput {
  readonly leadId: string;
  readonly idempotencyKey?: string | null | undefined;
}

/**
 * Deletes a lead with its stage history, submissions and stored answers. The log keeps a tombstone with its last visible state.
 */
export async function deleteLead(ctx: Context, input: DeleteLeadInput): Promise<{ readonly leadId: string }> {
  const accountId = authorize(ctx.viewer, 'edit');
  const idempotency = toIdempotency(input);
  const leadId = uuidOf('Lead', input.leadId);
  if (leadId === null) throw new LeadNotFoundError();

  const { result, replayed } = await ctx.writer.write(accountId, ctx.viewer.credential, {
    operation: 'deleteLead',
    touches: { ids: [leadId], duplicatesOf: [leadId] },
    idempotency,
    apply(draft) {
      const lead = draft.leadById(leadId);
      if (!lead) throw new LeadNotFoundError();
      draft.removeLead(lead);
      handOverDuplicates(draft, leadId);
      draft.recordChange(leadDeleted(lead, { origin: ctx.request.dialect, actor: ctx.viewer.actor, occurredAt: draft.now }));
      return { leadId };
    },
  });
  ctx.notes.replayed ||= replayed;
  return result;
}
