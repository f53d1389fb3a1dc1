import type { Lead, Prisma, StageChange } from '../../prisma/generated/client/client.ts';
import type { NewChange } from '../writes/draft.ts';

/** Where a change came from and when it happened. */
export interface Cause {
  /** The way in: a REST dialect, `graphql`. */
  readonly origin: string;
  readonly actor: string;
  readonly occurredAt: Date;
  readonly submissionId?: string;
}

export function leadCreated(lead: Lead, stageChange: StageChange, cause: Cause): NewChange {
  const from = lead.sourceName === null ? '' : ` from ${lead.sourceName}`;
  return { ...cause, ...about(lead, 'lead.created'), summary: `Lead created at ${lead.stage}${from}`, stageChangeId: stageChange.id };
}

export function leadUpdated(lead: Lead, previous: Prisma.InputJsonObject, cause: Cause): NewChange {
  const names = Object.keys(previous)
    .filter((field) => !derived.has(field))
    .map(inWords);
  return { ...cause, ...about(lead, 'lead.updated'), summary: `Updated ${names.join(', ')}`, previous };
}

export function stageChanged(lead: Lead, stageChange: StageChange, cause: Cause): NewChange {
  const { fromStage, toStage, forced, via, reason } = stageChange;
  return {
    ...cause,
    ...about(lead, 'stage.changed'),
    details: { stageChange: { fromStage, toStage, forced, via, reason } },
    summary: `Moved from ${fromStage} to ${toStage}${forced ? ' (backward, forced)' : ''}`,
    previous: { stage: fromStage },
    stageChangeId: stageChange.id,
  };
}

/** A submission that brought nothing new: it still belongs to the lead's story. */
export function submissionReceived(lead: Lead, cause: Cause): NewChange {
  return { ...cause, ...about(lead, 'submission.received'), summary: 'Submitted again, nothing new' };
}

/** The tombstone: the last visible state of a lead that is gone. */
export function leadDeleted(lead: Lead, cause: Cause): NewChange {
  return { ...cause, ...about(lead, 'lead.deleted'), summary: `Lead deleted at ${lead.stage}` };
}

const about = (lead: Lead, type: string) => ({ type, lead });

/** Fields that follow from another one. */
const derived: ReadonlySet<string> = new Set(['phoneE164', 'phoneLookup']);

const inWords = (field: string): string => field.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
