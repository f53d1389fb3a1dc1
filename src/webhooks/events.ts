import { leadErased } from '../changes/change.ts';

/** What a webhook can be told of: the documented `save_lead`, and every type of change in the log. */

export const saveLead = 'save_lead';

export const changeTypes = [
  'lead.created',
  'lead.updated',
  'lead.deleted',
  leadErased,
  'stage.changed',
  'submission.received',
  'event.fired',
  'event.converted',
  'crm.activity',
  'crm.linked',
] as const;

export const webhookEvents: readonly string[] = [saveLead, ...changeTypes];

/**
 * Whether a change `c` of the log saved its lead, as SQL: the lead is new, or some of its fields changed, the stage among them. A request that
 * edits a lead and moves it is one save, though the log has two entries for it: the last one counts, which shows the lead as it stands after both.
 */
export const savesLead = `(c.type = 'lead.created' OR (c.previous IS NOT NULL AND c.type NOT IN ('lead.deleted', 'lead.erased') AND NOT EXISTS (
  SELECT FROM "Change" n WHERE n."accountId" = c."accountId" AND n.seq BETWEEN c.seq + 1 AND c.seq + 3 AND n."leadId" = c."leadId"
    AND n."submissionId" = c."submissionId" AND n."recordedAt" = c."recordedAt" AND n.previous IS NOT NULL)))`;
