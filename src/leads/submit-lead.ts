import type { CertificateCheck, Lead, Prisma, StageChange, Submission, SubmissionOutcome } from '../../prisma/generated/client/client.ts';
import { accountOf, authorize } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { ForbiddenError, type InputIssue, InvalidInputError, RateLimitedError } from '../errors.ts';
import { newUuid, toPublicId, uuidOf } from '../platform/ids.ts';
import { SourceNotFoundError } from '../sources/errors.ts';
import type { ActiveSource } from '../sources/source.ts';
import { verifyWithin } from '../trusted-form/certificate-verifier.ts';
import { parseCertificateUrl } from '../trusted-form/certificate-url.ts';
import type { Draft } from '../writes/draft.ts';
import { toIdempotency } from '../writes/idempotency.ts';
import { type Cause, leadCreated } from './changes.ts';
import { toEmailKey } from './email.ts';
import { bookFirstCost } from './ledger.ts';
import { emptyLead, type FieldOutcome, mergeLead } from './lead.ts';
import { findPhoneFacts, type PhoneFinding } from './phone-lookup/phone-lookup.ts';
import { newReceipt, toCause } from './receipt.ts';
import { withoutSecrets } from './secret-name.ts';
import { countRequest } from './source-counters.ts';
import { parseSubmission, type SubmitLeadInput } from './submission.ts';
import { certificateRefused, failedSourceCheck, leadIssues } from './submission-checks.ts';
import { type AcceptedSubmission, toPatch, toSourceFields } from './submitted-lead.ts';
import { toUsE164 } from './us-phone.ts';

export interface SubmittedLead {
  readonly lead: Lead;
  readonly submission: Submission;
}

export const submitLeadErrors = [InvalidInputError, SourceNotFoundError] as const;

/**
 * Takes a lead from a source: checks it, makes a new lead in any case, and keeps a receipt, also of what it refuses. A lead with a known email,
 * or with an `externalId` that the source used before, stands beside the first as its duplicate.
 */
export async function submitLead(ctx: Context, input: SubmitLeadInput): Promise<SubmittedLead> {
  const source = await findSource(ctx, input);
  const failed = failedSourceCheck(source);
  if (failed) {
    await reject(ctx, source, input, [failed.code]);
    throw new ForbiddenError(`${failed.refuses}: it may not send leads.`);
  }
  holdBack(ctx, source);
  ctx.writer.assertRoom(accountFor(ctx, source));
  const parsed = parseSubmission(input);
  const { check } = ctx.intake.trustedForm;
  const issues = leadIssues({ ...parsed, input, source, checksCertificates: check !== 'off' });
  const idempotency = toIdempotency(input, issues);
  if (issues.length > 0 || !parsed.fields) return refuse(ctx, source, input, issues, idempotency);
  const trustedFormStatus = await certificateStatus(ctx, parsed.trustedFormUrl);
  if (trustedFormStatus === 'REFUSED') return refuse(ctx, source, input, [certificateRefused], idempotency);
  return accept(ctx, source, input, { ...parsed, fields: parsed.fields }, trustedFormStatus, idempotency);
}

/** The source whose key was shown, or the one that an API key of its account names. */
async function findSource({ viewer, sources }: Context, { sourceId }: SubmitLeadInput): Promise<ActiveSource> {
  const id = sourceId == null ? null : uuidOf('Source', sourceId);
  if (viewer.source) {
    if (sourceId != null && id !== viewer.source.id) throw new SourceNotFoundError();
    return viewer.source;
  }
  const accountId = authorize(viewer, 'intake');
  if (sourceId == null) {
    const message = 'must name the source when the credential is an API key';
    throw new InvalidInputError([{ path: ['sourceId'], message, code: 'REQUIRED' }]);
  }
  const source = id === null ? null : await sources.byId(id);
  if (source?.accountId !== accountId) throw new SourceNotFoundError();
  return source;
}

/** The minute of a source that is known to be full needs no batch to say so again. */
function holdBack({ sources }: Context, { id }: ActiveSource): void {
  const seconds = sources.secondsToWait(id);
  if (seconds > 0) throw new RateLimitedError('This source sent too many requests within a minute.', seconds);
}

