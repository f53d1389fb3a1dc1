import { afterAll, beforeAll, expect, it } from 'vitest';
import { mutate, newLead } from '../events/store.ts';
import { until } from '../live/change-log.ts';
import { flatLead, makeSource, asRoot as key, post, rootKey } from '../sources/intake.ts';
import { type Json, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ API_KEY: rootKey, SECRETS_KEY: 'a key for this test only' });
});
afterAll(() => app.end());

const created = async (filter: object | null, events = ['lead.updated'], name = JSON.stringify([filter, events])): Promise<Json> =>
  // Nothing is sent: what is recorded for it says what it would be told.
  mutate(app, 'createWebhook', { name, url: 'https://hooks.example.com/', enabled: false, events, filter }, 'webhook { id name }', key);

const ask = async (document: string, variables: object = {}): Promise<Json> => {
  const { data, errors } = await app.graphql(document, variables as Record<string, unknown>, key);
  expect(errors).toBeUndefined();
  return data;
};

const told = async (id: string): Promise<number> =>
  (await ask('query ($id: ID!) { webhook(id: $id) { deliveries { totalCount } } }', { id })).webhook.deliveries.totalCount;

const hour = 3_600_000;
const later = new Date(Date.now() + hour).toISOString();
const earlier = new Date(Date.now() - hour).toISOString();

it('judges a change by every field of a lead filter, as the list of leads does', async () => {
  await mutate(app, 'createEventType', { eventId: 'sale' }, 'eventType { id }', key);
  await mutate(app, 'createEventType', { eventId: 'visit' }, 'eventType { id }', key);
  await mutate(app, 'createCampaign', { cid: 'spring' }, 'campaign { id }', key);
  const source = await makeSource(app, { name: 'Partner', defaultTags: ['vip'] });
  const other = await makeSource(app, { name: 'Somebody else' });
  await post(app, source, flatLead({ email: 'ann@filter.test' }));
  const fields = { email: 'ann@filter.test', campaign: 'spring', domain: 'example.com', device_type: 'mobile', stage: 'Paid' };
  await app.send('POST', '/api/postback', fields, key);
  const lead = await newLead(app, { email: 'ann@filter.test' }, key);
  await mutate(app, 'fireEvent', { cid: 'spring', eventId: 'sale', transactionId: lead.transactionId }, 'leadEvent { id }', key);
  const { sourceName } = (await ask('query ($id: ID!) { lead(by: { id: $id }) { sourceName } }', { id: lead.id })).lead;

  const filters: Readonly<Record<string, readonly [met: unknown, missed: unknown]>> = {
    stage: [['paid', 'Onboarding'], ['Form Started']],
    search: ['ann', 'bob'],
    source: [[sourceName, 'x'], ['x']],
    sourceId: [[source.id], [other.id, 'nonsense']],
    campaign: [['spring'], ['autumn']],
    domain: [['example.com'], ['example.org']],
    createdFrom: [earlier, later],
    createdTo: [later, earlier],
    updatedFrom: [earlier, later],
    updatedTo: [later, earlier],
    hasEvent: ['sale', 'visit'],
    deviceType: [['mobile'], ['desktop']],
    tags: [['x', 'vip'], ['x']],
    duplicates: ['EXCLUDE', 'ONLY'],
  };
  const { __type } = await ask('{ __type(name: "LeadFilter") { inputFields { name } } }');
  expect(Object.keys(filters).toSorted()).toEqual(__type.inputFields.map(({ name }: Json) => name).toSorted());

  const webhooks: { readonly id: string; readonly filter: object; readonly isMet: boolean }[] = [];
  for (const [name, values] of Object.entries(filters)) {
    for (const [i, value] of values.entries()) {
      const { webhook } = await created({ [name]: value });
      webhooks.push({ id: webhook.id, filter: { [name]: value }, isMet: i === 0 });
    }
  }
  const { webhook: all } = await created(null);
  await mutate(app, 'updateLead', { leadId: lead.id, company: 'Acme' }, 'lead { id }', key);
  await until('the change is recorded', async () => (await told(all.id)) === 1);
  for (const { id, filter, isMet } of webhooks) {
    expect({ filter, told: await told(id) }).toEqual({ filter, told: isMet ? 1 : 0 });
    const { leads } = await ask('query ($filter: LeadFilter) { leads(filter: $filter) { totalCount } }', { filter });
    expect({ filter, listed: leads.totalCount }).toEqual({ filter, listed: isMet ? 1 : 0 });
  }
});

it('counts the events that had been fired by the time of the change, and no later ones', async () => {
  const lead = await newLead(app, { email: 'bob@filter.test' }, key);
  const { webhook } = await created({ hasEvent: 'sale' }, ['lead.updated', 'event.fired'], 'Told after the sale');
  const { webhook: all } = await created({}, ['lead.updated', 'event.fired'], 'Told of everything');
  const edit = (company: string) => mutate(app, 'updateLead', { leadId: lead.id, company }, 'lead { id }', key);
  const fire = (eventId: string) =>
    mutate(app, 'fireEvent', { cid: 'spring', eventId, transactionId: lead.transactionId }, 'leadEvent { id }', key);
  await edit('Before');
  await fire('visit');
  await fire('sale');
  await edit('After');
  await until('all are recorded', async () => (await told(all.id)) === 4);
  const { deliveries } = (
    await ask('query ($id: ID!) { webhook(id: $id) { deliveries { nodes { change { summary } } } } }', { id: webhook.id })
  ).webhook;
  expect(deliveries.nodes.map(({ change }: Json) => change.summary)).toEqual(['Updated company', 'Event: sale']);
});

it('refuses a filter that the list of leads would refuse', async () => {
  for (const filter of [{ stage: Array.from({ length: 101 }, (_, i) => `Stage ${i}`) }, { search: 'x'.repeat(201) }]) {
    const variables = { input: { name: 'Too much', url: 'https://hooks.example.com/', filter } };
    const { errors } = await app.graphql(
      'mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { __typename } }',
      variables,
      key,
    );
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  }
});
