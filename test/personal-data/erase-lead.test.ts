import { afterAll, beforeAll, expect, it } from 'vitest';
import { uuidOf } from '../../src/platform/ids.ts';
import { mutate, newLead } from '../events/store.ts';
import { until } from '../live/change-log.ts';
import { flatLead, makeSource, post } from '../sources/intake.ts';
import { type Json, startApp, type TestApp } from '../support/app.ts';
import { type Receiver, startReceiver } from '../webhooks/receiver.ts';
import { findWords, readEverything } from './dump.ts';

const rootKey = 'the-root-key';
const asRoot = { 'x-api-key': rootKey };
let app: TestApp;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
  app = await startApp({
    API_KEY: rootKey,
    CRM_WEBHOOK_SECRET: 'a-secret-of-the-crm',
    WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8',
    SECRETS_KEY: 'a key for this test only',
  });
});
afterAll(async () => {
  await app.end();
  await receiver.close();
});

async function ask(query: string, variables: Record<string, unknown> = {}): Promise<Json> {
  const { data, errors } = await app.graphql(query, variables, asRoot);
  expect(errors).toBeUndefined();
  return data;
}

const erase = (leadId: string, more: object = {}, headers: Record<string, string> = asRoot): Promise<Json> =>
  mutate(app, 'eraseLead', { leadId, ...more }, 'leadIds duplicatesLeft', headers);

const found = async (words: readonly string[]) => findWords(await readEverything(app.database.url), words);

async function createKey(scope: string): Promise<{ 'x-api-key': string }> {
  const made = await mutate(app, 'createApiKey', { name: crypto.randomUUID(), scope }, 'token', asRoot);
  return { 'x-api-key': made.token };
}

