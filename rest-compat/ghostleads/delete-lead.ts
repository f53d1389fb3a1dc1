import { parse } from 'graphql';
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { ghostleads } from './answers.ts';

export const deleteLead = endpoint({
  method: 'DELETE',
  path: '/api/leads/:id',
  dialect: ghostleads,
  operation: parse(
    /* GraphQL */ `
      mutation DeleteLead($input: DeleteLeadInput!) {
        deleteLead(input: $input) {
          __typename
          ... on DeleteLeadSuccess {
            leadId
          }
          ... on Error {
            code
            message
          }
        }
      }
    `,
    { noLocation: true },
  ),
  toVariables: ({ params, idempotencyKey }) => ({ input: { leadId: params['id'], idempotencyKey } }),
  toAnswer: () => ({ status: 200, body: { success: true } }),
  docs: {
    summary: 'Delete lead',
    description: 'Deletes a lead with its stage history and everything that was received about it.',
    examples: [{ title: 'Delete', curl: 'curl -X DELETE http://localhost:3000/api/leads/0199f3c0-5b1e-7c4a-9d2f-3a1b5c7d9e0f' }],
    answers: [
      { status: 200, description: 'The lead is gone.', schema: z.object({ success: z.literal(true) }), example: { success: true } },
    ],
    refusals: { 404: 'There is no such lead.' },
  },
});
