import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { until, wait } from '../live/change-log.ts';
import { type Json, startApp, type TestApp } from '../support/app.ts';
import { startDocumentedReceiver } from './documented-receiver.ts';
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

const signatureHeaders = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];

const save = (body: Record<string, unknown>) => app.send('POST', '/api/postback', body);
const bodies = (calls: readonly Call[] = receiver.calls): Json[] => calls.map(({ body }) => JSON.parse(body));

const printedLead = (company: string): string => `Received new lead: {
  email: 'seed@example.com',
  company: ${company},
  first_name: 'Ann',
  last_name: null,
  phone: null,
  website: '',
  position: null,
  twitter: null,
  linkedin: null,
  notes: null,
  score: 0
}`;
const documentedBody = (company: string): string =>
  `{"data":{"email":"seed@example.com","company":${company},"first_name":"Ann","last_name":null,"phone":null,"website":"","position":null,"twitter":null,"linkedin":null,"notes":null,"score":0}}`;

it('makes the documented example print a created and an updated lead, and nothing when nothing changed', async () => {
  const example = await startDocumentedReceiver();
  await createWebhook({ url: example.url });
  await save({ email: 'seed@example.com', first_name: 'Ann', stage: 'Form Started' });
  await save({ email: 'seed@example.com', first_name: 'Ann', stage: 'Form Started' });
  await save({ email: 'seed@example.com', company: 'Acme', stage: 'Paid' });
  await until('both saves are told', () => example.printed.length === 2);
  await save({ email: 'seed@example.com', company: 'Acme', stage: 'Paid' });
  await wait(1500);
  expect(example.bodies).toEqual([documentedBody('null'), documentedBody('"Acme"')]);
  expect(example.printed).toEqual([printedLead('null'), printedLead("'Acme'")]);
  await example.close();
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
});

const run = async (operation: string, input: Record<string, unknown>, success: string): Promise<Json> => {
  const type = `${operation.charAt(0).toUpperCase()}${operation.slice(1)}`;
  const { data, errors } = await app.graphql(
    `mutation ($input: ${type}Input!) { ${operation}(input: $input) { ... on ${type}Success { ${success} } ... on Error { code message } } }`,
    { input },
  );
  expect(errors).toBeUndefined();
  return data[operation];
};

it('tells everything in the full format, with a rising sequence', async () => {
  await createWebhook({ events: ['lead.created', 'lead.updated', 'stage.changed'] });
  await save({ email: 'full@example.com', first_name: '=cmd|calc', stage: 'Form Started' });
  await Promise.all([save({ email: 'full@example.com', last_name: '<script>' }), save({ email: 'full@example.com', stage: 'Paid' })]);
  await until('all changes are told', () => receiver.calls.length === 3);
  const [created, ...rest] = bodies();
  expect(created).toMatchObject({
    type: 'lead.created',
    id: expect.stringMatching(/^chg_/),
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    version: 1,
    lead: { id: expect.stringMatching(/^lead_/), email: 'full@example.com', firstName: '=cmd|calc', stage: 'Form Started' },
    previous: null,
    changedFields: [],
  });
  const updated = rest.find(({ type }) => type === 'lead.updated');
  expect(updated).toMatchObject({ lead: { lastName: '<script>' }, previous: { lastName: null }, changedFields: ['lastName'] });
  const moved = rest.find(({ type }) => type === 'stage.changed');
  expect(moved).toMatchObject({ stageChange: { fromStage: 'Form Started', toStage: 'Paid' }, previous: { stage: 'Form Started' } });
  const sequence = bodies().map((body) => body.sequence);
  expect(sequence).toEqual(sequence.toSorted((a: number, b: number) => a - b));
  expect(bodies().map(({ seq }) => seq)).toEqual(sequence);
});