it('leaves nothing of a person in any column of any table, and everything of everybody else', async () => {
  const words = ['vera.wrzesniewska@example.com', 'wrzesniewska', '5125550147', '555-0147', 'crm-of-vera', 'vera-tx-77', '203.0.113.77'];
  receiver.answer = (call, response) => void response.writeHead(200).end(`thanks for ${call.path} ${call.body}`);
  await mutate(app, 'createEventType', { eventId: 'sale', isConversion: true, payout: { percent: '10' } }, 'eventType { id }', asRoot);
  const webhook = await mutate(
    app,
    'createWebhook',
    { name: 'Buyer', url: `${receiver.url}/?who={email}`, events: ['save_lead', 'lead.erased'] },
    'webhook { id }',
    asRoot,
  );
  const source = await makeSource(app);
  const before = { email: 'other@example.com', first_name: 'Olga', phone: '(512) 555-0199', crm_lead_id: 'crm-of-olga' };
  await app.send('POST', '/api/postback', before, asRoot);

  const vera = {
    email: 'Vera.Wrzesniewska@example.com',
    first_name: 'Vera',
    last_name: 'Wrzesniewska',
    phone: '(512) 555-0147',
    crm_lead_id: 'crm-of-vera',
    transaction_id: 'vera-tx-77',
    ip_address: '203.0.113.77',
    stage: 'Form Started',
    nickname: 'wrzesniewska the great',
  };
  const crm = { authorization: 'Bearer a-secret-of-the-crm' };
  // It waits first, with a stored answer that shows no lead yet.
  const waiting = { crm_lead_id: 'crm-of-vera', event_type: 'note', text: 'Wrzesniewska called' };
  await app.send('POST', '/webhooks/crm/lead', waiting, { ...crm, 'idempotency-key': 'crm-1' });
  await app.send('POST', '/api/postback', vera, { ...asRoot, 'idempotency-key': 'pb-1' });
  const { lead } = await ask('{ lead(by: { email: "vera.wrzesniewska@example.com" }) { id } }');
  await app.send('POST', '/api/postback', { email: vera.email, stage: 'Application Submitted', company: 'Wrzesniewska Ltd' }, asRoot);
  await app.send('POST', '/webhooks/crm/lead', { ...waiting, status: 'Wrzesniewska is in' }, crm);
  await mutate(app, 'moveLead', { leadId: lead.id, stage: 'Paid', reason: 'wrzesniewska paid' }, 'lead { id }', asRoot);
  await mutate(
    app,
    'fireEvent',
    { eventId: 'sale', transactionId: 'vera-tx-77', revenue: '20', clid: 'wrzesniewska' },
    'lead { id }',
    asRoot,
  );
  await mutate(app, 'updateLead', { leadId: lead.id, phone: '+15125550147', notes: 'Wrzesniewska' }, 'lead { id }', asRoot);
  // Refused, so no lead's: found by the address, or by the phone where there is no address; and another lead's, with her address.
  const consent = { trustedFormUrl: 'https://cert.trustedform.com/x' };
  await post(app, source, { ...consent, firstName: 'Wrzesniewska', email: vera.email, zipCode: '1', state: 'ZZ' });
  await post(app, source, { ...consent, firstName: 'Wrzesniewska', phone: '512 555 01 47', state: 'ZZ' });
  await post(app, source, { ...consent, firstName: 'Olga', email: 'other@example.com', phone: '5125550100', state: 'ZZ' });
  const other = (await ask('{ lead(by: { email: "other@example.com" }) { id } }')).lead;
  await app.send('POST', '/api/postback', { lead_id: other.id, email: vera.email }, { ...asRoot, 'idempotency-key': 'pb-2' });
  await until('all is told', () => receiver.calls.length >= 5);
  await until('and settled', async () => {
    const { deliveries } = (
      await ask('query ($id: ID!) { webhook(id: $id) { deliveries(first: 100) { nodes { status } } } }', { id: webhook.webhook.id })
    ).webhook;
    return deliveries.nodes.every(({ status }: Json) => status === 'DELIVERED');
  });

  const places = await found(words);
  for (const table of [
    'Lead',
    'LeadSearch',
    'Submission',
    'Change',
    'IdempotencyRecord',
    'CrmActivity',
    'LeadEvent',
    'StageChange',
    'Attempt',
  ])
    expect(
      places.some((place) => place.startsWith(`${table}.`)),
      table,
    ).toBe(true);
  const ofOthers = await othersOf(other.id);
  const { changes } = await ask('{ changes { totalCount } }');

  expect(await erase(lead.id, { reason: 'asked by letter' })).toEqual({
    __typename: 'EraseLeadSuccess',
    leadIds: [lead.id],
    duplicatesLeft: 0,
  });
  expect(await found(words)).toEqual([]);
  expect(await othersOf(other.id)).toEqual(ofOthers);
  const log = await ask('{ changes(first: 100) { totalCount nodes { seq type summary data previous } } }');
  expect(log.changes.totalCount).toBe(changes.totalCount + 1);
  expect(log.changes.nodes.map(({ seq }: Json) => seq)).toEqual(log.changes.nodes.map((_: Json, i: number) => i + 1));
  expect(log.changes.nodes.at(-1)).toEqual({
    seq: log.changes.totalCount,
    type: 'lead.erased',
    summary: 'Lead erased: asked by letter',
    data: { lead: { id: lead.id.slice('lead_'.length), number: 2, stage: 'Paid', createdAt: expect.any(String) } },
    previous: null,
  });
  await until('the erasure is told', () => receiver.calls.some(({ body }) => body.includes('lead.erased')));
  expect(JSON.parse(receiver.calls.at(-1)?.body ?? '')).toMatchObject({ type: 'lead.erased', lead: { id: lead.id, number: 2 } });

  /** What is stored of the other lead, but for its receipt that had the person's address. */
  async function othersOf(id: string): Promise<unknown> {
    const answer = await ask(
      `query ($id: ID!) { lead(by: { id: $id }) { email firstName phone crmLeadId timeline { nodes { seq type data } } submissions { nodes { outcome } } }
        submissions(filter: { outcome: REJECTED }) { nodes { body } } }`,
      { id },
    );
    return { ...answer, submissions: answer.submissions.nodes.filter(({ body }: Json) => body.firstName === 'Olga') };
  }
});

