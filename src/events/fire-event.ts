import type { EventFiring, Lead, LeadEvent, Prisma, Submission } from '../../prisma/generated/client/client.ts';
import { can } from '../auth/policy.ts';
import { organicPid } from '../campaigns/campaign-book.ts';
import { CampaignNotFoundError } from '../campaigns/errors.ts';
import type { EventSettings } from '../campaigns/event-settings.ts';
import { payoutOf } from '../campaigns/payout.ts';
import type { Context } from '../context.ts';
import { IdempotencyKeyReusedError, InvalidInputError } from '../errors.ts';
import { toEmailKey } from '../leads/email.ts';
import { belongsToAnother } from '../leads/email-owner.ts';
import { LeadNotFoundError } from '../leads/errors.ts';
import { book } from '../leads/ledger.ts';
import { newReceipt, toCause } from '../leads/receipt.ts';
import { leadIdOfTransaction } from '../leads/transaction-id.ts';
import { visibleLead } from '../leads/visible-lead.ts';
import { newUuid } from '../platform/ids.ts';
import { plus } from '../platform/money.ts';
import { isStorable } from '../platform/parameters.ts';
import type { Draft } from '../writes/draft.ts';
import { toIdempotency } from '../writes/idempotency.ts';
import { eventFired } from './changes.ts';
import { DuplicateEventError, EventInProgressError, RevenueRequiredError, SourceInactiveError, UnknownEventError } from './errors.ts';
import { type EventScope, findEventScope } from './event-scope.ts';
import { type FireEventInput, type Firing, parseFiring } from './firing.ts';
import { enrichLead } from './lead-fields.ts';

export interface FiredEvent {
  readonly leadEvent: LeadEvent;
  readonly lead: Lead;
}

export const fireEventErrors = [
  InvalidInputError,
  CampaignNotFoundError,
  LeadNotFoundError,
  UnknownEventError,
  SourceInactiveError,
  RevenueRequiredError,
  EventInProgressError,
  DuplicateEventError,
  IdempotencyKeyReusedError,
] as const;

const lockMs = 2000;

/**
 * Fires a configured event at a lead: once, unless the event allows repeats, and never twice within two seconds. The event, its money and
 * what it tells of the lead are one change. The account's turn decides races, by database time. Source: the event endpoints of seed 001.
 */
export async function fireEvent(ctx: Context, input: FireEventInput): Promise<FiredEvent> {
  const firing = parseFiring(input);
  const idempotency = toIdempotency(input, firing.issues);
  const scope = await findEventScope(ctx, input);
  const transactionId = input.transactionId.trim();
  if (!isStorable(transactionId)) throw new LeadNotFoundError();
  const leadId = leadIdOfTransaction(transactionId);
  const eventType = scope.account.events.get(input.eventId.trim())?.eventType;
  const { email } = firing.lead.patch;
  const { accountId } = scope.account;

  const { result, replayed } = await ctx.writer.write(accountId, ctx.viewer.credential, {
    operation: 'fireEvent',
    touches: {
      transactionIds: [transactionId],
      ...(leadId !== null && { ids: [leadId] }),
      ...(email && { emailKeys: [toEmailKey(email)] }),
      ...(eventType && { eventTypeIds: [eventType.id] }),
    },
    idempotency,
    apply(draft): FiredEvent {
      const lead = draft.leadByTransactionId(transactionId) ?? (leadId === null ? undefined : draft.leadById(leadId));
      if (!lead) throw new LeadNotFoundError();
      const { settings, campaignId } = findSettings(scope, lead, input.eventId.trim());
      const pid = input.pid?.trim() || organicPid;
      if (!scope.account.isActiveSource(pid)) throw new SourceInactiveError();
      if (settings.isConversion && firing.revenue === null) throw new RevenueRequiredError();
      if (firing.issues.length > 0) throw new InvalidInputError(firing.issues);
      const before = draft.row('EventFiring', `${lead.id} ${settings.eventType.id}`);
      if (before && isLocked(before, draft.now)) throw new EventInProgressError();
      if (before && !settings.allowRepeats) throw new DuplicateEventError();
      countFiring(draft, lead, settings, before);
      return fire(draft, { ctx, input, firing, settings, campaignId, pid, transactionId }, lead);
    },
  });
  ctx.notes.replayed ||= replayed;
  const mayRead = ctx.viewer.accountId === accountId && can(ctx.viewer, 'read');
  return mayRead ? result : { lead: visibleLead(result.lead, false), leadEvent: { ...result.leadEvent, payout: null, details: {} } };
}

interface Request {
  readonly ctx: Context;
  readonly input: FireEventInput;
  readonly firing: Firing;
  readonly settings: EventSettings;
  readonly campaignId: string | null;
  readonly pid: string;
  readonly transactionId: string;
}

