import type { LeadDetail } from '../documents/lead.ts';

/** The postback that would make this lead, in the documented field names. */
export function toCurl(lead: LeadDetail, origin: string, withKey: boolean): string {
  const body = {
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
    custom_data: isEmpty(lead.customData) ? null : lead.customData,
  };
  const present = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  const head = ['-H "Content-Type: application/json"', ...(withKey ? ['-H "x-api-key: YOUR_API_KEY"'] : [])];
  return `curl -X POST ${origin}/api/postback \\\n  ${head.join(' \\\n  ')} \\\n  -d ${quote(JSON.stringify(present, null, 2))}`;
}

/** For a POSIX shell: nothing inside is read by it. */
const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

const isEmpty = (value: unknown): boolean => typeof value !== 'object' || value === null || Object.keys(value).length === 0;