it('finds nobody to erase a second time, gives the first answer again to the same request, and needs an administrator', async () => {
  const { id } = await newLead(app, { email: 'twice@example.com' }, asRoot);
  for (const scope of ['INGEST', 'VIEWER', 'EDITOR']) {
    const { errors } = await app.graphql(
      'mutation ($id: ID!) { eraseLead(input: { leadId: $id }) { __typename } }',
      { id },
      await createKey(scope),
    );
    expect(errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  }
  const first = await erase(id, { idempotencyKey: 'once' });
  expect(await erase(id, { idempotencyKey: 'once' })).toEqual(first);
  expect(await erase(id)).toMatchObject({ code: 'LEAD_NOT_FOUND' });
  expect(await erase(crypto.randomUUID())).toMatchObject({ code: 'LEAD_NOT_FOUND' });
  expect(await erase('nonsense')).toMatchObject({ code: 'LEAD_NOT_FOUND' });
});

it('row 36: erases no lead of another account', async () => {
  const { id } = await newLead(app, { email: 'mine@example.com' }, asRoot);
  const { token } = await mutate(app, 'createAccount', { name: 'Others' }, 'token', asRoot);
  expect(await erase(id, {}, { 'x-api-key': token })).toMatchObject({ code: 'LEAD_NOT_FOUND' });
  expect((await ask('query ($id: ID!) { lead(by: { id: $id }) { email } }', { id })).lead.email).toBe('mine@example.com');
});

it('leaves duplicates as leads of their own, or takes them along', async () => {
  const source = await makeSource(app);
  const email = 'repeated@example.com';
  const ids: string[] = [];
  for (let i = 0; i < 3; i += 1) {
    await post(app, source, flatLead({ email }));
    ids.push((await ask('{ leads(first: 1) { nodes { id } } }')).leads.nodes[0].id);
  }
  const [first = '', second = '', third = ''] = ids;
  expect(await erase(first)).toMatchObject({ leadIds: [first], duplicatesLeft: 2 });
  const { lead } = await ask('{ lead(by: { email: "repeated@example.com" }) { id duplicateOf { id } } }');
  expect(lead).toEqual({ id: second, duplicateOf: null });
  const { changes } = await ask('query ($id: ID!) { changes(filter: { leadId: $id }, first: 100) { nodes { type summary previous } } }', {
    id: second,
  });
  const summary = 'The lead that it repeated is gone: no duplicate any more';
  expect(changes.nodes.at(-1)).toEqual({ type: 'lead.updated', summary, previous: { duplicateOfId: uuidOf('Lead', first) } });
  expect(await found([email])).not.toEqual([]);
  expect(await erase(third, { includeDuplicates: true })).toMatchObject({ leadIds: [second, third], duplicatesLeft: 0 });
  expect(await found([email])).toEqual([]);
});

it('erases what the log holds of a lead that was deleted before', async () => {
  const { id } = await newLead(app, { email: 'long.gone@example.com', firstName: 'Longgone' }, asRoot);
  await mutate(app, 'deleteLead', { leadId: id }, 'leadId', asRoot);
  expect(await found(['long.gone@example.com', 'longgone'])).toEqual(['Change.data: long.gone@example.com', 'Change.data: longgone']);
  expect(await erase(id)).toMatchObject({ leadIds: [id] });
  expect(await found(['long.gone@example.com', 'longgone'])).toEqual([]);
  expect(await erase(id)).toMatchObject({ code: 'LEAD_NOT_FOUND' });
});

it('refuses a reason that tells who the person was', async () => {
  const { id } = await newLead(app, { email: 'reason@example.com', phone: '512-555-0163' }, asRoot);
  for (const reason of ['letter of Reason@Example.com', 'call from (512) 555 0163', 'x'.repeat(201), 'a\u0000b'])
    expect(await erase(id, { reason })).toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ path: ['reason'] }] });
  expect(await erase(id, { reason: 'request 4711 of 12 May' })).toMatchObject({ leadIds: [id] });
});