async function certificateStatus({ intake, certificates }: Context, url: string | null): Promise<string | null> {
  if (url === null) return null;
  const { check, deadlineMs } = intake.trustedForm;
  if (check !== 'live') return 'UNCHECKED';
  const checked = parseCertificateUrl(url);
  if (!checked.url) return 'REFUSED';
  const verdict = await verifyWithin(certificates, checked.url, deadlineMs);
  return { ACCEPTED: 'VERIFIED', REFUSED: 'REFUSED', UNREACHABLE: 'PENDING' }[verdict];
}

/** A repeat of a request that was accepted gets its first answer, whatever is said by now of its source or its certificate. */
async function refuse(
  ctx: Context,
  source: ActiveSource,
  input: SubmitLeadInput,
  issues: readonly InputIssue[],
  idempotency: Idempotency,
): Promise<SubmittedLead> {
  const refusal = new InvalidInputError(issues);
  const first = idempotency && (await firstAnswer(ctx, source, idempotency, refusal));
  if (first) return first;
  const reasons = issues.map(({ path, code, message }) => `${code}: ${path.length > 0 ? `${path.join('.')} ` : ''}${message}`);
  await reject(ctx, source, input, reasons);
  throw refusal;
}

type Idempotency = ReturnType<typeof toIdempotency>;

async function firstAnswer(
  ctx: Context,
  source: ActiveSource,
  idempotency: Idempotency,
  refusal: InvalidInputError,
): Promise<SubmittedLead | null> {
  try {
    const { result } = await write<SubmittedLead>(ctx, source, {
      operation: 'submitLead',
      touches: {},
      idempotency,
      apply(): never {
        throw refusal;
      },
    });
    ctx.notes.replayed = true;
    return result;
  } catch (error) {
    if (error !== refusal) throw error;
    return null;
  }
}

/** Keeps the receipt of a refused request. Without an account there is no place for it. */
async function reject(ctx: Context, source: ActiveSource, input: SubmitLeadInput, reasons: readonly string[]): Promise<void> {
  const { accountId } = source;
  if (accountId === null) {
    ctx.log.info({ sourceId: source.id, requestId: ctx.request.requestId }, 'lead refused: its source has no account');
    return;
  }
  await write(ctx, source, {
    operation: 'rejectLead',
    touches: { sourceIds: [source.id] },
    idempotency: null,
    apply(draft): null {
      countRequest(draft, source.id, 'REJECTED', ctx.intake.perMinute);
      draft.put('Submission', toReceipt(draft, { ctx, source, input, accountId }, null, 'REJECTED', {}, reasons));
      return null;
    },
  });
}

async function accept(
  ctx: Context,
  source: ActiveSource,
  input: SubmitLeadInput,
  submission: AcceptedSubmission,
  trustedFormStatus: string | null,
  idempotency: Idempotency,
): Promise<SubmittedLead> {
  const accountId = accountOf(ctx.viewer);
  const patch = toPatch(submission, source, input.recordRequest ? ctx.request : null);
  const e164 = submission.phone === null ? null : toUsE164(submission.phone);
  const phoneLookup = e164 === null ? null : await findPhoneFacts(ctx.phoneLookup, e164);
  const sourceFields = { ...toSourceFields(submission, source), phoneE164: e164, phoneLookup: toJson(phoneLookup), trustedFormStatus };
  const emailKey = submission.email === null ? null : toEmailKey(submission.email);
  const externalId = patch.externalId || null;

  const { result, replayed } = await write(ctx, source, {
    operation: 'submitLead',
    touches: {
      sourceIds: [source.id],
      ...(emailKey !== null && { emailKeys: [emailKey] }),
      ...(externalId !== null && { externalIds: [{ sourceId: source.id, externalId }] }),
      ...(patch.crmLeadId && { crmLinks: [patch.crmLeadId] }),
    },
    idempotency,
    apply(draft): SubmittedLead {
      const namesake = emailKey === null ? undefined : draft.leadByEmail(emailKey);
      const repeated = externalId === null ? undefined : draft.leadByExternalId(source.id, externalId);
      const outcome = namesake || repeated ? 'DUPLICATE' : 'CREATED';
      countRequest(draft, source.id, outcome, ctx.intake.perMinute);

      const stage = ctx.pipeline.first;
      const blank = emptyLead({
        id: newUuid(),
        accountId,
        number: draft.nextLeadNumber(),
        stage: stage.name,
        createdAt: draft.now,
        zero: zeroOf(sourceFields),
      });
      const merged = mergeLead(blank, patch);
      const first = namesake ?? repeated;
      const duplicateOfId = first?.duplicateOfId ?? first?.id ?? null;
      const lead: Lead = Object.assign(merged.lead, sourceFields, { duplicateOfId });
      const reasons = [
        ...(namesake ? [`EMAIL_KNOWN: ${toPublicId('Lead', namesake.id)}`] : []),
        ...(repeated ? [`EXTERNAL_ID_REPEATED: ${toPublicId('Lead', repeated.id)}`] : []),
        ...submission.replaced.map((path) => `CHAR_REPLACED: ${path}`),
      ];
      const received = { ctx, source, input, accountId, crmLeadId: lead.crmLeadId };
      const receipt = toReceipt(draft, received, lead.id, outcome, merged.fields, reasons);
      const cause = toCause(ctx, draft, input.metadata.createdAt ?? null, receipt);
      const stageChange = toStageChange(draft, lead, cause);
      draft.put('Lead', lead);
      bookFirstCost(draft, lead, `source ${source.name}`, cause.actor);
      draft.put('Submission', receipt);
      draft.put('StageChange', stageChange);
      draft.put('Conversation', newConversation(draft, lead));
      if (trustedFormStatus === 'PENDING') draft.put('CertificateCheck', newCheck(draft, lead));
      draft.recordChange(leadCreated(lead, stageChange, cause));
      return { lead, submission: receipt };
    },
  });
  ctx.notes.replayed ||= replayed;
  return result;
}

