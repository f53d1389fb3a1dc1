import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { eraseDeliveries } from '../../src/webhooks/erase-deliveries.ts';
import { inTransaction } from '../../src/webhooks/in-transaction.ts';
import { requeue } from '../../src/webhooks/requeue.ts';
import { until } from '../live/change-log.ts';
import { type Json, startApp, type TestApp } from '../support/app.ts';
import { createEngineWorld, day, type EngineWorld, seqsOf } from './engine-world.ts';
import { type Receiver, startReceiver } from './receiver.ts';

let app: TestApp;
let receiver: Receiver;
let world: EngineWorld;
beforeAll(async () => {
  app = await startApp({ WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8', SECRETS_KEY: 'a key for this test only' });
});
afterAll(() => app.end());
beforeEach(async () => {
  [receiver, world] = await Promise.all([startReceiver(), createEngineWorld()]);
});
afterEach(() => Promise.all([receiver.close(), world.close()]));

const paid = (leadId: string) => ({ leadId, stage: 'Paid' });

const erase = (leadId: string) => inTransaction(world.database.writePool, (client) => eraseDeliveries(client, world.accountId, leadId));
it('tells of a deletion with the last state of the lead, and forgets what receivers were called with and answered', async () => {
  receiver.answer = (call, response) => void response.writeHead(200).end(`thanks, ${call.path}`);
  const create =
    'mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { ... on CreateWebhookSuccess { webhook { id } } } }';
  const input = { name: 'Buyer', method: 'GET', url: `${receiver.url}/?who={email}&what={type}`, events: ['lead.created', 'lead.deleted'] };
  const { webhook } = (await app.graphql(create, { input })).data.createWebhook;
  for (const email of ['gone@example.com', 'stays@example.com']) await app.send('POST', '/api/postback', { email });
  const deliveries = async (): Promise<Json[]> =>
    (
      await app.graphql(
        'query ($id: ID!) { webhook(id: $id) { deliveries { nodes { status attempts { url statusCode responseBody } change { lead { email } } } } } }',
        { id: webhook.id },
      )
    ).data.webhook.deliveries.nodes;
  const delivered = async (count: number) => (await deliveries()).filter(({ status }) => status === 'DELIVERED').length === count;
  await until('both are told', () => delivered(2));
  expect(JSON.stringify(await deliveries())).toContain('thanks, /?who=gone%40example.com');

  const [lead] = (await app.graphql('{ leads(filter: { search: "gone@example.com" }) { nodes { id } } }')).data.leads.nodes;
  await app.graphql('mutation ($id: ID!) { deleteLead(input: { leadId: $id }) { __typename } }', { id: lead.id });
  await until('the deletion is told', () => delivered(3));
  expect(receiver.calls.at(-1)?.path).toBe('/?who=gone%40example.com&what=lead.deleted');
  const kept = await deliveries();
  expect(JSON.stringify(kept)).not.toContain('gone%40');
  expect(kept.flatMap(({ attempts }) => attempts)).toEqual([
    { url: receiver.url, statusCode: 200, responseBody: null },
    {
      url: `${receiver.url}/?who=stays%40example.com&what=lead.created`,
      statusCode: 200,
      responseBody: 'thanks, /?who=stays%40example.com&what=lead.created',
    },
    { url: receiver.url, statusCode: 200, responseBody: null },
  ]);
});

it('erases what deliveries keep of a person, cancels what was still owed, and tells the erasure whatever the filter', async () => {
  const values = { url: 'http://endpoint.example/{stage}?id={lead_id}', events: ['lead.created', 'lead.updated', 'lead.erased'] };
  const told = await world.addWebhook({ ...values, filter: { stage: ['Paid'] } });
  const held = await world.addWebhook({ ...values, enabled: false });
  const [person, other] = [randomUUID(), randomUUID()];
  const body = Buffer.from(`hello ${person}`);
  world.answer = ({ attempt }) => ({ status: attempt === 1 ? 200 : 500, body });
  await world.append(world.accountId, [paid(person), paid(other)]);
  await world.engine.runDue();
  world.answer = () => ({ status: 500, body });
  await world.append(world.accountId, [paid(person), paid(person), paid(other)]);
  await world.engine.runDue();
  expect(await world.database.prisma.attempt.count({ where: { url: { contains: '/Paid?id=' } } })).toBe(4);

  await erase(person);
  await world.append(world.accountId, [paid(person), { leadId: person, type: 'lead.erased' }]);
  world.calls.length = 0;
  world.answer = () => ({ status: 200, body });
  await world.pass(day);
  expect(seqsOf(world.calls.filter(({ url }) => url.includes(person)))).toEqual([7]);
  const deliveries = await world.deliveries(told);
  expect(deliveries.map(({ seq, status, attemptCount }) => [Number(seq), status, attemptCount])).toEqual([
    [1, 'DELIVERED', 1],
    [2, 'DELIVERED', 1],
    [3, 'CANCELLED', 1],
    [4, 'CANCELLED', 0],
    [5, 'DELIVERED', 2],
    [7, 'DELIVERED', 1],
  ]);
  expect((await world.deliveries(held)).filter(({ leadId }) => leadId === person).map(({ status }) => status)).toEqual([
    'CANCELLED',
    'CANCELLED',
    'CANCELLED',
    'PENDING',
  ]);
  const tries = await world.database.prisma.attempt.findMany({ where: { webhookId: told }, orderBy: { at: 'asc' } });
  const ofPerson = new Set(deliveries.filter(({ leadId }) => leadId === person).map(({ id }) => id));
  expect(
    tries.filter(({ deliveryId }) => ofPerson.has(deliveryId)).map(({ url, statusCode, responseBody }) => [url, statusCode, responseBody]),
  ).toEqual([
    ['http://endpoint.example', 200, null],
    ['http://endpoint.example', 500, null],
    ['http://endpoint.example', 200, null],
  ]);
  expect(tries.filter(({ deliveryId }) => !ofPerson.has(deliveryId)).every(({ responseBody }) => responseBody !== null)).toBe(true);
});

it('does not tell an erased person again, whoever asks for it', async () => {
  const webhookId = await world.addWebhook({ events: ['lead.created', 'lead.updated', 'lead.erased'] });
  const [person, other] = [randomUUID(), randomUUID()];
  await world.append(world.accountId, [{ leadId: person }, { leadId: other }, { leadId: person }]);
  await world.engine.runDue();
  await erase(person);
  await world.append(world.accountId, [{ leadId: person, type: 'lead.erased' }]);
  await world.engine.runDue();
  world.calls.length = 0;
  const everything = { webhookId, accountId: world.accountId, ids: null, since: null, statuses: null };
  expect(await requeue(world.database.writePool, everything, world.now)).toBe(2);
  await world.engine.runDue();
  expect(seqsOf(world.calls).toSorted((a, b) => a - b)).toEqual([2, 4]);
});

it('ignores the result of a try that was under way when its lead was erased', async () => {
  const webhookId = await world.addWebhook();
  const person = randomUUID();
  await world.append(world.accountId, [{ leadId: person }]);
  world.answer = async () => {
    await erase(person);
    return { status: 200, body: Buffer.from('hello') };
  };
  await world.engine.runDue();
  expect(world.calls).toHaveLength(1);
  expect(await world.deliveries(webhookId)).toMatchObject([{ status: 'CANCELLED', attemptCount: 0 }]);
  expect(await world.database.prisma.attempt.count()).toBe(0);
});