it('keeps what stands under an address that belongs to somebody else by now', async () => {
  const source = await makeSource(app);
  const { id } = await newLead(app, { email: 'handed.on@example.com' }, asRoot);
  await mutate(app, 'updateLead', { leadId: id, email: 'new.address@example.com' }, 'lead { id }', asRoot);
  await newLead(app, { email: 'handed.on@example.com' }, asRoot);
  for (const email of ['handed.on@example.com', 'new.address@example.com', 'the.new.address@example.com'])
    await post(app, source, flatLead({ email, state: 'ZZ' }));
  await erase(id);
  const { submissions } = await ask('query ($id: ID!) { submissions(filter: { sourceId: $id }) { nodes { body } } }', { id: source.id });
  expect(submissions.nodes.map(({ body }: Json) => body.email).toSorted()).toEqual([
    'handed.on@example.com',
    'the.new.address@example.com',
  ]);
});

it('shows nothing of a person to who replays the log, whatever a process had read of it before', async () => {
  const second = await startApp({ API_KEY: rootKey, LIVE_HEARTBEAT_SECONDS: '1' }, app.database);
  try {
    await newLead(app, {}, asRoot);
    const begin = (await ask('{ changes(first: 100) { pageInfo { endCursor } } }')).changes.pageInfo.endCursor;
    const { id } = await newLead(app, { email: 'replayed@example.com' }, asRoot);
    const servers = [app, second];
    const replay = async (server: TestApp): Promise<string> => {
      const stop = new AbortController();
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...asRoot },
        body: JSON.stringify({
          query:
            'subscription ($after: Cursor, $leadId: ID) { leadChanges(after: $after, filter: { leadId: $leadId }) { cursor change { leadId data } } }',
          variables: { after: begin, leadId: id },
        }),
        signal: stop.signal,
      });
      let text = '';
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk).toString();
        if (text.includes(id.slice('lead_'.length))) break;
      }
      stop.abort();
      return text;
    };
    // Somebody goes on reading, so that each process keeps what it has read.
    const staying = await Promise.all(servers.map((server) => stay(server)));
    for (const server of servers) expect(await replay(server)).toContain('replayed@example.com');
    await erase(id);
    for (const server of servers) {
      await until('the process has heard', async () => !(await replay(server)).includes('replayed@example.com'), 3000);
      expect(await replay(server)).toContain('"stage":"Form Started"');
    }
    for (const stop of staying) stop.abort();
  } finally {
    await second.end();
  }
});

async function stay({ url }: TestApp): Promise<AbortController> {
  const stop = new AbortController();
  await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...asRoot },
    body: JSON.stringify({ query: 'subscription { leadChanges { cursor } }' }),
    signal: stop.signal,
  });
  return stop;
}

it('keeps the answers of another lead that was once sent the address, without it: a repeat finds its answer', async () => {
  const uma = await newLead(app, { email: 'uma@example.com', phone: '(512) 555-0123' }, asRoot);
  const ned = await newLead(app, { email: 'ned@example.com' }, asRoot);
  const send = (body: Json, key: string) => app.send('POST', '/api/postback', body, { ...asRoot, 'idempotency-key': key });
  // Its digits are those that a phone number of Uma's might end with.
  const innocent = { email: 'ned@example.com', transaction_id: 't-0-1-2-3', stage: 'Paid' };
  const conflict = { lead_id: ned.id, email: 'uma@example.com', source: 'partner' };
  const [first, second] = [await send(innocent, 'ned-1'), await send(conflict, 'ned-2')];
  await erase(uma.id);
  expect(await found(['uma@example.com'])).toEqual([]);
  for (const [body, key, answer] of [
    [innocent, 'ned-1', first],
    [conflict, 'ned-2', second],
  ] as const) {
    const again = await send(body, key);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(answer.body);
  }
});
