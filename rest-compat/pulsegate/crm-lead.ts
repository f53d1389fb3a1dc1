import { parse } from 'graphql';
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { crmWebhook } from './answers.ts';

/** The whole message as it is: copying it would lose a key named `__proto__`, and that nothing else may be lost. */
const body = z
  .custom<CrmMessage>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'must be a JSON object')
  .superRefine((message, ctx) => {
    const { crm_lead_id: id } = message;
    if (typeof id !== 'string' || id.trim() === '') ctx.addIssue({ code: 'custom', path: ['crm_lead_id'], message: 'is required' });
  })
  .meta({
    type: 'object',
    required: ['crm_lead_id'],
    properties: {
      crm_lead_id: { type: 'string', description: "The CRM's id of the lead; that of the lead or of one of its submissions." },
      event_type: { type: 'string', description: 'Event type, like created, updated, status_changed. Default: updated.' },
      updated_at: {
        type: 'string',
        description: 'When it happened (RFC 3339 with an offset). Left out, or not credible: when it arrives.',
      },
      status: { type: 'string', description: 'Stands in the summary on the timeline.' },
    },
    additionalProperties: true,
  });

interface CrmMessage {
  readonly crm_lead_id?: unknown;
  readonly event_type?: unknown;
}

interface Data {
  readonly recordCrmActivity: { readonly stored: boolean; readonly lead: { readonly number: number } | null };
}

const noMatch = 'No matching lead or submission for crm_lead_id';

export const crmLead = endpoint<CrmMessage, undefined, Data>({
  method: 'POST',
  path: '/webhooks/crm/lead',
  dialect: crmWebhook,
  body,
  operation: parse(
    /* GraphQL */ `
      mutation RecordCrmActivity($input: RecordCrmActivityInput!) {
        recordCrmActivity(input: $input) {
          __typename
          ... on RecordCrmActivitySuccess {
            stored
            lead {
              number
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
        }
      }
    `,
    { noLocation: true },
  ),
  toVariables: ({ body: message, idempotencyKey }) => ({
    input: {
      crmLeadId: message.crm_lead_id,
      eventType: typeof message.event_type === 'string' ? message.event_type : null,
      payload: message,
      idempotencyKey,
    },
  }),
  fieldName: ([first = '', ...rest]) => [first === 'crmLeadId' ? 'crm_lead_id' : first, ...rest].join('.'),
  toAnswer: ({ recordCrmActivity: { stored, lead } }) => ({
    status: 200,
    body: stored ? { ok: true, stored, lead_id: lead?.number } : { ok: true, stored, reason: noMatch },
  }),
  docs: {
    summary: 'CRM Webhook',
    description:
      "Takes lead change events of the CRM, or of Make.com in between. The lead is found by its CRM id, then by that of its submissions, newest first; the whole body is kept on the lead's timeline. Without a match the event is kept as unmatched and bound when a lead or a submission gets the id. The key is CRM_WEBHOOK_SECRET, or CRM_CALLBACK_SECRET where that is not set, as Authorization: Bearer or X-API-Key. Repeated events are stored again; the lead itself is not changed.",
    examples: [
      {
        title: 'Status changed',
        curl: `curl -X POST http://localhost:3000/webhooks/crm/lead \\
-H "Authorization: Bearer $CRM_WEBHOOK_SECRET" \\
-H "Content-Type: application/json" \\
-d '{
"crm_lead_id": "crm-abc-456",
"event_type": "status_changed",
"status": "qualified",
"updated_at": "2026-03-05T10:00:00Z"
}'`,
        body: { crm_lead_id: 'crm-abc-456', event_type: 'status_changed', status: 'qualified', updated_at: '2026-03-05T10:00:00Z' },
      },
    ],
    answers: [
      {
        status: 200,
        description: 'Kept: on the lead with this number (stored), or waiting for a lead with this CRM id (not stored).',
        schema: z.union([
          z.object({ ok: z.literal(true), stored: z.literal(true), lead_id: z.int() }),
          z.object({ ok: z.literal(true), stored: z.literal(false), reason: z.string() }),
        ]),
        example: { ok: true, stored: true, lead_id: 123 },
      },
    ],
    refusals: {
      400: 'Invalid JSON body, or crm_lead_id is missing or invalid.',
      401: 'Unauthorized: the secret is missing or wrong.',
      500: 'Failed to store CRM activity.',
      503: 'CRM webhook secret not configured.',
    },
  },
});
