import { parse } from 'graphql';
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { toLeadSelector } from '../lead-selector.ts';
import { type LeadData, leadFragment, leadSchema, toLeadJson } from '../lead-json.ts';
import { analytics } from './answers.ts';
import {
  activitySchema,
  type ActivityData,
  type EventData,
  eventSchema,
  historySchema,
  type StageChangeData,
  type SubmissionData,
  submissionSchema,
  storySchema,
  type StoryData,
  toActivityJson,
  toEventJson,
  toHistoryJson,
  toStoryJson,
  toSubmissionJson,
} from './lead-story.ts';

interface List<Item> {
  readonly nodes: readonly Item[];
  readonly totalCount: number;
}

interface Data {
  readonly lead:
    | (LeadData & {
        readonly crmActivity: List<ActivityData>;
        readonly submissions: List<SubmissionData>;
        readonly stageHistory: List<StageChangeData>;
        readonly events: List<EventData>;
        readonly timeline: List<StoryData>;
      })
    | null;
}

export const getAnalyticsLead = endpoint<undefined, undefined, Data>({
  method: 'GET',
  path: '/analytics/leads/:id',
  dialect: analytics,
  operation: parse(
    /* GraphQL */ `
      query AnalyticsLead($by: LeadSelector!) {
        lead(by: $by) {
          ...LeadFields
          crmActivity(first: 100) {
            nodes {
              id
              eventType
              payload
              receivedAt
            }
            totalCount
          }
          submissions(first: 100) {
            nodes {
              id
              dialect
              actor
              outcome
              fields
              reasons
              crmLeadId
              body
              receivedAt
            }
            totalCount
          }
          stageHistory(first: 100) {
            nodes {
              fromStage
              toStage
              forced
              via
              actor
              occurredAt
            }
            totalCount
          }
          events(first: 100) {
            nodes {
              id
              eventType {
                eventId
                name
              }
              campaign {
                cid
              }
              isConversion
              revenue
              payout
              transactionId
              pid
              occurredAt
            }
            totalCount
          }
          timeline(first: 100) {
            nodes {
              type
              label
              summary
              actor
              occurredAt
              receivedAt
            }
            totalCount
          }
        }
      }
      ${leadFragment}
    `,
    { noLocation: true },
  ),
  toVariables: ({ params }) => ({ by: toLeadSelector(params['id'] ?? '') }),
  toAnswer({ lead }) {
    if (lead === null) return 'LEAD_NOT_FOUND';
    const { crmActivity, submissions, stageHistory, events, timeline } = lead;
    return {
      status: 200,
      body: {
        lead: toLeadJson(lead),
        crm_activity: crmActivity.nodes.map(toActivityJson),
        submissions: submissions.nodes.map(toSubmissionJson),
        stage_history: stageHistory.nodes.map(toHistoryJson),
        events: events.nodes.map(toEventJson),
        timeline: timeline.nodes.map(toStoryJson),
        totals: {
          crm_activity: crmActivity.totalCount,
          submissions: submissions.totalCount,
          stage_history: stageHistory.totalCount,
          events: events.totalCount,
          timeline: timeline.totalCount,
        },
      },
    };
  },
  docs: {
    summary: 'Lead detail',
    description:
      'One lead by its number or its UUID, with what the CRM reported of it, its submissions, its stage history, the events fired at it and its whole timeline. At most 100 of each; totals tells how many there are, and the graph pages through them.',
    examples: [{ title: 'By number', curl: 'curl -H "X-API-Key: $API_KEY" http://localhost:3000/analytics/leads/1' }],
    answers: [
      {
        status: 200,
        description: 'The lead.',
        schema: z.object({
          lead: leadSchema,
          crm_activity: z.array(activitySchema).describe('Newest first by the time it happened.'),
          submissions: z.array(submissionSchema).describe('Newest first.'),
          stage_history: z.array(historySchema).describe('Oldest first.'),
          events: z.array(eventSchema).describe('Newest first.'),
          timeline: z.array(storySchema).describe('Everything that happened, newest first.'),
          totals: z.object({ crm_activity: z.int(), submissions: z.int(), stage_history: z.int(), events: z.int(), timeline: z.int() }),
        }),
      },
    ],
    refusals: { 404: 'There is no such lead.' },
  },
});