function findSettings(
  scope: EventScope,
  lead: Lead,
  eventId: string,
): { readonly settings: EventSettings; readonly campaignId: string | null } {
  const known = scope.campaign ?? scope.account.campaignOf(lead.campaignName);
  const settings = (known ?? scope.account).events.get(eventId);
  if (!settings?.enabled) throw new UnknownEventError();
  return { settings, campaignId: known?.campaign.id ?? null };
}

/** Either side of the last firing: a database clock that was set back by hours must not lock events for hours. */
const isLocked = ({ lastFiredAt }: EventFiring, now: Date): boolean => Math.abs(now.getTime() - lastFiredAt.getTime()) < lockMs;

function countFiring(draft: Draft, lead: Lead, { eventType }: EventSettings, before: EventFiring | undefined): void {
  const { id: leadId, accountId } = lead;
  draft.put('EventFiring', { leadId, eventTypeId: eventType.id, accountId, count: (before?.count ?? 0) + 1, lastFiredAt: draft.now });
}

function fire(draft: Draft, request: Request, found: Lead): FiredEvent {
  const { ctx, firing, settings, campaignId, pid, transactionId } = request;
  const { eventType, isConversion, payout } = settings;
  const { revenue } = firing;
  const emailKey = firing.lead.patch.email ? toEmailKey(firing.lead.patch.email) : null;
  const conflicts = belongsToAnother(draft, found, emailKey) ? ['email'] : [];
  const { lead: enriched, fields, previous, changed } = enrichLead(found, firing.lead, conflicts);
  const submission = Object.keys(fields).length > 0 ? toReceipt(draft, request, found, changed, fields, conflicts) : null;
  const cause = toCause(ctx, draft, firing.occurredAt, submission);
  const leadEvent: LeadEvent = {
    id: newUuid(),
    accountId: found.accountId,
    leadId: found.id,
    eventTypeId: eventType.id,
    campaignId,
    isConversion,
    revenue,
    payout: isConversion && payout && revenue ? payoutOf(payout, revenue) : null,
    transactionId,
    pid,
    details: firing.details,
    actor: ctx.viewer.actor,
    submissionId: submission?.id ?? null,
    occurredAt: cause.occurredAt,
    recordedAt: draft.now,
  };
  const settled = settle(draft, request, enriched, leadEvent);
  const lead = settled === found ? found : { ...settled, updatedAt: draft.now };
  draft.put('LeadEvent', leadEvent);
  if (submission) draft.put('Submission', submission);
  if (lead !== found) draft.put('Lead', lead);
  draft.recordChange(eventFired(lead, leadEvent, eventType, { ...previous, ...formerAmounts(found, lead) }, cause));
  return { leadEvent, lead };
}

/** The money of an event: revenue and payout of a conversion, and what the request says of cost and ad spend. */
function settle(draft: Draft, { ctx, firing, settings }: Request, enriched: Lead, event: LeadEvent): Lead {
  const { cost, costOperation, adSpend } = firing;
  const rest = { cause: `event ${settings.eventType.eventId}`, leadEventId: event.id, actor: ctx.viewer.actor };
  let lead = enriched;
  if (cost) lead = book(draft, lead, { kind: 'COST', operation: costOperation, sent: cost, ...rest });
  if (adSpend) lead = book(draft, lead, { kind: 'AD_SPEND', operation: 'ADD', sent: adSpend, ...rest });
  if (event.payout) lead = book(draft, lead, { kind: 'PAYOUT', operation: 'ADD', sent: event.payout, ...rest });
  if (event.isConversion && event.revenue && !event.revenue.isZero()) lead = { ...lead, revenue: plus(lead.revenue, event.revenue) };
  return lead;
}

function formerAmounts(before: Lead, after: Lead): Prisma.InputJsonObject {
  const amounts = ['revenue', 'payout', 'cost', 'adSpend'] as const;
  return Object.fromEntries(amounts.flatMap((name) => (before[name].equals(after[name]) ? [] : [[name, before[name].toFixed()]])));
}

/** What came along of the lead gets a receipt, like every submission: a later touch must not erase what an earlier one said. */
function toReceipt(
  draft: Draft,
  { ctx, input }: Request,
  lead: Lead,
  changed: boolean,
  fields: Submission['fields'],
  conflicts: readonly string[],
): Submission {
  return newReceipt(ctx, draft, {
    accountId: lead.accountId,
    leadId: lead.id,
    outcome: changed ? 'UPDATED' : 'UNCHANGED',
    fields,
    reasons: conflicts.map((field) => `${field.toUpperCase()}_CONFLICT`),
    body: ctx.request.body ?? input,
  });
}
