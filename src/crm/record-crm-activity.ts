import { z } from 'zod';
import type { Lead } from '../../prisma/generated/client/client.ts';
import { authorize, can } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { IdempotencyKeyReusedError, InvalidInputError } from '../errors.ts';
import { visibleLead } from '../leads/visible-lead.ts';
import { checkInput } from '../platform/check-input.ts';
import { newUuid } from '../platform/ids.ts';
import { measureJson } from '../platform/text.ts';
import { toIdempotency } from '../writes/idempotency.ts';
import { bindWaiting } from './bind-waiting.ts';
import { crmActivityRecorded } from './changes.ts';
import { type CrmActivityRow, occurredAtOf, statusOf, toEventType } from './crm-activity.ts';
import { crmLeadId } from './crm-lead-id.ts';

export interface RecordCrmActivityInput {
  readonly crmLeadId: string;
  readonly eventType?: string | null | undefined;
  readonly payload?: unknown;
  readonly idempotencyKey?: string | null | undefined;
}

export interface RecordedCrmActivity {
  /** Whether a lead was found. If not, the activity waits for one. */
  readonly stored: boolean;
  readonly activity: CrmActivityRow;
  readonly lead: Lead | null;
}

export const recordCrmActivityErrors = [InvalidInputError, IdempotencyKeyReusedError] as const;

const limit = { depth: 32, keys: 500 } as const;

const schema = z.object({
  crmLeadId,
  payload: z
    .custom<Readonly<Record<string, unknown>>>(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      'must be an object',
    )
    .refine((value) => {
      const { depth, keys } = measureJson(value, limit);
      return depth <= limit.depth && keys <= limit.keys;
    }, `must nest at most ${limit.depth} deep and hold at most ${limit.keys} keys`),
});

/**
 * Records what the CRM reports of a lead: found by the lead's CRM id, then by that of its submissions. Without a lead the activity is kept
 * and bound when one gets the id. Every report is one more entry, also a repeated one; the lead itself is not changed.
 */
export async function recordCrmActivity(ctx: Context, input: RecordCrmActivityInput): Promise<RecordedCrmActivity> {
  const accountId = authorize(ctx.viewer, 'intake');
  const checked = checkInput(schema, input);
  const idempotency = toIdempotency(input);
  const payload = toText(ctx, checked.payload);

  const { result, replayed } = await ctx.writer.write(accountId, ctx.viewer.credential, {
    operation: 'recordCrmActivity',
    touches: { crmLeadIds: [checked.crmLeadId] },
    idempotency,
    apply(draft): RecordedCrmActivity {
      const lead = draft.leadByCrmId(checked.crmLeadId) ?? null;
      const activity: CrmActivityRow = {
        id: newUuid(),
        accountId,
        leadId: lead?.id ?? null,
        crmLeadId: checked.crmLeadId,
        eventType: toEventType(input.eventType),
        status: statusOf(checked.payload),
        payload,
        dialect: ctx.request.dialect,
        actor: ctx.viewer.actor,
        occurredAt: occurredAtOf(checked.payload, draft.now),
        receivedAt: draft.now,
      };
      if (lead) bindWaiting(draft, [checked.crmLeadId]);
      draft.put('CrmActivity', activity);
      // The log holds changes to leads; what waits for its lead is logged when it gets one.
      if (lead) draft.recordChange(crmActivityRecorded(lead, activity));
      return { stored: lead !== null, activity, lead };
    },
  });
  ctx.notes.replayed ||= replayed;
  if (!result.stored)
    ctx.log.debug({ requestId: ctx.request.requestId, activityId: result.activity.id }, 'CRM activity waits for its lead');
  return { ...result, lead: result.lead && visibleLead(result.lead, can(ctx.viewer, 'read')) };
}

/** The very text that came, when the payload is the body of a REST request: its spelling of numbers and order of keys are part of it. */
function toText({ request }: Context, payload: object): string {
  return request.rawBody !== undefined && request.body === payload ? request.rawBody : JSON.stringify(payload);
}
