import { parse } from 'graphql';
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { ghostleads } from './answers.ts';
import { type LeadData, leadFragment, leadSchema, toLeadJson } from './lead-json.ts';

interface Data {
  readonly lead: (LeadData & { readonly stageHistory: { readonly nodes: readonly StageChangeData[] } }) | null;
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

const maxNumber = 2_147_483_647;

/** People know a lead by its short number, machines by its id. */
const toSelector = (id: string): Record<string, unknown> =>
  /^\d{1,10}$/.test(id) && Number(id) <= maxNumber ? { number: Number(id) } : { id };

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
          }
        }
      }
      ${leadFragment}
    `,
    { noLocation: true },
  ),
  toVariables: ({ params }) => ({ by: toSelector(params['id'] ?? '') }),
  toAnswer: ({ lead }) =>
    lead === null
      ? 'LEAD_NOT_FOUND'
      : { status: 200, body: { lead: toLeadJson(lead), history: lead.stageHistory.nodes.map(toHistoryJson) } },
  docs: {
    summary: 'Get single lead + stage history',
    description: 'One lead by its id (the `lead_id` of postbacks) or its number, with its stage history, oldest first.',
    examples: [{ title: 'By number', curl: 'curl http://localhost:3000/api/leads/1' }],
    answers: [
      {
        status: 200,
        description: 'The lead.',
        schema: z.object({ lead: leadSchema, history: z.array(historySchema) }),
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