/** JSON, not null, stands in the column; the client's type knows both. */
const toJson = (finding: PhoneFinding | null): Lead['phoneLookup'] => finding && { ...finding, timeZones: [...finding.timeZones] };

const zeroOf = ({ cost }: { readonly cost: Prisma.Decimal }): Prisma.Decimal => cost.times(0);

/** Writes for a source, and remembers when its minute is full. */
async function write<Result>(ctx: Context, source: ActiveSource, command: Parameters<typeof ctx.writer.write<Result>>[2]) {
  try {
    return await ctx.writer.write(accountFor(ctx, source), ctx.viewer.credential, command);
  } catch (error) {
    if (error instanceof RateLimitedError) ctx.sources.holdOff(source.id, error.retryAfterSeconds);
    throw error;
  }
}

const accountFor = ({ viewer }: Context, source: ActiveSource): string => source.accountId ?? accountOf(viewer);

interface Received {
  readonly ctx: Context;
  readonly source: ActiveSource;
  readonly input: SubmitLeadInput;
  readonly accountId: string;
  /** Absent for a refused request: it must not lead the CRM anywhere. */
  readonly crmLeadId?: string | null;
}

function toReceipt(
  draft: Draft,
  { ctx, source, input, accountId, crmLeadId = null }: Received,
  leadId: string | null,
  outcome: SubmissionOutcome,
  fields: Readonly<Record<string, FieldOutcome>>,
  reasons: readonly string[],
): Submission {
  const sent = ctx.request.body ?? input;
  const body = reasons.some((reason) => reason.startsWith('SECRET_REFUSED')) ? withoutSecrets(sent) : sent;
  return newReceipt(ctx, draft, { accountId, leadId, sourceId: source.id, outcome, fields, reasons: [...reasons], body, crmLeadId });
}

function toStageChange({ now }: Draft, { id, accountId, stage }: Lead, { actor, occurredAt }: Cause): StageChange {
  return {
    id: newUuid(),
    accountId,
    leadId: id,
    fromStage: null,
    toStage: stage,
    forced: false,
    via: 'source',
    actor,
    reason: null,
    occurredAt,
    recordedAt: now,
  };
}

/** Nobody has answered the person yet. */
function newConversation({ now }: Draft, { id, accountId }: Lead) {
  return { leadId: id, accountId, status: 'NEEDS_REPLY', isUnread: true, lastSnippet: null, lastEventAt: now, createdAt: now };
}

const firstRetryMs = 30_000;

function newCheck({ now }: Draft, { id, accountId, trustedFormUrl }: Lead): CertificateCheck {
  const nextAttemptAt = new Date(now.getTime() + firstRetryMs);
  return { leadId: id, accountId, url: trustedFormUrl ?? '', attempts: 1, nextAttemptAt, createdAt: now };
}
