import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { mutate, newLead } from '../events/store.ts';
import { until } from '../live/change-log.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { type Receiver, startReceiver } from './receiver.ts';

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

const createWebhook = (input: object = {}) =>
  mutate(app, 'createWebhook', { name: `Buyer ${(names += 1)}`, url: receiver.url, ...input }, 'webhook { id }');
const save = (body: Record<string, unknown>) => app.send('POST', '/api/postback', body);

it('tells a buyer of a conversion by GET, with the transaction id and the revenue of that event', async () => {
  await mutate(app, 'createEventType', { eventId: 'sale', isConversion: true, allowRepeats: true }, 'eventType { id }');
  await mutate(app, 'createCampaign', { cid: 'spring' }, 'campaign { id }');
  const url = `${receiver.url}/pb?tid={transaction_id}&amount={revenue}&event={event_id}&s1={sub1}&lead={lead_id}`;
  await createWebhook({ method: 'GET', url, events: ['event.converted'] });
  const lead = await newLead(app, { email: 'buyer@example.com' });
  const { transactionId } = lead;
  const input = { cid: 'spring', eventId: 'sale', transactionId, revenue: '49.90', sub: ['a b&c'] };
  expect(await mutate(app, 'fireEvent', input, 'leadEvent { id }')).toMatchObject({ __typename: 'FireEventSuccess' });
  await until('it was called', () => receiver.calls.length === 1);
  expect(receiver.calls[0]).toMatchObject({
    method: 'GET',
    path: `/pb?tid=${transactionId}&amount=49.9&event=sale&s1=a%20b%26c&lead=${lead.id}`,
    body: '',
  });
});

it('calls buyers by GET with the placeholders filled in and encoded', async () => {
  await createWebhook({
    method: 'GET',
    url: `${receiver.url}/pb/{event_id}?tid={transaction_id}&amount={revenue}&who={first_name}`,
    events: ['lead.created'],
  });
  await save({ email: 'get@example.com', first_name: `A&B=../?#"'(é` });
  await until('it was called', () => receiver.calls.length === 1);
  expect(receiver.calls[0]).toMatchObject({
    method: 'GET',
    path: expect.stringMatching(/^\/pb\/\?tid=txn_[0-9a-f-]{36}&amount=0&who=A%26B%3D\.\.%2F%3F%23%22%27%28%C3%A9$/),
    body: '',
    headers: { 'webhook-signature': expect.stringMatching(/^v1,/) },
  });
  expect(receiver.calls[0]?.headers['content-type']).toBeUndefined();
});

it('row 28: names that spreadsheets or browsers would run arrive as they are, encoded for where they stand', async () => {
  const fields = { first_name: "=cmd|' /C calc'!A0", last_name: '<script>alert("1")</script>', company: '@SUM(1+1)*cmd' };
  await createWebhook();
  await createWebhook({ method: 'GET', url: `${receiver.url}/pb?who={first_name}&of={company}` });
  await save({ email: 'row28@example.com', ...fields });
  await until('both were called', () => receiver.calls.length === 2);
  const posted = receiver.calls.find(({ method }) => method === 'POST');
  expect(JSON.parse(posted?.body ?? '').data).toMatchObject(fields);
  const got = receiver.calls.find(({ method }) => method === 'GET');
  expect(got?.path).toBe('/pb?who=%3Dcmd%7C%27%20%2FC%20calc%27%21A0&of=%40SUM%281%2B1%29%2Acmd');
});
