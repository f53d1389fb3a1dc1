import { z } from 'zod';

/** What stands beside a lead in its detail. */

const anything = z.unknown().meta({ description: 'As it was sent.' });

export const activitySchema = z.object({
  id: z.string(),
  event_type: z.string(),
  payload: anything,
  received_at: z.iso.datetime(),
});

export interface ActivityData {
  readonly id: string;
  readonly eventType: string;
  readonly payload: unknown;
  readonly receivedAt: string;
}

export const toActivityJson = ({ id, eventType, payload, receivedAt }: ActivityData): z.output<typeof activitySchema> => ({
  id,
  event_type: eventType,
  payload,
  received_at: receivedAt,
});

export const submissionSchema = z.object({
  id: z.string(),
  system: z.string().describe('The way in: `graphql`, or the name of the documented system.'),
  actor: z.string(),
  outcome: z.string(),
  fields: z.unknown(),
  reasons: z.array(z.string()),
  crm_lead_id: z.string().nullable(),
  body: anything,
  submitted_at: z.iso.datetime(),
});

export interface SubmissionData {
  readonly id: string;
  readonly dialect: string;
  readonly actor: string;
  readonly outcome: string;
  readonly fields: unknown;
  readonly reasons: readonly string[];
  readonly crmLeadId: string | null;
  readonly body: unknown;
  readonly receivedAt: string;
}

export const toSubmissionJson = (submission: SubmissionData): z.output<typeof submissionSchema> => ({
  id: submission.id,
  system: submission.dialect,
  actor: submission.actor,
  outcome: submission.outcome,
  fields: submission.fields,
  reasons: [...submission.reasons],
  crm_lead_id: submission.crmLeadId,
  body: submission.body,
  submitted_at: submission.receivedAt,
});

export const historySchema = z.object({
  from_stage: z.string().nullable(),
  to_stage: z.string(),
  forced: z.boolean(),
  via: z.string(),
  actor: z.string(),
  created_at: z.iso.datetime(),
});

export interface StageChangeData {
  readonly fromStage: string | null;
  readonly toStage: string;
  readonly forced: boolean;
  readonly via: string;
  readonly actor: string;
  readonly occurredAt: string;
}

export const toHistoryJson = ({ fromStage, toStage, forced, via, actor, occurredAt }: StageChangeData): z.output<typeof historySchema> => ({
  from_stage: fromStage,
  to_stage: toStage,
  forced,
  via,
  actor,
  created_at: occurredAt,
});

export const eventSchema = z.object({
  id: z.string(),
  event_id: z.string(),
  name: z.string(),
  cid: z.string().nullable(),
  conversion: z.boolean(),
  revenue: z.string().nullable().describe('A decimal number.'),
  payout: z.string().nullable(),
  transaction_id: z.string(),
  pid: z.string(),
  occurred_at: z.iso.datetime(),
});

export interface EventData {
  readonly id: string;
  readonly eventType: { readonly eventId: string; readonly name: string };
  readonly campaign: { readonly cid: string } | null;
  readonly isConversion: boolean;
  readonly revenue: string | null;
  readonly payout: string | null;
  readonly transactionId: string;
  readonly pid: string;
  readonly occurredAt: string;
}

export const toEventJson = ({ id, eventType, campaign, ...event }: EventData): z.output<typeof eventSchema> => ({
  id,
  event_id: eventType.eventId,
  name: eventType.name,
  cid: campaign && campaign.cid,
  conversion: event.isConversion,
  revenue: event.revenue,
  payout: event.payout,
  transaction_id: event.transactionId,
  pid: event.pid,
  occurred_at: event.occurredAt,
});

export const storySchema = z.object({
  type: z.string(),
  label: z.string().describe('`CRM`, `Stage`, `Submission`, ...'),
  summary: z.string(),
  actor: z.string(),
  occurred_at: z.iso.datetime().describe('When it happened.'),
  received_at: z.iso.datetime().describe('When we heard of it.'),
});

export interface StoryData {
  readonly type: string;
  readonly label: string;
  readonly summary: string;
  readonly actor: string;
  readonly occurredAt: string;
  readonly receivedAt: string;
}

export const toStoryJson = ({ type, label, summary, actor, occurredAt, receivedAt }: StoryData): z.output<typeof storySchema> => ({
  type,
  label,
  summary,
  actor,
  occurred_at: occurredAt,
  received_at: receivedAt,
});
