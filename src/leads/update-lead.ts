import { z } from 'zod';
import type { Lead } from '../../prisma/generated/client/client.ts';
import { authorize } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { checkInput } from '../platform/check-input.ts';
import { uuidOf } from '../platform/ids.ts';
import { toIdempotency } from '../writes/idempotency.ts';
import { leadUpdated } from './changes.ts';
import { editLead, type LeadEdit } from './edit.ts';
import { toEmailKey } from './email.ts';
import { belongsToAnother } from './email-owner.ts';
import { EmailTakenError, LeadNotFoundError } from './errors.ts';
import * as field from './fields.ts';
import { findLeadIdByNumber } from './get-lead.ts';

export interface UpdateLeadInput extends LeadEdit {
  readonly leadId: string;
  readonly idempotencyKey?: string | null | undefined;
}

const schema = z.object({
  email: field.email,
  firstName: field.text,
  lastName: field.text,
  phone: field.phone,
  company: field.text,
  position: field.text,
  website: field.text,
  twitter: field.text,
  linkedin: field.text,
  notes: field.text,
  score: z.number().int().nullish(),
  address: field.address,
  birthDate: field.pastDate,
  gender: field.text,
  source: field.text,
  campaign: field.text,
  domain: field.text,
  deviceType: field.deviceType,
  tags: field.tags,
  customData: field.customData,
  product: field.text,
  externalId: field.externalId,
  sellerLeadId: field.strictText,
  crmLeadId: field.crmLeadId,
});

/** Edits a lead by hand: a field that is absent stays, null clears it, `customData` merges key by key and null removes a key. */
export async function updateLead(ctx: Context, input: UpdateLeadInput): Promise<{ readonly lead: Lead }> {
  const accountId = authorize(ctx.viewer, 'edit');
  const edit: LeadEdit = checkInput(schema, field.toCheckable(input).value);
  const idempotency = toIdempotency(input);
  const leadId = uuidOf('Lead', input.leadId) ?? (await findLeadIdByNumber(ctx, accountId, input.leadId));
  if (leadId === null) throw new LeadNotFoundError();
  const emailKey = edit.email ? toEmailKey(edit.email) : null;

  const { result, replayed } = await ctx.writer.write(accountId, ctx.viewer.credential, {
    operation: 'updateLead',
    touches: {
      ids: [leadId],
      ...(emailKey !== null && { emailKeys: [emailKey] }),
      ...(edit.crmLeadId && { crmLinks: [edit.crmLeadId] }),
    },
    idempotency,
    apply(draft): { readonly lead: Lead } {
      const found = draft.leadById(leadId);
      if (!found) throw new LeadNotFoundError();
      if (found.duplicateOfId === null && belongsToAnother(draft, found, emailKey)) throw new EmailTakenError();
      const { lead, previous, changed } = editLead(found, edit, draft.now);
      if (!changed) return { lead: found };
      draft.put('Lead', lead);
      draft.recordChange(leadUpdated(lead, previous, { origin: ctx.request.dialect, actor: ctx.viewer.actor, occurredAt: draft.now }));
      return { lead };
    },
  });
  ctx.notes.replayed ||= replayed;
  return result;
}
