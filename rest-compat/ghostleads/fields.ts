/** The postback's flat names and where each value stands in the graph's input. */
const inputPaths: Readonly<Record<string, string>> = {
  lead_id: 'leadId',
  email: 'email',
  first_name: 'firstName',
  last_name: 'lastName',
  phone: 'phone',
  company: 'company',
  stage: 'stage',
  source: 'source',
  domain: 'domain',
  campaign: 'campaign',
  utm_source: 'utm.source',
  utm_medium: 'utm.medium',
  utm_campaign: 'utm.campaign',
  utm_term: 'utm.term',
  utm_content: 'utm.content',
  referrer: 'referrer',
  ip_address: 'ipAddress',
  user_agent: 'userAgent',
  browser: 'browser',
  device_type: 'deviceType',
  form_completion_percent: 'form.completionPercent',
  form_fields_completed: 'form.fieldsCompleted',
  form_fields_total: 'form.fieldsTotal',
  custom_data: 'customData',
  crm_lead_id: 'crmLeadId',
  transaction_id: 'transactionId',
  force_stage: 'forceStage',
};

const namesByPath: ReadonlyMap<string, string> = new Map(Object.entries(inputPaths).map(([name, path]) => [path, name]));

/** The lead's own names for values, where they differ from the input's; receipts use them. */
const namesByLeadField: ReadonlyMap<string, string> = new Map([
  ['sourceName', 'source'],
  ['campaignName', 'campaign'],
  ['utmSource', 'utm_source'],
  ['utmMedium', 'utm_medium'],
  ['utmCampaign', 'utm_campaign'],
  ['utmTerm', 'utm_term'],
  ['utmContent', 'utm_content'],
  ['formPercent', 'form_completion_percent'],
  ['formCompleted', 'form_fields_completed'],
  ['formTotal', 'form_fields_total'],
]);

/** What a sender calls the field at a path of the graph's input; below `custom_data` the path is the sender's own. */
export function toFieldName(path: readonly string[]): string {
  for (const length of [2, 1]) {
    const name = namesByPath.get(path.slice(0, length).join('.'));
    if (name !== undefined) return [name, ...path.slice(length)].join('.');
  }
  return path.join('.');
}

/** What a sender calls a field that a receipt names. */
export const toReceiptName = (field: string): string => namesByLeadField.get(field) ?? toFieldName([field]);
