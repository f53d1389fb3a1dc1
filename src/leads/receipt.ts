import type { Prisma, Submission } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import { newUuid } from '../platform/ids.ts';
import { toStorable } from '../platform/text.ts';
import type { Draft } from '../writes/draft.ts';
import type { Cause } from './changes.ts';

/** What an operation knows of a submission; the rest of its receipt is the same for all. */
export type ReceiptOf = Pick<Submission, 'accountId' | 'leadId' | 'outcome' | 'fields' | 'reasons'> &
  Partial<Pick<Submission, 'sourceId' | 'crmLeadId'>> & {
    /** What was sent: the body of a REST request, else the mutation's input. */
    readonly body: unknown;
  };

/** The receipt of one intake request: who sent what, when, and what became of it. */
export function newReceipt({ request, viewer }: Context, { now }: Draft, { body, ...known }: ReceiptOf): Submission {
  return {
    sourceId: null,
    crmLeadId: null,
    ...known,
    id: newUuid(),
    dialect: request.dialect,
    actor: viewer.actor,
    body: toStorable(body).value as Prisma.JsonValue,
    ipAddress: request.ipAddress,
    userAgent: request.userAgent,
    receivedAt: now,
    durationMs: Math.round((performance.now() - request.startedAtMs) * 1000) / 1000,
  };
}

/** A time in the future is a sender's wrong clock: the log keeps the order in which it heard. */
const notInFuture = (said: Date | null, { now }: Draft): Date => (said !== null && said.getTime() < now.getTime() ? said : now);

/** Why the log is about to change: this request, at the time that it says. */
export function toCause({ request, viewer }: Context, draft: Draft, said: Date | null, submission: Submission | null): Cause {
  return {
    origin: request.dialect,
    actor: viewer.actor,
    occurredAt: notInFuture(said, draft),
    ...(submission && { submissionId: submission.id }),
  };
}
