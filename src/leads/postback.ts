import { z } from 'zod';
import { checkInput } from '../platform/check-input.ts';
import * as field from './fields.ts';
import type { LeadPatch } from './lead.ts';

/** What `recordPostback` takes, as the graph hands it over. */
export interface RecordPostbackInput {
  readonly leadId?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly firstName?: string | null | undefined;
  readonly lastName?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly company?: string | null | undefined;
  readonly stage?: string | null | undefined;
  readonly forceStage?: boolean | null | undefined;
  readonly source?: string | null | undefined;
  readonly domain?: string | null | undefined;
  readonly campaign?: string | null | undefined;
  readonly utm?: UtmInput | null | undefined;
  readonly referrer?: string | null | undefined;
  readonly ipAddress?: string | null | undefined;
  readonly userAgent?: string | null | undefined;
  readonly browser?: string | null | undefined;
  readonly deviceType?: string | null | undefined;
  readonly form?: FormProgressInput | null | undefined;
  readonly customData?: unknown;
  readonly crmLeadId?: string | null | undefined;
  readonly transactionId?: string | null | undefined;
  readonly occurredAt?: Date | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
}

export interface UtmInput {
  readonly source?: string | null | undefined;
  readonly medium?: string | null | undefined;
  readonly campaign?: string | null | undefined;
  readonly term?: string | null | undefined;
  readonly content?: string | null | undefined;
}

export interface FormProgressInput {
  readonly completionPercent?: number | null | undefined;
  readonly fieldsCompleted?: number | null | undefined;
  readonly fieldsTotal?: number | null | undefined;
}

const utm = z.object({ source: field.text, medium: field.text, campaign: field.text, term: field.text, content: field.text }).nullish();

const form = z.object({ completionPercent: field.percent, fieldsCompleted: field.count, fieldsTotal: field.count }).nullish();

const schema = z.object({
  leadId: field.strictText,
  email: field.email,
  firstName: field.text,
  lastName: field.text,
  phone: field.phone,
  company: field.text,
  stage: field.text,
  forceStage: z.boolean().nullish(),
  source: field.text,
  domain: field.text,
  campaign: field.text,
  utm,
  referrer: field.text,
  ipAddress: field.text,
  userAgent: field.text,
  browser: field.text,
  deviceType: field.deviceType,
  form,
  customData: field.customData,
  crmLeadId: field.crmLeadId,
  transactionId: field.transactionId,
  occurredAt: z.date().nullish(),
});

/** A postback whose fields obey their rules. */
export interface Postback {
  readonly leadId: string | null;
  readonly email: string | null;
  readonly stage: string | null;
  readonly forceStage: boolean;
  readonly occurredAt: Date | null;
  readonly patch: LeadPatch;
  /** Paths of the texts in which a character had to be replaced. */
  readonly replaced: readonly string[];
}

/** Checks a postback's fields. Throws one InvalidInputError with every issue. */
export function parsePostback(input: RecordPostbackInput): Postback {
  const { value, replaced } = field.toCheckable(input);
  const checked = checkInput(schema, value);
  const { utm, form } = checked;
  return {
    leadId: checked.leadId || null,
    email: checked.email || null,
    stage: checked.stage?.trim() ? checked.stage : null,
    forceStage: checked.forceStage ?? false,
    occurredAt: checked.occurredAt ?? null,
    replaced,
    patch: {
      email: checked.email,
      firstName: checked.firstName,
      lastName: checked.lastName,
      phone: checked.phone,
      company: checked.company,
      sourceName: checked.source,
      campaignName: checked.campaign,
      domain: checked.domain,
      utmSource: utm?.source,
      utmMedium: utm?.medium,
      utmCampaign: utm?.campaign,
      utmTerm: utm?.term,
      utmContent: utm?.content,
      referrer: checked.referrer,
      ipAddress: checked.ipAddress,
      userAgent: checked.userAgent,
      browser: checked.browser,
      deviceType: checked.deviceType,
      formPercent: form?.completionPercent,
      formCompleted: form?.fieldsCompleted,
      formTotal: form?.fieldsTotal,
      customData: checked.customData,
      crmLeadId: checked.crmLeadId,
      transactionId: checked.transactionId,
    },
  };
}
