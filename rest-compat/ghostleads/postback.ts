import { parse } from 'graphql';
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { type FormFields, lastOfEach } from '../form-fields.ts';
import { ghostleads } from './answers.ts';
import { toFieldName, toReceiptName } from './fields.ts';
import { anyObject, boolean, integer, number, text } from './shapes.ts';

const body = z.object({
  lead_id: text('Optional. Reuse existing lead UUID to update it.'),
  email: text('Used for dedup if lead_id not provided.'),
  first_name: text(''),
  last_name: text(''),
  phone: text(''),
  company: text(''),
  stage: text('One of the pipeline stages.'),
  source: text('e.g. "google", "facebook"'),
  domain: text('Landing page domain'),
  campaign: text('Campaign name or ID'),
  utm_source: text(''),
  utm_medium: text(''),
  utm_campaign: text(''),
  utm_term: text(''),
  utm_content: text(''),
  referrer: text('Full referrer URL'),
  ip_address: text(''),
  user_agent: text(''),
  browser: text('e.g. "Chrome 124"'),
  device_type: text('"desktop" / "mobile" / "tablet"'),
  form_completion_percent: number('0–100'),
  form_fields_completed: integer(''),
  form_fields_total: integer(''),
  custom_data: anyObject('Any extra key/value pairs'),
  transaction_id: text('The id by which event postbacks will name the lead. Left out: txn_ with its UUID.'),
  crm_lead_id: text('Optional. The id of the lead in the CRM, by which the CRM webhook finds it.'),
  force_stage: boolean('true = allow going backwards in stage'),
});

type Body = z.output<typeof body>;

interface Data {
  readonly recordPostback: {
    readonly created: boolean;
    readonly stageOutcome: 'APPLIED' | 'KEPT' | 'FORCED' | 'UNCHANGED';
    readonly lead: { readonly uuid: string; readonly stage: { readonly name: string } };
    readonly submission: { readonly reasons: readonly string[]; readonly fields: Readonly<Record<string, string>> };
  };
}

const answer = z.object({
  success: z.literal(true),
  lead_id: z.uuid().describe('Send it with the next postback to update the same lead.'),
  created: z.boolean().describe('Whether this postback made the lead.'),
  stage: z.string().describe('The stage in which the lead stands now.'),
  stage_changed: z.boolean(),
  stage_unchanged: z.literal(true).optional().describe('A backward stage was asked for without force_stage: everything else was saved.'),
  conflicts: z.array(z.string()).optional().describe('Fields whose value belongs to another lead; they kept their former value.'),
  warnings: z.array(z.string()).optional().describe('What the receipt says beside the outcome.'),
});

