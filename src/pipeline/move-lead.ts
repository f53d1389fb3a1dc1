import { z } from 'zod';
import type { Lead, StageChange } from '../../prisma/generated/client/client.ts';
import { authorize } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { stageChanged } from '../leads/changes.ts';
import { LeadNotFoundError } from '../leads/errors.ts';
import { findLeadIdByNumber } from '../leads/get-lead.ts';
import { checkInput } from '../platform/check-input.ts';
import { newUuid, uuidOf } from '../platform/ids.ts';
import { maxTextLength, toStorable } from '../platform/text.ts';
import { toIdempotency } from '../writes/idempotency.ts';
import { UnknownStageError } from './errors.ts';
import { nextStage } from './stage.ts';

export interface MoveLeadInput {
  readonly leadId: string;
  readonly stage: string;
  readonly reason?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
}

export interface MovedLead {
  readonly lead: Lead;
  /** Null when the lead stood there already. */
  readonly stageChange: StageChange | null;
}

const schema = z.object({ reason: z.string().max(maxTextLength, `must have at most ${maxTextLength} characters`).nullish() });

/** Moves a lead to a stage because a person decided so: either way, a backward move being recorded as forced. */
export async function moveLead(ctx: Context, input: MoveLeadInput): Promise<MovedLead> {
  const accountId = authorize(ctx.viewer, 'edit');
  const { reason } = checkInput(schema, input);
  const idempotency = toIdempotency(input);
  const stage = ctx.pipeline.find(input.stage);
  if (!stage)
    throw new UnknownStageError(
      input.stage,
      ctx.pipeline.stages.map((known) => known.name),
    );
  const leadId = uuidOf('Lead', input.leadId) ?? (await findLeadIdByNumber(ctx, accountId, input.leadId));
  if (leadId === null) throw new LeadNotFoundError();

  const { result, replayed } = await ctx.writer.write(accountId, ctx.viewer.credential, {
    operation: 'moveLead',
    touches: { ids: [leadId] },
    idempotency,
    apply(draft): MovedLead {
      const found = draft.leadById(leadId);
      if (!found) throw new LeadNotFoundError();
      const move = nextStage(ctx.pipeline.get(found.stage), stage, true);
      if (move.outcome === 'UNCHANGED') return { lead: found, stageChange: null };
      const lead = { ...found, stage: stage.name, updatedAt: draft.now };
      const stageChange: StageChange = {
        id: newUuid(),
        accountId,
        leadId,
        fromStage: found.stage,
        toStage: stage.name,
        forced: move.outcome === 'FORCED',
        via: 'manual',
        actor: ctx.viewer.actor,
        reason: toStorable(reason ?? null).value,
        occurredAt: draft.now,
        recordedAt: draft.now,
      };
      draft.put('Lead', lead);
      draft.put('StageChange', stageChange);
      draft.recordChange(stageChanged(lead, stageChange, { origin: ctx.request.dialect, actor: ctx.viewer.actor, occurredAt: draft.now }));
      return { lead, stageChange };
    },
  });
  ctx.notes.replayed ||= replayed;
  return result;
}
