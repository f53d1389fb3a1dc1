import { parse } from 'graphql';
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { ghostleads } from './answers.ts';
import { toLeadSelector } from '../lead-selector.ts';
import { type LeadData, leadFragment, leadSchema, toLeadJson } from '../lead-json.ts';

interface Data {
  readonly lead:
    | (LeadData & {
        readonly stageHistory: { readonly nodes: readonly StageChangeData[]; readonly pageInfo: { readonly hasNextPage: boolean } };
      })
    | null;
}

interface StageChangeData {
  readonly fromStage: string | null;
  readonly toStage: string;
  readonly forced: boolean;
  readonly via: string;
  readonly occurredAt: string;
}

const historySchema = z.object({
  from_stage: z.string().nullable(),
  to_stage: z.string(),
  forced: z.boolean(),
  via: z.string().describe('What moved it: `postback`, `manual`, ...'),
  created_at: z.iso.datetime(),
});

export const getLead = endpoint<undefined, undefined, Data>({
  method: 'GET',
  path: '/api/leads/:id',
  dialect: ghostleads,
  operation: parse(
    /* GraphQL */ `
      query Lead($by: LeadSelector!) {
        lead(by: $by) {
          ...LeadFields
          stageHistory(first: 100) {
            nodes {
              fromStage
              toStage
              forced
              via
              occurredAt
            }
            pageInfo {
              hasNextPage
            }
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
    const { nodes, pageInfo } = lead.stageHistory;
    return {
      status: 200,
      body: { lead: toLeadJson(lead), history: nodes.map(toHistoryJson), ...(pageInfo.hasNextPage && { history_has_more: true }) },
    };
  },
  docs: {
    summary: 'Get single lead + stage history',
    description: 'One lead by its id (the `lead_id` of postbacks) or its number, with its stage history, oldest first.',
    examples: [{ title: 'By number', curl: 'curl http://localhost:3000/api/leads/1' }],
    answers: [
      {
        status: 200,
        description: 'The lead.',
        schema: z.object({
          lead: leadSchema,
          history: z.array(historySchema).describe('Oldest first.'),
          history_has_more: z.literal(true).optional().describe('There are more than 100 steps; the graph gives the rest.'),
        }),
      },
    ],
    refusals: { 404: 'There is no such lead.' },
  },
});

const toHistoryJson = ({ fromStage, toStage, forced, via, occurredAt }: StageChangeData): z.output<typeof historySchema> => ({
  from_stage: fromStage,
  to_stage: toStage,
  forced,
  via,
  created_at: occurredAt,
});