export const postback = endpoint<Body, undefined, Data>({
  method: 'POST',
  path: '/api/postback',
  dialect: ghostleads,
  body,
  fromForm,
  operation: parse(
    /* GraphQL */ `
      mutation RecordPostback($input: RecordPostbackInput!) {
        recordPostback(input: $input) {
          __typename
          ... on RecordPostbackSuccess {
            created
            stageOutcome
            lead {
              uuid
              stage {
                name
              }
            }
            submission {
              reasons
              fields
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
  toVariables: ({ body: sent, idempotencyKey }) => ({
    input: {
      leadId: sent.lead_id,
      email: sent.email,
      firstName: sent.first_name,
      lastName: sent.last_name,
      phone: sent.phone,
      company: sent.company,
      stage: sent.stage,
      forceStage: sent.force_stage,
      source: sent.source,
      domain: sent.domain,
      campaign: sent.campaign,
      utm: {
        source: sent.utm_source,
        medium: sent.utm_medium,
        campaign: sent.utm_campaign,
        term: sent.utm_term,
        content: sent.utm_content,
      },
      referrer: sent.referrer,
      ipAddress: sent.ip_address,
      userAgent: sent.user_agent,
      browser: sent.browser,
      deviceType: sent.device_type,
      form: {
        completionPercent: sent.form_completion_percent,
        fieldsCompleted: sent.form_fields_completed,
        fieldsTotal: sent.form_fields_total,
      },
      customData: sent.custom_data,
      crmLeadId: sent.crm_lead_id,
      transactionId: sent.transaction_id,
      idempotencyKey,
    },
  }),
  fieldName: toFieldName,
  toAnswer({ recordPostback: { created, stageOutcome, lead, submission } }) {
    const conflicts = Object.entries(submission.fields).flatMap(([field, outcome]) =>
      outcome === 'CONFLICT' ? [toReceiptName(field)] : [],
    );
    return {
      status: created ? 201 : 200,
      body: {
        success: true,
        lead_id: lead.uuid,
        created,
        stage: lead.stage.name,
        stage_changed: stageOutcome === 'APPLIED' || stageOutcome === 'FORCED',
        ...(stageOutcome === 'KEPT' && { stage_unchanged: true }),
        ...(conflicts.length > 0 && { conflicts }),
        ...(submission.reasons.length > 0 && { warnings: submission.reasons.map(toWarning) }),
      },
    };
  },
  docs: {
    summary: 'Postback Endpoint',
    description:
      'Send a POST request to create or update a lead. Matches by lead_id first, then email. A field that is absent, null or empty keeps what is stored; custom_data merges key by key. A form body (application/x-www-form-urlencoded) is taken as well: custom_data is then a JSON text and force_stage one of true, false, 1, 0. Fields that are not listed are ignored.',
    examples: [
      {
        title: 'Form Started',
        curl: `curl -X POST http://localhost:3000/api/postback \\
-H "Content-Type: application/json" \\
-d '{
"email": "john@example.com",
"first_name": "John",
"stage": "Form Started",
"source": "google",
"domain": "myeinregistry.com",
"campaign": "llc-spring-2026",
"utm_source": "google",
"utm_medium": "cpc",
"utm_campaign": "llc-spring-2026",
"ip_address": "192.168.1.1",
"browser": "Chrome 124",
"device_type": "desktop",
"form_completion_percent": 10,
"form_fields_total": 12
}'`,
        body: {
          email: 'john@example.com',
          first_name: 'John',
          stage: 'Form Started',
          source: 'google',
          domain: 'myeinregistry.com',
          campaign: 'llc-spring-2026',
          utm_source: 'google',
          utm_medium: 'cpc',
          utm_campaign: 'llc-spring-2026',
          ip_address: '192.168.1.1',
          browser: 'Chrome 124',
          device_type: 'desktop',
          form_completion_percent: 10,
          form_fields_total: 12,
        },
      },
      {
        title: 'Application Submitted',
        curl: `curl -X POST http://localhost:3000/api/postback \\
-H "Content-Type: application/json" \\
-d '{
"email": "john@example.com",
"stage": "Application Submitted",
"form_completion_percent": 100,
"form_fields_completed": 12,
"form_fields_total": 12
}'`,
        body: {
          email: 'john@example.com',
          stage: 'Application Submitted',
          form_completion_percent: 100,
          form_fields_completed: 12,
          form_fields_total: 12,
        },
      },
    ],
    answers: [
      {
        status: 201,
        description: 'A new lead.',
        schema: answer,
        example: {
          success: true,
          lead_id: '0199f3c0-5b1e-7c4a-9d2f-3a1b5c7d9e0f',
          created: true,
          stage: 'Form Started',
          stage_changed: true,
        },
      },
      {
        status: 200,
        description: 'A known lead, updated.',
        schema: answer,
        example: {
          success: true,
          lead_id: '0199f3c0-5b1e-7c4a-9d2f-3a1b5c7d9e0f',
          created: false,
          stage: 'Application Submitted',
          stage_changed: true,
        },
      },
    ],
    refusals: { 400: 'A field breaks a rule, the stage is unknown, or the body is not a JSON object. Nothing was stored.' },
  },
});

/** "CHAR_REPLACED: customData.note" names a field in the graph's words. */
function toWarning(reason: string): string {
  const [code, path] = reason.split(': ', 2);
  return path === undefined ? reason : `${code}: ${toFieldName(path.split('.'))}`;
}

const formBooleans: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
  ['', null],
]);

/** A text that does not say what its field wants stays a text, and the schema refuses it. */
function fromForm(form: FormFields): unknown {
  const fields = lastOfEach(form);
  const { force_stage: forced, custom_data: custom } = fields;
  return {
    ...fields,
    ...(forced !== undefined && { force_stage: formBooleans.get(forced.trim().toLowerCase()) ?? (forced.trim() === '' ? null : forced) }),
    ...(custom !== undefined && { custom_data: custom.trim() === '' ? null : parseOrKeep(custom) }),
  };
}

function parseOrKeep(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
