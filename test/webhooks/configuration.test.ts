import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Json, startApp, type TestApp } from '../support/app.ts';
import { forbiddenUrls } from './forbidden-urls.ts';

let app: TestApp;
let names = 0;

beforeAll(async () => {
  app = await startApp({ API_KEY: 'the-root-key', SECRETS_KEY: 'a key for this test only' });
});
afterAll(() => app.end());

const root = { 'x-api-key': 'the-root-key' };
const fields = 'id name url method headers enabled events health payloadFormat filter disabledReason updatedAt';

async function run(
  operation: string,
  input: Record<string, unknown>,
  success: string,
  headers: Record<string, string> = root,
): Promise<Json> {
  const type = `${operation.charAt(0).toUpperCase()}${operation.slice(1)}`;
  const hasIssues = operation === 'createWebhook' || operation === 'updateWebhook';
  const { data, errors } = await app.graphql(
    `mutation ($input: ${type}Input!) { ${operation}(input: $input) { __typename ... on ${type}Success { ${success} }
      ... on Error { code message } ${hasIssues ? '... on InvalidInputError { issues { path code message } }' : ''} } }`,
    { input },
    headers,
  );
  return errors ? { errors } : data[operation];
}

const create = (input: Record<string, unknown> = {}, headers = root) =>
  run(
    'createWebhook',
    { name: `Webhook ${(names += 1)}`, url: 'https://hooks.example.com/leads', ...input },
    `secret webhook { ${fields} }`,
    headers,
  );
const update = (input: Record<string, unknown>) => run('updateWebhook', input, `webhook { ${fields} }`);
const count = async (): Promise<number> => (await app.graphql('{ webhooks(first: 1) { totalCount } }', {}, root)).data.webhooks.totalCount;

it('makes a webhook as usual, shows its secret once and its header values never', async () => {
  const { webhook, secret } = await create({ name: 'Lead Tracking Webhook', headers: { Authorization: 'Bearer very-secret' } });
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(webhook).toMatchObject({
    name: 'Lead Tracking Webhook',
    method: 'POST',
    enabled: true,
    events: ['save_lead'],
    health: 'OK',
    payloadFormat: 'legacy',
    headers: { Authorization: '********' },
    filter: {},
  });
  const stored = await app.services.database.readPool.query('SELECT row_to_json(w)::text AS row FROM "Webhook" w');
  expect(stored.rows.map(({ row }) => String(row)).join()).not.toMatch(/very-secret|whsec_/);
  const { data } = await app.graphql('query ($id: ID!) { webhook(id: $id) { name } node(id: $id) { id } }', { id: webhook.id }, root);
  expect(data).toEqual({ webhook: { name: 'Lead Tracking Webhook' }, node: { id: webhook.id } });
});

it(`row 70: refuses ${forbiddenUrls.length} URLs that lead to places which are not public, at create and at update, and stores nothing`, async () => {
  const { webhook } = await create();
  const before = await count();
  const taken: string[] = [];
  for (const url of forbiddenUrls) {
    const [created, updated] = await Promise.all([create({ url }), update({ webhookId: webhook.id, url })]);
    if (created.code !== 'WEBHOOK_URL_NOT_ALLOWED' || updated.code !== 'WEBHOOK_URL_NOT_ALLOWED') taken.push(url);
  }
  expect(taken).toEqual([]);
  expect(forbiddenUrls.length).toBeGreaterThan(150);
  expect(await count()).toBe(before);
  const { data } = await app.graphql('query ($id: ID!) { webhook(id: $id) { url } }', { id: webhook.id }, root);
  expect(data.webhook.url).toBe('https://hooks.example.com/leads');
});

it('takes public addresses and names, also ones that do not resolve now', async () => {
  for (const url of [
    'https://93.184.215.14/hook',
    'http://[2606:4700::1111]:8080/',
    'https://no-such-name.example.com/x?tid={transaction_id}&amount={revenue}',
  ]) {
    expect((await create({ url })).webhook?.url).toBe(url);
  }
  expect(await create({ url: 'https://hooks.example.com/?x={transactionid}' })).toMatchObject({
    code: 'VALIDATION_FAILED',
    issues: [{ path: ['url'], code: 'UNKNOWN_PLACEHOLDER' }],
  });
});

