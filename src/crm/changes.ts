import type { Lead } from '../../prisma/generated/client/client.ts';
import type { Cause } from '../leads/changes.ts';
import type { NewChange } from '../writes/draft.ts';
import { type CrmActivityRow, summarise } from './crm-activity.ts';

/**
 * What the CRM reported stands on a lead, whether it came in time or waited for the lead. The payload is not repeated here: it goes with
 * the lead, the log stays.
 */
export function crmActivityRecorded(lead: Lead, activity: CrmActivityRow): NewChange {
  const { id, crmLeadId, eventType, status, receivedAt, occurredAt, dialect, actor } = activity;
  return {
    type: 'crm.activity',
    lead,
    origin: dialect,
    actor,
    summary: summarise(activity),
    details: { crmActivity: { id, crmLeadId, eventType, status, receivedAt: receivedAt.toISOString() } },
    crmActivityId: id,
    occurredAt,
  };
}

/** A submission, rather than its lead, got an id in the CRM. */
export function submissionLinked(
  lead: Lead,
  link: { readonly crmLeadId: string; readonly previous: string | null },
  cause: Cause,
): NewChange {
  return {
    ...cause,
    type: 'crm.linked',
    lead,
    details: { crmLink: { ...link } },
    summary: `Submission linked to CRM lead ${link.crmLeadId}`,
  };
}
