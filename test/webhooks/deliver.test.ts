import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { until, wait } from '../live/change-log.ts';
import { type Json, startApp, type TestApp } from '../support/app.ts';
import { type Call, header, type Receiver, startReceiver } from './receiver.ts';

let app: TestApp;
let receiver: Receiver;
let names = 0;

beforeAll(async () => {
  app = await startApp({ WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8', SECRETS_KEY: 'a key for this test only' });
});
afterAll(() => app.end());
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const fields = 'id name url method headers enabled events health payloadFormat filter';

async function createWebhook(input: Record<string, unknown> = {}): Promise<Json> {
  const { data, errors } = await app.graphql(
    `mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { __typename
      ... on CreateWebhookSuccess { secret webhook { ${fields} } } ... on Error { code message } ... on InvalidInputError { issues { path code } } } }`,
    { input: { name: `Webhook ${(names += 1)}`, url: `${receiver.url}/webhooks/leads`, ...input } },
  );
  expect(errors).toBeUndefined();
  return data.createWebhook;
}

const save = (body: Record<string, unknown>) => app.send('POST', '/api/postback', body);
const bodies = (calls: readonly Call[] = receiver.calls): Json[] => calls.map(({ body }) => JSON.parse(body));

it('tells the documented receiver of a created and of an updated lead, and of nothing when nothing changed', async () => {
  const printed: string[] = [];
  // The seed's example, without Express: it prints what it was sent and answers in its words.
  receiver.answer = (call, response) => {
    if (call.method !== 'POST' || call.path !== '/webhooks/leads') return void response.writeHead(404).end();
    const leadData: unknown = JSON.parse(call.body).data;
    printed.push(`Received new lead: ${JSON.stringify(leadData)}`);
    response.writeHead(200).end('Webhook received');
  };
  await createWebhook();
  await save({ email: 'seed@example.com', first_name: 'Ann', stage: 'Form Started' });
  await save({ email: 'seed@example.com', first_name: 'Ann', stage: 'Form Started' });
  await save({ email: 'seed@example.com', company: 'Acme', stage: 'Paid' });
  await until('both saves are told', () => printed.length === 2);
  await wait(200);
  expect(printed).toEqual([
    'Received new lead: {"email":"seed@example.com","company":null,"first_name":"Ann","last_name":null,"phone":null,"website":"","position":null,"twitter":null,"linkedin":null,"notes":null,"score":0}',
    'Received new lead: {"email":"seed@example.com","company":"Acme","first_name":"Ann","last_name":null,"phone":null,"website":"","position":null,"twitter":null,"linkedin":null,"notes":null,"score":0}',
  ]);
  expect(receiver.calls[0]?.body.startsWith('{"data":{"email":')).toBe(true);
});

it('signs so that both public packages accept it, and keeps one id over all tries', async () => {
  const { secret } = await createWebhook({ headers: { Authorization: 'Bearer abc' } });
  let failures = 1;
  receiver.answer = (_call, response) => void response.writeHead((failures -= 1) >= 0 ? 500 : 204).end();
  await save({ email: 'signed@example.com' });
  await until('it was tried twice', () => receiver.calls.length === 2, 12_000);
  for (const call of receiver.calls) {
    const headers = {
      'webhook-id': header(call, 'webhook-id'),
      'webhook-timestamp': header(call, 'webhook-timestamp'),
      'webhook-signature': header(call, 'webhook-signature'),
    };
    expect(new StandardWebhook(secret).verify(call.body, headers)).toEqual(JSON.parse(call.body));
    expect(new SvixWebhook(secret).verify(call.body, headers)).toEqual(JSON.parse(call.body));
    expect(() => new StandardWebhook(secret).verify(`${call.body} `, headers)).toThrow();
    expect(call.headers).toMatchObject({ authorization: 'Bearer abc', 'content-type': 'application/json', 'x-webhook-event': 'save_lead' });
  }
  const [first, second] = receiver.calls;
  expect(header(first, 'webhook-id')).toBe(header(second, 'webhook-id'));
  expect(header(first, 'webhook-id')).toBe(`dlv_${header(first, 'x-webhook-delivery')}`);
  expect([header(first, 'x-webhook-attempt'), header(second, 'x-webhook-attempt')]).toEqual(['1', '2']);
}, 20_000);
