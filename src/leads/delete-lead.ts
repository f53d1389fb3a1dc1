import { authorize } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { uuidOf } from '../platform/ids.ts';
import { toIdempotency } from '../writes/idempotency.ts';
import { type Cause, leadDeleted } from './changes.ts';
import { LeadNotFoundError } from './errors.ts';
import { findLeadIdByNumber } from './get-lead.ts';
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
  // Nothing is waited for where an id is given: requests that arrive together stay in their order.
  const leadId = uuidOf('Lead', input.leadId) ?? (await findLeadIdByNumber(ctx, accountId, input.leadId));

  const { result, replayed } = await ctx.writer.write(accountId, ctx.viewer.credential, {
    operation: 'deleteLead',
    // Its number is nobody's any more when the request is repeated: the stored answer is.
    touches: leadId === null ? {} : { ids: [leadId], duplicatesOf: [leadId] },
    idempotency,
    apply(draft) {
      const lead = leadId === null ? null : draft.leadById(leadId);
      if (!lead) throw new LeadNotFoundError();
      const cause: Cause = { origin: ctx.request.dialect, actor: ctx.viewer.actor, occurredAt: draft.now };
      draft.removeLead(lead);
      draft.recordChange(leadDeleted(lead, cause));
      handOverDuplicates(draft, lead, cause);
      return { leadId: lead.id };
    },
  });
  ctx.notes.replayed ||= replayed;
  return result;
}
