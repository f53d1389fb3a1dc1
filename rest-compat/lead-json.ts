import { z } from 'zod';

const unknownIsNull = z.string().nullable();

/** A lead as the REST endpoints show it: the postback's names, null for what is not known. */
export const leadSchema = z.object({
  id: z.uuid().describe('The lead_id of postbacks.'),
  lead_id: z.uuid().describe('The same, under the name that postbacks use.'),
  number: z.int().describe('A short number for people.'),
  email: unknownIsNull,
  first_name: unknownIsNull,
  last_name: unknownIsNull,
  phone: unknownIsNull,
  company: unknownIsNull,
  stage: z.string(),
  source: unknownIsNull,
  domain: unknownIsNull,
  campaign: unknownIsNull,
  utm_source: unknownIsNull,
  utm_medium: unknownIsNull,
  utm_campaign: unknownIsNull,
  utm_term: unknownIsNull,
  utm_content: unknownIsNull,
  referrer: unknownIsNull,
  ip_address: unknownIsNull,
  user_agent: unknownIsNull,
  browser: unknownIsNull,
  device_type: unknownIsNull,
  form_completion_percent: z.number().nullable(),
  form_fields_completed: z.int().nullable(),
  form_fields_total: z.int().nullable(),
  crm_lead_id: unknownIsNull,
  custom_data: z.unknown().meta({ type: 'object', additionalProperties: true }),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});

export interface LeadData {
  readonly uuid: string;
  readonly number: number;
  readonly email: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly phone: string | null;
  readonly company: string | null;
  readonly stage: { readonly name: string };
  readonly sourceName: string | null;
  readonly domain: string | null;
  readonly campaignName: string | null;
  readonly utm: Readonly<Record<'source' | 'medium' | 'campaign' | 'term' | 'content', string | null>>;
  readonly referrer: string | null;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly browser: string | null;
  readonly deviceType: string | null;
  readonly form: Readonly<Record<'completionPercent' | 'fieldsCompleted' | 'fieldsTotal', number | null>>;
  readonly crmLeadId: string | null;
  readonly customData: unknown;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export const leadFragment = /* GraphQL */ `
  fragment LeadFields on Lead {
    uuid
    number
    email
    firstName
    lastName
    phone
    company
    stage {
      name
    }
    sourceName
    domain
    campaignName
    utm {
      source
      medium
      campaign
      term
      content
    }
    referrer
    ipAddress
    userAgent
    browser
    deviceType
    form {
      completionPercent
      fieldsCompleted
      fieldsTotal
    }
    crmLeadId
    customData
    createdAt
    updatedAt
  }
`;

export const toLeadJson = (lead: LeadData): z.output<typeof leadSchema> => ({
  id: lead.uuid,
  lead_id: lead.uuid,
  number: lead.number,
  email: lead.email,
  first_name: lead.firstName,
  last_name: lead.lastName,
  phone: lead.phone,
  company: lead.company,
  stage: lead.stage.name,
  source: lead.sourceName,
  domain: lead.domain,
  campaign: lead.campaignName,
  utm_source: lead.utm.source,
  utm_medium: lead.utm.medium,
  utm_campaign: lead.utm.campaign,
  utm_term: lead.utm.term,
  utm_content: lead.utm.content,
  referrer: lead.referrer,
  ip_address: lead.ipAddress,
  user_agent: lead.userAgent,
  browser: lead.browser,
  device_type: lead.deviceType,
  form_completion_percent: lead.form.completionPercent,
  form_fields_completed: lead.form.fieldsCompleted,
  form_fields_total: lead.form.fieldsTotal,
  crm_lead_id: lead.crmLeadId,
  custom_data: lead.customData,
  created_at: lead.createdAt,
  updated_at: lead.updatedAt,
});