const refused: readonly unknown[] = [
  { 'X-Note': 'a\r\nEvil: yes' },
  { 'X-Note\r\nEvil': 'yes' },
  { Host: 'internal' },
  { host: 'internal' },
  { 'webhook-signature': 'v1,forged' },
  { 'Webhook-Id': '1' },
  { 'X-Webhook-Attempt': '1' },
  { 'Transfer-Encoding': 'chunked' },
  { 'Content-Length': '3' },
  { Connection: 'upgrade' },
  { 'Proxy-Authorization': 'x' },
  { 'X-Note': 'naïve' },
  { 'X-Note': 'a\0b' },
  { '': 'x' },
  { 'X Note': 'x' },
  { 'X-Note': 5 },
  { 'X-Note': 'x'.repeat(5000) },
  { 'X-Note': 'a', 'x-note': 'b' },
  ['X-Note'],
];

it('row 75: refuses headers that break the request or speak for this server', async () => {
  const before = await count();
  for (const headers of refused) {
    expect(await create({ headers })).toMatchObject({ __typename: 'HeaderNotAllowedError', code: 'HEADER_NOT_ALLOWED' });
  }
  expect(await count()).toBe(before);
});

it('names every broken rule at once, and a name that is taken', async () => {
  expect(await create({ name: ' ', method: 'DELETE', events: ['lead.exploded'], payloadFormat: 'xml', secret: 'abc' })).toMatchObject({
    code: 'VALIDATION_FAILED',
    issues: [{ path: ['name'] }, { path: ['method'] }, { path: ['events', '0'] }, { path: ['payloadFormat'] }, { path: ['secret'] }],
  });
  expect(await create({ name: 'Twice' })).toMatchObject({ __typename: 'CreateWebhookSuccess' });
  expect(await create({ name: 'Twice' })).toMatchObject({ __typename: 'NameTakenError', code: 'NAME_TAKEN' });
});

it('names an unknown placeholder beside whatever else is wrong', async () => {
  expect(await create({ name: ' ', url: 'https://hooks.example.com/?x={nobody}', method: 'DELETE' })).toMatchObject({
    code: 'VALIDATION_FAILED',
    issues: [{ path: ['name'] }, { path: ['url'], code: 'UNKNOWN_PLACEHOLDER' }, { path: ['method'] }],
  });
});

it('changes what is mentioned, keeps masked header values, and gives a deleted name back', async () => {
  const { webhook } = await create({ name: 'Changes', headers: { 'X-A': 'one', 'X-B': 'two' } });
  const changed = await update({
    webhookId: webhook.id,
    method: 'put',
    events: ['lead.created', 'stage.changed'],
    headers: { 'X-A': '********', 'X-C': 'three' },
  });
  expect(changed.webhook).toMatchObject({
    name: 'Changes',
    method: 'PUT',
    events: ['lead.created', 'stage.changed'],
    payloadFormat: 'legacy',
    headers: { 'X-A': '********', 'X-C': '********' },
  });
  expect((await update({ webhookId: webhook.id, enabled: false })).webhook).toMatchObject({
    enabled: false,
    health: 'DISABLED',
    disabledReason: null,
  });
  expect((await update({ webhookId: webhook.id, enabled: true })).webhook).toMatchObject({ enabled: true, health: 'OK' });
  expect(await run('deleteWebhook', { webhookId: webhook.id }, 'webhookId')).toMatchObject({ webhookId: webhook.id });
  expect(await run('deleteWebhook', { webhookId: webhook.id }, 'webhookId')).toMatchObject({ code: 'WEBHOOK_NOT_FOUND' });
  const { data } = await app.graphql('query ($id: ID!) { webhook(id: $id) { name } }', { id: webhook.id }, root);
  expect(data.webhook).toBeNull();
  expect(await create({ name: 'Changes' })).toMatchObject({ __typename: 'CreateWebhookSuccess' });
});

it('belongs to its account and to those who administer it', async () => {
  const { webhook } = await create();
  const key = async (scope: string) => (await run('createApiKey', { name: `A ${scope}`, scope }, 'token')).token;
  const editor = { 'x-api-key': await key('EDITOR') };
  expect((await create({}, editor)).errors[0].extensions.code).toBe('FORBIDDEN');
  expect((await app.graphql('{ webhooks { nodes { id } } }', {}, editor)).data.webhooks.nodes.length).toBeGreaterThan(0);
  const { token } = await run('createAccount', { name: 'Elsewhere' }, 'token');
  const stranger = { 'x-api-key': token };
  const seen = await app.graphql(
    'query ($id: ID!) { webhook(id: $id) { id } node(id: $id) { id } webhooks { nodes { id } } }',
    { id: webhook.id },
    stranger,
  );
  expect(seen.data).toEqual({ webhook: null, node: null, webhooks: { nodes: [] } });
  for (const operation of ['deleteWebhook', 'testWebhook', 'rotateWebhookSecret', 'replayDeliveries']) {
    expect(await run(operation, { webhookId: webhook.id }, '__typename', stranger)).toMatchObject({ code: 'WEBHOOK_NOT_FOUND' });
  }
});
