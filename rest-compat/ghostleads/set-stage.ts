import { parse } from 'graphql';
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { ghostleads } from './answers.ts';
import { toFieldName } from './fields.ts';
import { text } from './shapes.ts';

const body = z.object({
  stage: z.string('must be a string').describe('One of the pipeline stages.'),
  reason: text('Optional. Stands in the stage history.'),
});

interface Data {
  readonly moveLead: {
    readonly lead: { readonly uuid: string; readonly stage: { readonly name: string } };
    readonly stageChange: { readonly id: string } | null;
  };
}

export const setStage = endpoint<z.output<typeof body>, undefined, Data>({
  method: 'PUT',
  path: '/api/leads/:id/stage',
  dialect: ghostleads,
  body,
  operation: parse(
    /* GraphQL */ `
      mutation SetStage($input: MoveLeadInput!) {
        moveLead(input: $input) {
          __typename
          ... on MoveLeadSuccess {
            lead {
              uuid
              stage {
                name
              }
            }
            stageChange {
              id
            }
          }
          ... on Error {
            code
            message
          }
          ... on InvalidInputError {
            issues {
              path
              message
              code
            }
          }
          ... on UnknownStageError {
            stages
          }
        }
      }
    `,
    { noLocation: true },
  ),
  toVariables: ({ body: { stage, reason }, params, idempotencyKey }) => ({
    input: { leadId: params['id'], stage, reason, idempotencyKey },
  }),
  fieldName: toFieldName,
  toAnswer: ({ moveLead: { lead, stageChange } }) => ({
    status: 200,
    body: { success: true, lead_id: lead.uuid, stage: lead.stage.name, stage_changed: stageChange !== null },
  }),
  docs: {
    summary: 'Manually update stage',
    description: 'Moves a lead by hand, forward or backward. Body: {"stage": "Paid"}. The history says that it was manual.',
    examples: [
      {
        title: 'Paid',
        curl: `curl -X PUT http://localhost:3000/api/leads/0199f3c0-5b1e-7c4a-9d2f-3a1b5c7d9e0f/stage \\
-H "Content-Type: application/json" \\
-d '{"stage": "Paid"}'`,
        body: { stage: 'Paid' },
      },
    ],
    answers: [
      {
        status: 200,
        description: 'The lead stands in that stage.',
        schema: z.object({ success: z.literal(true), lead_id: z.uuid(), stage: z.string(), stage_changed: z.boolean() }),
        example: { success: true, lead_id: '0199f3c0-5b1e-7c4a-9d2f-3a1b5c7d9e0f', stage: 'Paid', stage_changed: true },
      },
    ],
    refusals: { 400: 'The stage is missing or unknown.', 404: 'There is no such lead.' },
  },
});
