import { type Lead, Prisma, type StageChange, type Submission, type SubmissionOutcome } from '../../prisma/generated/client/client.ts';
import { authorize, can } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { UnknownStageError } from '../pipeline/errors.ts';
import { nextStage, type Pipeline, type Stage, type StageMove, type StageOutcome } from '../pipeline/stage.ts';
import { newUuid, uuidOf } from '../platform/ids.ts';
import type { Draft } from '../writes/draft.ts';
import { toIdempotency } from '../writes/idempotency.ts';
import { type Cause, leadCreated, leadUpdated, stageChanged, submissionReceived } from './changes.ts';
import { toEmailKey } from './email.ts';
import { belongsToAnother } from './email-owner.ts';
import { emptyLead, type FieldOutcome, mergeLead } from './lead.ts';
import { parsePostback, type Postback, type RecordPostbackInput } from './postback.ts';
import { namedByTransaction, touchTransaction, transactionConflict } from './transaction-id.ts';
import { newReceipt, toCause } from './receipt.ts';
import { visibleLead } from './visible-lead.ts';

export interface RecordedPostback {
  readonly lead: Lead;
  readonly created: boolean;
  readonly stageOutcome: StageOutcome;
  readonly submission: Submission;
}

/**
 * Records what a sender reports of a lead: found by lead id, then by email, else created. Merges the fields, moves the stage forward
 * (backward only when forced), and keeps a receipt. Source: the postback endpoint of seed 000.
 */
export async function recordPostback(ctx: Context, input: RecordPostbackInput): Promise<RecordedPostback> {
  const accountId = authorize(ctx.viewer, 'intake');
  ctx.writer.assertRoom(accountId);
  const postback = parsePostback(input);
  const idempotency = toIdempotency(input);
  const wanted = postback.stage === null ? null : findStage(ctx.pipeline, postback.stage);
  const leadId = postback.leadId === null ? null : uuidOf('Lead', postback.leadId);
  const emailKey = postback.email === null ? null : toEmailKey(postback.email);

  const { result, replayed } = await ctx.writer.write(accountId, ctx.viewer.credential, {
    operation: 'recordPostback',
    touches: {
      ids: [leadId, namedByTransaction(postback.patch.transactionId)].filter((id) => id !== null),
      ...(emailKey !== null && { emailKeys: [emailKey] }),
      ...touchTransaction(postback.patch.transactionId),
      ...(postback.patch.crmLeadId && { crmLinks: [postback.patch.crmLeadId] }),
    },
    idempotency,
    apply(draft): RecordedPostback {
      const found = (leadId !== null && draft.leadById(leadId)) || (emailKey !== null && draft.leadByEmail(emailKey)) || null;
      const receipt = { ctx, accountId, input, postback };
      return found ? update(draft, receipt, found, wanted, emailKey) : create(draft, receipt, wanted ?? ctx.pipeline.first);
    },
  });
  ctx.notes.replayed ||= replayed;
  return { ...result, lead: visibleLead(result.lead, can(ctx.viewer, 'read')) };
}

interface Received {
  readonly ctx: Context;
  readonly accountId: string;
  readonly input: RecordPostbackInput;
  readonly postback: Postback;
}

function findStage(pipeline: Pipeline, name: string): Stage {
  const stage = pipeline.find(name);
  if (!stage)
    throw new UnknownStageError(
      name,
      pipeline.stages.map((known) => known.name),
    );
  return stage;
}

const zero = new Prisma.Decimal(0);

function create(draft: Draft, received: Received, stage: Stage): RecordedPostback {
  const { accountId, postback } = received;
  const blank = emptyLead({ id: newUuid(), accountId, number: draft.nextLeadNumber(), stage: stage.name, createdAt: draft.now, zero });
  const conflicts = transactionConflict(draft, blank, postback.patch.transactionId);
  const { lead, fields } = mergeLead(blank, postback.patch, conflicts);
  const submission = toReceipt(draft, received, lead, 'CREATED', fields, conflicts.map(toReason));
  const cause = toCause(received.ctx, draft, postback.occurredAt, submission);
  const stageChange = toStageChange(draft, received, lead.id, null, { stage, outcome: 'APPLIED' }, cause);
  draft.put('Lead', lead);
  draft.put('Submission', submission);
  draft.put('StageChange', stageChange);
  draft.recordChange(leadCreated(lead, stageChange, cause));
  return { lead, created: true, stageOutcome: 'APPLIED', submission };
}

function update(draft: Draft, received: Received, found: Lead, wanted: Stage | null, emailKey: string | null): RecordedPostback {
  const { ctx, postback } = received;
  const current = ctx.pipeline.get(found.stage);
  const move: StageMove = wanted === null ? { stage: current, outcome: 'UNCHANGED' } : nextStage(current, wanted, postback.forceStage);
  // The lead id decides which lead it is; an email that another lead owns is reported, never merged.
  const conflicts = [
    ...(belongsToAnother(draft, found, emailKey) ? ['email'] : []),
    ...transactionConflict(draft, found, postback.patch.transactionId),
  ];
  const merged = mergeLead(found, postback.patch, conflicts);
  const moved = move.outcome === 'APPLIED' || move.outcome === 'FORCED';
  const lead = merged.changed || moved ? { ...merged.lead, stage: move.stage.name, updatedAt: draft.now } : found;

  const reasons = [...conflicts.map(toReason), ...(move.outcome === 'KEPT' ? ['STAGE_KEPT'] : [])];
  const outcome = merged.changed || moved ? 'UPDATED' : 'UNCHANGED';
  const submission = toReceipt(draft, received, lead, outcome, merged.fields, reasons);
  const cause = toCause(received.ctx, draft, postback.occurredAt, submission);
  draft.put('Submission', submission);
  if (merged.changed || moved) draft.put('Lead', lead);
  // Each entry shows the lead as it stood after it: first the fields come, then the move.
  if (merged.changed) draft.recordChange(leadUpdated(moved ? { ...lead, stage: found.stage } : lead, merged.previous, cause));
  if (moved) {
    const stageChange = toStageChange(draft, received, lead.id, found.stage, move, cause);
    draft.put('StageChange', stageChange);
    draft.recordChange(stageChanged(lead, stageChange, cause));
  }
  if (!merged.changed && !moved) draft.recordChange(submissionReceived(lead, cause));
  return { lead, created: false, stageOutcome: move.outcome, submission };
}

const toReason = (field: string): string => (field === 'email' ? 'EMAIL_CONFLICT' : 'TRANSACTION_ID_CONFLICT');

function toReceipt(
  draft: Draft,
  { ctx, accountId, input, postback }: Received,
  lead: Lead,
  outcome: SubmissionOutcome,
  fields: Readonly<Record<string, FieldOutcome>>,
  reasons: readonly string[],
): Submission {
  return newReceipt(ctx, draft, {
    accountId,
    leadId: lead.id,
    outcome,
    fields,
    reasons: [...reasons, ...postback.replaced.map((path) => `CHAR_REPLACED: ${path}`)],
    body: ctx.request.body ?? input,
    crmLeadId: postback.patch.crmLeadId || null,
  });
}

function toStageChange(
  draft: Draft,
  received: Received,
  leadId: string,
  fromStage: string | null,
  move: StageMove,
  cause: Cause,
): StageChange {
  return {
    id: newUuid(),
    accountId: received.accountId,
    leadId,
    fromStage,
    toStage: move.stage.name,
    forced: move.outcome === 'FORCED',
    via: 'postback',
    actor: cause.actor,
    reason: null,
    occurredAt: cause.occurredAt,
    recordedAt: draft.now,
  };
}
