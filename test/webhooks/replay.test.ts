import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { mutate } from '../events/store.ts';
import { until, wait } from '../live/change-log.ts';
import { type Json, startApp, type TestApp } from '../support/app.ts';
import { header, type Receiver, startReceiver } from './receiver.ts';

let app: TestApp;
let receiver: Receiver;
let isDown = false;

beforeAll(async () => {
  app = await startApp({ WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8', SECRETS_KEY: 'a key for this test only' });
});
afterAll(() => app.end());
beforeEach(async () => {
  receiver = await startReceiver();
  isDown = false;
  receiver.answer = (_call, response) => void response.writeHead(isDown ? 503 : 200).end();
});
afterEach(() => receiver.close());

const save = (name: string, company: string) => app.send('POST', '/api/postback', { email: `${name}@replay.test`, company });
const told = (): string[] => receiver.calls.map(({ body }) => JSON.parse(body).data.company);
const newWebhook = async (name: string): Promise<string> =>
  (await mutate(app, 'createWebhook', { name, url: receiver.url }, 'webhook { id }')).webhook.id;
const replay = (input: object): Promise<Json> => mutate(app, 'replayDeliveries', input, 'count dryRun');

async function deliveries(webhookId: string, status?: string): Promise<Json[]> {
  const { data } = await app.graphql(
    'query ($id: ID!, $status: [DeliveryStatus!]) { webhook(id: $id) { deliveries(status: $status) { nodes { id status attemptCount attempts { number } } } } }',
    { id: webhookId, status: status === undefined ? null : [status] },
  );
  return data.webhook.deliveries.nodes;
}

/** As if every try of the plan but the last had been made: that one is due now. */
const passPlan = (webhookId: string): Promise<unknown> =>
  app.services.database.writePool.query(
    `UPDATE "Delivery" SET tries = 15, "nextAttemptAt" = now() WHERE "webhookId" = $1 AND status = 'RETRYING' AND "leaseId" IS NULL`,
    [webhookId.slice(4)],
  );

async function exhaust(webhookId: string, count: number): Promise<void> {
  await until(
    'they are given up',
    async () => {
      await passPlan(webhookId);
      await wait(100);
      return (await deliveries(webhookId, 'EXHAUSTED')).length === count;
    },
    20_000,
  );
}

it('replays everything exhausted, under the ids that they had and in the order of each lead', async () => {
  const webhookId = await newWebhook('Exhausted');
  isDown = true;
  for (const company of ['1', '2', '3']) await save('ann', `a${company}`);
  for (const company of ['1', '2']) await save('bob', `b${company}`);
  await exhaust(webhookId, 5);
  isDown = false;
  await save('ann', 'a4');
  await until('a later change is told', () => told().includes('a4'));
  const ids = new Set((await deliveries(webhookId, 'EXHAUSTED')).map(({ id }) => id));
  expect(ids.size).toBe(5);

  receiver.calls.length = 0;
  expect(await replay({ webhookId, status: ['EXHAUSTED'], dryRun: true })).toMatchObject({ count: 5, dryRun: true });
  expect(await replay({ webhookId, status: ['EXHAUSTED'] })).toMatchObject({ count: 5, dryRun: false });
  await until('all are told', () => receiver.calls.length === 5);
  expect(told().filter((company) => company.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
  expect(told().filter((company) => company.startsWith('b'))).toEqual(['b1', 'b2']);
  expect(new Set(receiver.calls.map((call) => header(call, 'webhook-id')))).toEqual(ids);
  await until('all are settled', async () => (await deliveries(webhookId, 'DELIVERED')).length === 6);
  for (const { attempts, attemptCount } of await deliveries(webhookId)) expect(attempts).toHaveLength(attemptCount);
  expect(await replay({ webhookId, status: ['EXHAUSTED'] })).toMatchObject({ count: 0 });
});

it('gives a replayed delivery the whole plan again', async () => {
  const webhookId = await newWebhook('Again');
  isDown = true;
  await save('carl', 'c1');
  await exhaust(webhookId, 1);
  const [given] = await deliveries(webhookId);
  await replay({ webhookId, status: ['EXHAUSTED'] });
  await until('it was tried again', async () => (await deliveries(webhookId))[0]?.attemptCount > given?.attemptCount);
  expect(await deliveries(webhookId)).toMatchObject([{ id: given?.id, status: 'RETRYING' }]);
});

it('replays what is selected: by ids, since a moment, delivered or not; and says what is asked for wrongly', async () => {
  const webhookId = await newWebhook('Selected');
  for (const name of ['x', 'y']) await save(name, name);
  await until('both are settled', async () => (await deliveries(webhookId, 'DELIVERED')).length === 2);
  await wait(5);
  const since = new Date().toISOString();
  await save('z', 'z');
  await until('the third is settled', async () => (await deliveries(webhookId, 'DELIVERED')).length === 3);
  const [, y, x] = await deliveries(webhookId);

  receiver.calls.length = 0;
  expect(await replay({ deliveryIds: [x?.id, y?.id, 'dlv_nobody'] })).toMatchObject({ count: 2 });
  await until('two are told', () => receiver.calls.length === 2);
  expect(told().toSorted()).toEqual(['x', 'y']);
  await until('they are settled', async () => (await deliveries(webhookId, 'DELIVERED')).length === 3);
  expect(await replay({ webhookId, since })).toMatchObject({ count: 1 });
  await until('one is told', () => receiver.calls.length === 3);
  expect(told().at(-1)).toBe('z');
  await until('it is settled', async () => (await deliveries(webhookId, 'DELIVERED')).length === 3);
  expect(await replay({ webhookId, dryRun: true })).toMatchObject({ count: 3 });

  expect(await replay({ deliveryIds: [x?.id, y?.id], status: ['EXHAUSTED'], dryRun: true })).toMatchObject({ count: 0 });
  expect(await replay({ webhookId, deliveryIds: [x?.id] })).toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ code: 'ONE_OF' }] });
  expect(await replay({})).toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ code: 'ONE_OF' }] });
  await mutate(app, 'updateWebhook', { webhookId, enabled: false }, 'webhook { id }');
  expect(await replay({ webhookId })).toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ code: 'WEBHOOK_DISABLED' }] });
  expect(await replay({ webhookId, dryRun: true })).toMatchObject({ count: 3 });
  expect(receiver.calls).toHaveLength(3);
});