/** Saves a lead, and sees its delivery signed with these secrets and no others. */
async function signedWith(company: string, secrets: readonly string[]): Promise<void> {
  await save({ email: 'rotate@example.com', company });
  await until('it was told', () => receiver.calls.some(({ body }) => body.includes(`"${company}"`)));
  const call = receiver.calls.find(({ body }) => body.includes(`"${company}"`));
  const headers = Object.fromEntries(signatureHeaders.map((name) => [name, header(call, name)]));
  expect(headers['webhook-signature']?.split(' ')).toHaveLength(secrets.length);
  for (const secret of secrets) expect(new StandardWebhook(secret).verify(call?.body ?? '', headers)).toBeTruthy();
}

it('row 76: signs with every secret that still counts while they are exchanged', async () => {
  const { secret: first, webhook } = await createWebhook();
  const rotate = (overlapSeconds: number) =>
    run('rotateWebhookSecret', { webhookId: webhook.id, overlapSeconds }, 'secret previousSecretValidUntil');
  const { secret: second } = await rotate(60);
  await signedWith('Once', [second, first]);
  const { secret: third } = await rotate(60);
  await signedWith('Twice', [third, second, first]);
  const { secret: last } = await rotate(0);
  await signedWith('At once', [last]);
});

it('row 76: exchanges at the same moment take turns, and every secret that was handed out signs', async () => {
  const { secret: first, webhook } = await createWebhook();
  const rotated = await Promise.all(
    Array.from({ length: 5 }, () => run('rotateWebhookSecret', { webhookId: webhook.id, overlapSeconds: 60 }, 'secret')),
  );
  await save({ email: 'turns@example.com' });
  await until('it was told', () => receiver.calls.length === 1);
  const [call] = receiver.calls;
  const headers = Object.fromEntries(signatureHeaders.map((name) => [name, header(call, name)]));
  for (const { secret } of [...rotated, { secret: first }])
    expect(new StandardWebhook(secret).verify(call?.body ?? '', headers)).toBeTruthy();
});

it('sends a test on the real way, also while the webhook is disabled, and marks it', async () => {
  const { webhook, secret } = await createWebhook({ enabled: false });
  const { delivery } = await run('testWebhook', { webhookId: webhook.id }, 'delivery { id status isTest change { type } webhook { id } }');
  expect(delivery).toMatchObject({ isTest: true, change: { type: 'webhook.test' }, webhook: { id: webhook.id } });
  await until('the sample arrived', () => receiver.calls.length === 1);
  const [call] = receiver.calls;
  expect(call?.headers).toMatchObject({ 'x-webhook-test': 'true', 'webhook-id': delivery.id });
  const headers = {
    'webhook-id': delivery.id,
    'webhook-timestamp': header(call, 'webhook-timestamp'),
    'webhook-signature': header(call, 'webhook-signature'),
  };
  expect(new StandardWebhook(secret).verify(call?.body ?? '', headers)).toMatchObject({ data: { email: 'jane.doe@example.com' } });
  const query = 'query ($id: ID!) { node(id: $id) { ... on Delivery { status attempts { number statusCode error responseBody url } } } }';
  const look = async () => (await app.graphql(query, { id: delivery.id })).data.node;
  await until('it is settled', async () => (await look()).status === 'DELIVERED');
  expect((await look()).attempts).toEqual([
    { number: 1, statusCode: 200, error: null, responseBody: 'Webhook received', url: `${receiver.url}/webhooks/leads` },
  ]);
});

