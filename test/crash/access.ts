import type { Json } from '../support/app.ts';

export const cid = 'crash';
const rootKey = 'the key of this run';
const crmSecret = 'the secret of this run';

/** The settings under which the senders are let in. */
export const senderSettings = {
  API_KEY: rootKey,
  CRM_WEBHOOK_SECRET: crmSecret,
  SOURCE_RATE_LIMIT_PER_MINUTE: '0',
  WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8',
};

/** What senders need to be let in, and readers to check what came of it. */
export interface Access {
  readonly base: string;
  readonly rootKey: Readonly<Record<string, string>>;
  readonly source: Readonly<Record<string, string>>;
  readonly crm: Readonly<Record<string, string>>;
  readonly viewer: Readonly<Record<string, string>>;
  /** What the webhook's deliveries are signed with. */
  readonly webhookSecret: string;
}

/** What the senders need: event types, a campaign, a source, a key that reads, and a webhook that is told everything. */
export async function setUpSenders(base: string, receiver: string): Promise<Access> {
  const asRoot = { 'x-api-key': rootKey };
  const mutate = async (field: string, input: object, selection: string): Promise<Json> => {
    const type = field.charAt(0).toUpperCase() + field.slice(1);
    const query = `mutation ($input: ${type}Input!) { ${field}(input: $input) { __typename ... on ${type}Success { ${selection} } ... on Error { message } } }`;
    const response = await fetch(`${base}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...asRoot },
      body: JSON.stringify({ query, variables: { input } }),
    });
    const answer: Json = await response.json();
    if (answer.data?.[field]?.__typename !== `${type}Success`) throw new Error(`${field}: ${JSON.stringify(answer)}`);
    return answer.data[field];
  };
  await mutate('createEventType', { eventId: 'sale', isConversion: true, allowRepeats: true }, 'eventType { id }');
  await mutate('createEventType', { eventId: 'quote', allowRepeats: true }, 'eventType { id }');
  await mutate('createCampaign', { cid }, 'campaign { id }');
  const { key, source } = await mutate('createSource', { name: 'Crash', complianceApproved: true }, 'key source { id }');
  const webhook = { name: 'Crash', url: receiver, events: changeTypes, payloadFormat: 'full' };
  const { secret } = await mutate('createWebhook', webhook, 'secret webhook { id }');
  const { token } = await mutate('createApiKey', { name: 'Crash', scope: 'VIEWER' }, 'token');
  return {
    base,
    rootKey: asRoot,
    source: { 'x-leadping-source-id': source.id, 'x-leadping-source-key': key },
    crm: { authorization: `Bearer ${crmSecret}` },
    viewer: { 'x-api-key': token },
    webhookSecret: secret,
  };
}

const changeTypes = [
  'lead.created',
  'lead.updated',
  'lead.deleted',
  'stage.changed',
  'submission.received',
  'event.fired',
  'event.converted',
  'crm.activity',
  'crm.linked',
];
