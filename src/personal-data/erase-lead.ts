import { z } from 'zod';
import { type Lead, Prisma } from '../../prisma/generated/client/client.ts';
import { authorize } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { IdempotencyKeyReusedError, InvalidInputError } from '../errors.ts';
import type { Cause } from '../leads/changes.ts';
import { LeadNotFoundError } from '../leads/errors.ts';
import { handOverDuplicates } from '../leads/hand-over-duplicates.ts';
import { emptyLead } from '../leads/lead.ts';
import { checkInput } from '../platform/check-input.ts';
import { uuidOf } from '../platform/ids.ts';
import { hasControlCharacter } from '../platform/text.ts';
import type { Command, Draft } from '../writes/draft.ts';
import { toIdempotency } from '../writes/idempotency.ts';
import { leadErased } from './changes.ts';
import { findGroup, findPerson } from './find-person.ts';
import { forgetTraces } from './forget-traces.ts';
import { isAbout, type Person } from './person.ts';

export interface EraseLeadInput {
  readonly leadId: string;
  readonly includeDuplicates?: boolean | null | undefined;
  readonly reason?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
}

export interface ErasedLeads {
  readonly leadIds: readonly string[];
  readonly duplicatesLeft: number;
}

export const eraseLeadErrors = [InvalidInputError, LeadNotFoundError, IdempotencyKeyReusedError] as const;

const longestReason = 200;

const schema = z.object({
  reason: z
    .string()
    .trim()
    .max(longestReason, `must have at most ${longestReason} characters`)
    .refine((value) => !hasControlCharacter(value), 'must not contain control characters')
    .nullish(),
});

/** The person's leads are not those that were found before: one came, or took another's place. */
class GroupChanged extends Error {}

/**
 * Erases a person: the lead and all that belongs to it, its values in every entry of the log, and what was sent of it beside the lead. What the
 * numbers count stays, without the person. Also for a lead that was deleted before, whose last states the log still holds.
 */
export async function eraseLead(ctx: Context, input: EraseLeadInput): Promise<ErasedLeads> {
  const accountId = authorize(ctx.viewer, 'administer');
  const reason = checkInput(schema, input).reason || null;
  const idempotency = toIdempotency(input);
  const leadId = uuidOf('Lead', input.leadId);
  if (leadId === null) throw new LeadNotFoundError();
  const pool = ctx.database.writePool;

  for (;;) {
    const group = await findGroup(pool, accountId, leadId);
    const leadIds = input.includeDuplicates && group.length > 0 ? group : [leadId];
    const person = await findPerson(pool, accountId, leadIds);
    assertImpersonal(person, reason);
    // Before the lead, which says whom to look for: should this process die, the same request ends what it began.
    await forgetTraces(pool, accountId, person);
    const command = toCommand(ctx, accountId, { leadId, group, leadIds, reason });
    try {
      const { result, replayed } = await ctx.writer.write(accountId, ctx.viewer.credential, { ...command, idempotency });
      // What arrived meanwhile.
      await forgetTraces(pool, accountId, person);
      ctx.notes.replayed ||= replayed;
      return result;
    } catch (error) {
      if (!(error instanceof GroupChanged)) throw error;
    }
  }
}

function assertImpersonal(person: Person, reason: string | null): void {
  if (reason === null || !isAbout(person, reason)) return;
  throw new InvalidInputError([{ path: ['reason'], message: 'is kept, and must not tell who the person is', code: 'INVALID_VALUE' }]);
}

interface Plan {
  readonly leadId: string;
  /** All leads that belong together, as they were found before. */
  readonly group: readonly string[];
  /** Those of them that are to go. */
  readonly leadIds: readonly string[];
  readonly reason: string | null;
}

function toCommand(ctx: Context, accountId: string, plan: Plan): Omit<Command<ErasedLeads>, 'idempotency'> {
  const { leadId, group, leadIds, reason } = plan;
  return {
    operation: 'eraseLead',
    touches: { ids: [leadId, ...group], duplicatesOf: [leadId, ...group], logged: [leadId] },
    alone: true,
    apply(draft): ErasedLeads {
      const found = draft.leadById(leadId);
      const number = draft.loggedNumber(leadId);
      if (!found && number === undefined) throw new LeadNotFoundError();
      if (found) assertSameGroup(draft, found, group);
      const cause: Cause = { origin: ctx.request.dialect, actor: ctx.viewer.actor, occurredAt: draft.now };
      const leads = leadIds.map((id) => draft.leadById(id) ?? goneLead(draft, { id, accountId, number: number ?? 0 }));
      for (const lead of leads) draft.removeLead(lead);
      for (const lead of leads) {
        draft.eraseFromLog(lead.id);
        draft.recordChange(leadErased(lead, found !== undefined, reason, cause));
        handOverDuplicates(draft, lead, cause);
      }
      return { leadIds, duplicatesLeft: group.filter((id) => !leadIds.includes(id)).length };
    },
  };
}

function assertSameGroup(draft: Draft, found: Lead, group: readonly string[]): void {
  const rootId = found.duplicateOfId ?? found.id;
  const ids = new Set([rootId, ...draft.duplicatesOf(rootId).map(({ id }) => id)]);
  if (ids.size !== group.length || group.some((id) => !ids.has(id))) throw new GroupChanged();
}

/** What the log's last word on it is about. */
const goneLead = (draft: Draft, known: Pick<Lead, 'id' | 'accountId' | 'number'>): Lead =>
  emptyLead({ ...known, stage: '', createdAt: draft.now, zero: new Prisma.Decimal(0) });