it('records while it is disabled, and recovers each delivery once', async () => {
  const { webhook } = await createWebhook();
  await save({ email: 'before@example.com' });
  await until('the first is told', () => receiver.calls.length === 1);
  await wait(5);
  const since = new Date();
  await run('updateWebhook', { webhookId: webhook.id, enabled: false }, 'webhook { enabled }');
  for (const company of ['A', 'B', 'C']) await save({ email: 'held@example.com', company });
  const deliveries = async (status: string[]) =>
    (
      await app.graphql(
        'query ($id: ID!, $status: [DeliveryStatus!]) { webhook(id: $id) { health deliveries(status: $status) { totalCount nodes { id held status change { seq deliveries { id } } } } } }',
        { id: webhook.id, status },
      )
    ).data.webhook;
  const heldOnly = async () => (await deliveries(['PENDING'])).deliveries.nodes.filter(({ held }: Json) => held);
  await until('they are recorded', async () => (await heldOnly()).length === 3);
  expect((await deliveries(['PENDING'])).health).toBe('DISABLED');
  await run('updateWebhook', { webhookId: webhook.id, enabled: true }, 'webhook { enabled }');
  await wait(1200);
  expect(receiver.calls).toHaveLength(1);
  expect(await run('replayDeliveries', { webhookId: webhook.id, since: since.toISOString(), dryRun: true }, 'count dryRun')).toEqual({
    count: 3,
    dryRun: true,
  });
  expect(await run('recoverDeliveries', { webhookId: webhook.id, since: since.toISOString() }, 'count dryRun')).toEqual({
    count: 3,
    dryRun: false,
  });
  await until('all are told', () => receiver.calls.length === 4);
  expect(
    bodies()
      .slice(1)
      .map(({ data }) => data.company),
  ).toEqual(['A', 'B', 'C']);
  expect(await run('recoverDeliveries', { webhookId: webhook.id, since: since.toISOString() }, 'count')).toEqual({ count: 0 });
  await until('all are settled', async () => (await deliveries(['DELIVERED'])).deliveries.totalCount === 4);
  const { nodes } = (await deliveries(['DELIVERED'])).deliveries;
  for (const { id, change } of nodes) expect(change.deliveries.map((delivery: Json) => delivery.id)).toContain(id);
  const [last] = nodes;
  expect(await run('replayDeliveries', { deliveryIds: [last.id] }, 'count')).toEqual({ count: 1 });
  await until('it is told once more', () => receiver.calls.length === 5);
  expect(header(receiver.calls[4], 'webhook-id')).toBe(header(receiver.calls[3], 'webhook-id'));
});

