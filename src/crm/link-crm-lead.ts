import { z } from 'zod';
import type { Lead, Submission } from '../../prisma/generated/client/client.ts';
import { authorize } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { IdempotencyKeyReusedError, InvalidInputError } from '../errors.ts';
import { type Cause, leadUpdated } from '../leads/changes.ts';
import { LeadNotFoundError } from '../leads/errors.ts';
import { findLeadIdByNumber } from '../leads/get-lead.ts';
import { checkInput } from '../platform/check-input.ts';
import { uuidOf } from '../platform/ids.ts';
import type { Draft } from '../writes/draft.ts';
import { toIdempotency } from '../writes/idempotency.ts';
import { submissionLinked } from './changes.ts';
import { crmLeadId } from './crm-lead-id.ts';
import { SubmissionNotFoundError } from './errors.ts';

export interface LinkCrmLeadInput {
  readonly leadId?: string | null | undefined;
  readonly crmLeadId: string;
  readonly submissionId?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
}

export interface LinkedCrmLead {
  readonly lead: Lead;
  /** How much CRM activity waited for this id. */
  readonly bound: number;
}

export const linkCrmLeadErrors = [InvalidInputError, LeadNotFoundError, SubmissionNotFoundError, IdempotencyKeyReusedError] as const;

const schema = z.object({ crmLeadId });

/**
 * Says under which id the CRM knows a lead; or, with `submissionId`, one of the lead's follow-up submissions. The CRM activity that waited for
 * the id is bound in the same transaction.
 */
export async function linkCrmLead(ctx: Context, input: LinkCrmLeadInput): Promise<LinkedCrmLead> {
  const accountId = authorize(ctx.viewer, 'edit');
  const { crmLeadId: wanted } = checkInput(schema, input);
  const idempotency = toIdempotency(input);
  const named = input.leadId ?? null;
  const leadId = named === null ? null : (uuidOf('Lead', named) ?? (await findLeadIdByNumber(ctx, accountId, named)));
  const submissionId = input.submissionId == null ? null : uuidOf('Submission', input.submissionId);
  if (input.submissionId != null && submissionId === null) throw new SubmissionNotFoundError();
  if (named !== null && leadId === null) throw new LeadNotFoundError();
  if (leadId === null && submissionId === null) throw nothingNamed;

  const { result, replayed } = await ctx.writer.write(accountId, ctx.viewer.credential, {
    operation: 'linkCrmLead',
    touches: {
      ...(leadId !== null && { ids: [leadId] }),
      ...(submissionId !== null && { submissionIds: [submissionId] }),
      crmLinks: [wanted],
    },
    idempotency,
    apply(draft): LinkedCrmLead {
      const bound = draft.waitingFor(wanted).length;
      const cause: Cause = { origin: ctx.request.dialect, actor: ctx.viewer.actor, occurredAt: draft.now };
      const lead =
        submissionId === null
          ? linkLead(draft, draft.leadById(leadId ?? ''), wanted, cause)
          : linkSubmission(draft, findSubmission(draft, submissionId, leadId), wanted, cause);
      return { lead, bound };
    },
  });
  ctx.notes.replayed ||= replayed;
  return result;
}

const nothingNamed = new InvalidInputError([
  { path: ['leadId'], message: 'is required unless submissionId names a submission', code: 'REQUIRED' },
]);

function linkLead(draft: Draft, found: Lead | undefined, wanted: string, cause: Cause): Lead {
  if (!found) throw new LeadNotFoundError();
  if (found.crmLeadId === wanted) return found;
  const lead: Lead = { ...found, crmLeadId: wanted, updatedAt: draft.now };
  draft.put('Lead', lead);
  draft.recordChange({ ...leadUpdated(lead, { crmLeadId: found.crmLeadId }, cause), summary: `Linked to CRM lead ${wanted}` });
  return lead;
}

function findSubmission(draft: Draft, submissionId: string, leadId: string | null): Submission {
  const submission = draft.rows('Submission').find(({ id }) => id === submissionId);
  if (!submission || submission.leadId === null || (leadId !== null && submission.leadId !== leadId)) throw new SubmissionNotFoundError();
  return submission;
}

function linkSubmission(draft: Draft, submission: Submission, wanted: string, cause: Cause): Lead {
  const lead = submission.leadId === null ? undefined : draft.leadById(submission.leadId);
  if (!lead) throw new SubmissionNotFoundError();
  if (submission.crmLeadId === wanted) return lead;
  draft.put('Submission', { ...submission, crmLeadId: wanted });
  draft.recordChange(
    submissionLinked(lead, { crmLeadId: wanted, previous: submission.crmLeadId }, { ...cause, submissionId: submission.id }),
  );
  return lead;
}