it('shows what waits for an endpoint that is gone as held, and does not measure it as late', async () => {
  const { webhook } = await createWebhook();
  const { webhook: other } = await createWebhook({ url: `${receiver.url}/busy` });
  receiver.answer = ({ path }, response) => void response.writeHead(path === '/busy' ? 503 : 410).end();
  await save({ email: 'gone@example.com' });
  const look = async (id: string): Promise<Json> =>
    (
      await app.graphql(
        '{ webhook(id: "' + id + '") { health disabledReason deliveries { nodes { status held nextAttemptAt attemptCount } } } }',
      )
    ).data.webhook;
  await until('both answered', async () =>
    [await look(webhook.id), await look(other.id)].every(({ deliveries: { nodes } }) => nodes[0]?.attemptCount === 1),
  );
  expect(await look(webhook.id)).toEqual({
    health: 'DISABLED',
    disabledReason: 'GONE',
    deliveries: { nodes: [{ status: 'RETRYING', held: true, nextAttemptAt: null, attemptCount: 1 }] },
  });
  expect((await look(other.id)).deliveries.nodes).toEqual([
    { status: 'RETRYING', held: false, nextAttemptAt: expect.any(String), attemptCount: 1 },
  ]);
  const metrics = await (await fetch(`${app.url}/metrics`)).text();
  const waiting = metrics.split('\n').filter((line) => /^webhook_(deliveries_pending|oldest_pending_seconds)\{/.test(line));
  const named = ({ id }: Json) => waiting.filter((line) => line.includes(id.replace('whk_', ''))).length;
  expect([named(webhook), named(other)]).toEqual([0, 2]);
  await run('deleteWebhook', { webhookId: other.id }, 'webhookId');
});

it('row 76: an endpoint that is deleted, moved or given a new secret between two tries', async () => {
  const { webhook, secret: former } = await createWebhook();
  const { webhook: doomed } = await createWebhook({ url: `${receiver.url}/doomed` });
  receiver.answer = (call, response) => void response.writeHead(call.path === '/new' ? 200 : 500).end();
  await save({ email: 'moving@example.com' });
  await until('both were tried', () => receiver.calls.length === 2);
  const { secret } = await run('rotateWebhookSecret', { webhookId: webhook.id, overlapSeconds: 60 }, 'secret');
  await run('updateWebhook', { webhookId: webhook.id, url: `${receiver.url}/new` }, 'webhook { id }');
  await run('deleteWebhook', { webhookId: doomed.id }, 'webhookId');
  await until('the new URL is called', () => receiver.calls.some(({ path }) => path === '/new'), 12_000);
  const moved = receiver.calls.find(({ path }) => path === '/new');
  const headers = Object.fromEntries(signatureHeaders.map((name) => [name, header(moved, name)]));
  for (const key of [former, secret]) expect(new StandardWebhook(key).verify(moved?.body ?? '', headers)).toBeTruthy();
  await wait(1500);
  expect(receiver.calls.filter(({ path }) => path === '/doomed')).toHaveLength(1);
  const { data } = await app.graphql(
    'query ($id: ID!) { node(id: $id) { ... on Webhook { deletedAt deliveries { nodes { status attempts { statusCode url } } } } } }',
    { id: doomed.id },
  );
  expect(data.node).toEqual({
    deletedAt: expect.any(String),
    deliveries: { nodes: [{ status: 'CANCELLED', attempts: [{ statusCode: 500, url: `${receiver.url}/doomed` }] }] },
  });
});

it('tells one save of a request that edits a lead and moves it, with the lead as it stands after both', async () => {
  await createWebhook({ events: ['save_lead'], payloadFormat: 'full', filter: { stage: ['Paid'] } });
  await save({ email: 'both@example.com', stage: 'Form Started' });
  await save({ email: 'both@example.com', company: 'Acme', stage: 'Paid' });
  await save({ email: 'both@example.com', company: 'Acme & Sons' });
  await until('both saves at the stage are told', () => receiver.calls.length === 2);
  await wait(1200);
  expect(bodies()).toMatchObject([
    { type: 'stage.changed', lead: { company: 'Acme', stage: 'Paid' }, changedFields: ['stage'] },
    { type: 'lead.updated', lead: { company: 'Acme & Sons', stage: 'Paid' }, changedFields: ['company'] },
  ]);
  expect(receiver.calls).toHaveLength(2);
});

it('row 78: three saves within 100 ms are three events with a rising sequence, and a transaction that was rolled back is none', async () => {
  await createWebhook({ events: ['save_lead'], payloadFormat: 'full' });
  await Promise.all(['A', 'B', 'C'].map((company) => save({ email: 'quick@example.com', company })));
  await until('all are told', () => receiver.calls.length === 3);
  const sequences = bodies().map(({ sequence }) => sequence);
  expect(sequences).toEqual(sequences.toSorted((a: number, b: number) => a - b));
  expect(new Set(sequences).size).toBe(3);

  const client = await app.services.database.writePool.connect();
  await client.query('BEGIN');
  await client.query('SELECT FROM "LogHead" FOR UPDATE');
  const { rowCount } = await client.query(
    `INSERT INTO "Change" ("accountId", seq, id, type, "leadId", origin, actor, summary, data, "occurredAt", "recordedAt")
      SELECT "accountId", seq + 1, gen_random_uuid(), 'lead.created', "leadId", origin, actor, summary, data, now(), now()
      FROM "Change" WHERE seq = (SELECT max(seq) FROM "Change")`,
  );
  await client.query(`UPDATE "LogHead" SET seq = seq + 1`);
  await client.query(`SELECT pg_notify('leadgraph_changes', "accountId" || ' ' || seq) FROM "LogHead"`);
  await wait(1200);
  await client.query('ROLLBACK');
  client.release();
  expect(rowCount).toBe(1);
  await save({ email: 'quick@example.com', company: 'D' });
  await until('the next save is told', () => receiver.calls.length === 4);
  await wait(1200);
  expect(bodies().map(({ sequence }) => sequence)).toEqual([...sequences, sequences[2] + 1]);
});
