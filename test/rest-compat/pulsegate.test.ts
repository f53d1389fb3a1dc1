import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RestAnswer, startApp, type TestApp } from '../support/app.ts';

const secret = 'the webhook secret';
const rootKey = 'root-key-of-this-test';
let app: TestApp;
beforeAll(async () => {
  app = await startApp({ API_KEY: rootKey, CRM_WEBHOOK_SECRET: secret, CRM_CALLBACK_SECRET: 'the callback secret' });
});
afterAll(() => app.end());

const bearer = { authorization: `Bearer ${secret}` };
const documented = { crm_lead_id: 'crm-abc-456', event_type: 'status_changed', status: 'qualified', updated_at: '2026-03-05T10:00:00Z' };
const reader = { 'x-api-key': rootKey };

const report = (body: unknown, headers: Record<string, string> = bearer, to: TestApp = app): Promise<RestAnswer> =>
  to.send('POST', '/webhooks/crm/lead', body, headers);
const postback = async (body: object): Promise<string> => (await app.send('POST', '/api/postback', body, reader)).body.lead_id;
const detail = async (id: string | number): Promise<RestAnswer> => app.send('GET', `/analytics/leads/${id}`, undefined, reader);
const countRows = async (): Promise<number> => {
  const { rows } = await app.services.database.readPool.query<{ readonly count: number }>(
    'SELECT count(*)::int AS count FROM "CrmActivity"',
  );
  return rows[0]?.count ?? 0;
};

describe('POST /webhooks/crm/lead', () => {
  it('row 49: answers the unmatched example as documented, and binds it later, at its true time', async () => {
    const { status, body } = await report(documented);
    expect({ status, body }).toEqual({
      status: 200,
      body: { ok: true, stored: false, reason: 'No matching lead or submission for crm_lead_id' },
    });
    const metrics = await fetch(`${app.url}/metrics`).then((answer) => answer.text());
    expect(metrics).toMatch(/^crm_activity_unmatched 1$/m);

    const id = await postback({ email: 'john@example.com', crm_lead_id: 'crm-abc-456' });
    const { body: shown } = await detail(id);
    expect(shown.crm_activity).toEqual([
      { id: expect.stringMatching(/^crm_/), event_type: 'status_changed', payload: documented, received_at: expect.any(String) },
    ]);
    expect(shown.timeline.map(({ label, summary, actor }: Record<string, string>) => [label, summary, actor])).toEqual([
      ['Lead', 'Lead created at Form Started', 'root key'],
      ['CRM', 'CRM: status changed, qualified', 'CRM'],
    ]);
    expect(shown.timeline[1].occurred_at).toBe('2026-03-05T10:00:00.000Z');
    expect(await fetch(`${app.url}/metrics`).then((answer) => answer.text())).toMatch(/^crm_activity_unmatched 0$/m);
  });

  it('stores the documented example on its lead and answers with its number', async () => {
    const id = await postback({ email: 'stored@example.com', crm_lead_id: 'crm-stored' });
    const { lead } = (await detail(id)).body;
    const { status, body } = await report({ ...documented, crm_lead_id: 'crm-stored' });
    expect({ status, body }).toEqual({ status: 200, body: { ok: true, stored: true, lead_id: lead.number } });
    expect((await detail(lead.number)).body.crm_activity).toHaveLength(1);
  });

  it('keeps the body to the letter, whatever keys it has', async () => {
    const text = String.raw`{ "z":1.0, "crm_lead_id" :"crm-letter", "big":12345678901234567890, "e":1E400, "z":2, "__proto__":{"admin":true}, "constructor":{"prototype":{"admin":true}}, "nul":"a\u0000b", "half":"\ud800", "ü":"\u00fc\/", "":null }`;
    const id = await postback({ email: 'letter@example.com', crm_lead_id: 'crm-letter' });
    expect((await report(text)).status).toBe(200);
    const { data } = await app.graphql(
      'query ($id: ID!) { lead(by: { id: $id }) { crmActivity { nodes { payloadText payload } } } }',
      { id },
      reader,
    );
    const [activity] = data.lead.crmActivity.nodes;
    expect(activity.payloadText).toBe(text);
    expect(Object.keys(activity.payload)).toContain('__proto__');
    expect(activity.payload.nul).toBe('a\0b');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    expect((await detail(id)).body.crm_activity[0].payload.nul).toBe('a\0b');
  });

  it('keeps a body with a byte order mark, and NULs in the fields that it names', async () => {
    expect((await report(`\uFEFF{"crm_lead_id":"crm-bom"}`)).status).toBe(200);
    expect((await report({ crm_lead_id: 'crm-nul', event_type: 'a\0b', status: '\0', updated_at: '\0' })).status).toBe(200);
    expect((await report({ crm_lead_id: 'crm\0nul' })).status).toBe(400);
  });

  it.each([
    ['no secret', {}],
    ['a wrong one', { authorization: 'Bearer wrong' }],
    ['one byte less', { authorization: `Bearer ${secret.slice(1)}` }],
    ['one byte more', { 'x-api-key': `${secret}x` }],
    ['wrong ones in both headers', { authorization: 'Bearer wrong', 'x-api-key': 'wrong' }],
    ['an empty one', { 'x-api-key': '', authorization: 'Bearer ' }],
    ['the callback secret', { 'x-api-key': 'the callback secret' }],
    ['the root key', { 'x-api-key': rootKey }],
    ['another scheme', { authorization: `Basic ${secret}` }],
    ['8,000 bytes', { 'x-api-key': 'k'.repeat(8000) }],
  ])('row 32: answers 401 for %s, before it looks at the body', async (_name, headers: Record<string, string>) => {
    const before = await countRows();
    for (const body of [documented, {}, '[]', '{', '']) {
      const answer = await report(body, headers);
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual({ error: 'Unauthorized', code: 'UNAUTHENTICATED', request_id: expect.any(String) });
    }
    expect(await countRows()).toBe(before);
  });

  it.each([
    ['Bearer', bearer],
    ['bearer in small letters', { authorization: `bearer ${secret}` }],
    ['X-API-Key', { 'X-API-Key': secret }],
    ['Bearer right, X-API-Key wrong', { ...bearer, 'x-api-key': 'wrong' }],
    ['Bearer wrong, X-API-Key right', { authorization: 'Bearer wrong', 'x-api-key': secret }],
  ])('row 32: takes the secret: %s', async (_name, headers: Record<string, string>) => {
    expect((await report(documented, headers)).status).toBe(200);
  });

  it.each(['[]', '"x"', '1', 'null', '{', '', '{"crm_lead_id":"x",}', '{"crm_lead_id":"x"}}'])('answers 400 for %s', async (body) => {
    const answer = await report(body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: 'Invalid JSON body', code: expect.any(String), request_id: expect.any(String) });
  });

  it.each([
    {},
    { crm_lead_id: '' },
    { crm_lead_id: ' \t' },
    { crm_lead_id: null },
    { crm_lead_id: 5 },
    { crm_lead_id: ['x'] },
    JSON.parse('{"__proto__":{"crm_lead_id":"x"}}'),
  ])('answers 400 for %j', async (body) => {
    const answer = await report(body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: 'crm_lead_id is required', code: 'VALIDATION_FAILED', issues: [{ path: 'crm_lead_id' }] });
  });

  it('answers 400 for an id that is too long, and for bodies that nest too deep, at once', async () => {
    expect((await report({ crm_lead_id: 'x'.repeat(256) })).body).toMatchObject({ code: 'VALIDATION_FAILED' });
    for (const depth of [33, 100_000]) {
      const startedAt = performance.now();
      const answer = await report(`{"crm_lead_id":"x","a":${'['.repeat(depth)}${']'.repeat(depth)}}`);
      expect(answer).toMatchObject({ status: 400, body: { code: 'PAYLOAD_TOO_COMPLEX' } });
      expect(performance.now() - startedAt).toBeLessThan(500);
    }
  });

  it('stores a repeated event again, unless an idempotency key says that it is the same', async () => {
    const id = await postback({ email: 'again@example.com', crm_lead_id: 'crm-again' });
    const body = { ...documented, crm_lead_id: 'crm-again' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => report(body)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    const keyed = { ...bearer, 'idempotency-key': 'k' };
    await report(body, keyed);
    expect((await report(body, keyed)).headers.get('idempotent-replayed')).toBe('true');
    const { crm_activity, totals, lead } = (await detail(id)).body;
    expect(crm_activity).toHaveLength(11);
    expect(totals).toMatchObject({ crm_activity: 11 });
    expect(lead.stage).toBe('Form Started');
  });

  it('row 32: takes the callback secret where that is the only one, and answers 503 where there is none', async () => {
    const [callback, none] = await Promise.all([
      startApp({ CRM_CALLBACK_SECRET: 'the callback secret' }, app.database),
      startApp({ CRM_WEBHOOK_SECRET: '' }, app.database),
    ]);
    expect((await report(documented, { 'x-api-key': 'the callback secret' }, callback)).status).toBe(200);
    expect((await report(documented, bearer, callback)).status).toBe(401);
    for (const [body, headers] of [
      [documented, bearer],
      ['{', {}],
      [{}, {}],
    ] as const) {
      const answer = await report(body, headers, none);
      expect(answer.status).toBe(503);
      expect(answer.body).toEqual({
        error: 'CRM webhook secret not configured',
        code: 'CRM_NOT_CONFIGURED',
        request_id: expect.any(String),
      });
    }
    await Promise.all([callback.close(), none.close()]);
  });

  it('answers 500 when the database fails', async () => {
    const { writer } = app.services;
    const write = writer.write.bind(writer);
    writer.write = () => Promise.reject(Object.assign(new Error('relation is gone'), { code: '42P01' }));
    const answer = await report(documented).finally(() => (writer.write = write));
    expect(answer.status).toBe(500);
    expect(answer.body).toMatchObject({ error: 'Failed to store CRM activity', code: 'INTERNAL_SERVER_ERROR' });
  });
});

const list = async (query: string) =>
  (await app.send('GET', `/analytics/leads?source=listed&${query}`, undefined, { authorization: `Bearer ${rootKey}` })).body;

describe('GET /analytics/leads', () => {
  it.each(['/analytics/leads', '/analytics/leads/1', '/analytics/leads?limit=0'])('asks for a key: %s', async (path) => {
    const missing = await app.send('GET', path);
    expect(missing.status).toBe(401);
    expect(missing.body).toMatchObject({ error: 'API key required. Use Authorization: Bearer <key> or X-API-Key header.' });
    for (const headers of [{ 'x-api-key': 'wrong' }, { authorization: 'Bearer wrong' }, bearer]) {
      const wrong = await app.send('GET', path, undefined, headers);
      expect(wrong.status).toBe(401);
      expect(wrong.body).toMatchObject({ error: 'Invalid API key' });
    }
  });

  it('lists leads by page and by position, filtered', async () => {
    for (const i of [1, 2, 3])
      await postback({ email: `list${i}@example.com`, source: 'listed', stage: i === 3 ? 'Paid' : 'Form Started' });
    const page = await list('limit=2');
    expect(page).toMatchObject({
      total: 3,
      page: 1,
      limit: 2,
      pages: 2,
      leads: [{ email: 'list3@example.com' }, { email: 'list2@example.com' }],
    });
    expect((await list('limit=2&page=2')).leads).toMatchObject([{ email: 'list1@example.com', crm_lead_id: null }]);
    expect((await list('stage=Paid')).total).toBe(1);
    expect(await list('limit=2&after=')).toMatchObject({ has_more: true, next: expect.any(String) });
  });

  it('shows a lead by number and by UUID with its whole story', async () => {
    const id = await postback({ email: 'story@example.com', crm_lead_id: 'crm-story' });
    await app.send('PUT', `/api/leads/${id}/stage`, { stage: 'Paid' }, reader);
    const byId = (await detail(id)).body;
    expect(byId).toMatchObject({
      lead: { id, email: 'story@example.com', crm_lead_id: 'crm-story' },
      submissions: [{ system: 'ghostleads', outcome: 'CREATED', crm_lead_id: 'crm-story', body: { email: 'story@example.com' } }],
      stage_history: [{ to_stage: 'Form Started' }, { from_stage: 'Form Started', to_stage: 'Paid' }],
      timeline: [
        { type: 'stage.changed', label: 'Stage' },
        { type: 'lead.created', label: 'Lead' },
      ],
    });
    expect((await detail(byId.lead.number)).body).toEqual(byId);
    for (const unknown of ['999999', '99999999999', 'nonsense', crypto.randomUUID()]) {
      expect(await detail(unknown)).toMatchObject({ status: 404, body: { error: 'Lead not found', code: 'LEAD_NOT_FOUND' } });
    }
  });

  it('tells the whole story of a lead in the order in which it happened', async () => {
    const id = await postback({ email: 'whole@example.com', crm_lead_id: 'crm-whole' });
    const ask = async (query: string, variables: object) => app.graphql(query, { ...variables }, reader);
    await ask('mutation { createEventType(input: { eventId: "sale", name: "Sale", isConversion: true }) { __typename } }', {});
    const transactionId =
      (await ask('query ($id: ID!) { lead(by: { id: $id }) { transactionId uuid } }', { id })).data.lead.transactionId ?? id;
    const fired = await ask(
      'mutation ($t: String!) { fireEvent(input: { eventId: "sale", transactionId: $t, revenue: "49.90" }) { __typename ... on Error { message } } }',
      { t: transactionId },
    );
    expect(fired.data.fireEvent).toEqual({ __typename: 'FireEventSuccess' });
    await postback({ email: 'whole@example.com', first_name: 'Whole' });
    await postback({ email: 'whole@example.com', first_name: 'Whole' });
    await ask('mutation ($id: ID!) { updateLead(input: { leadId: $id, company: "Acme" }) { __typename } }', { id });
    await app.send('PUT', `/api/leads/${id}/stage`, { stage: 'Paid' }, reader);
    await report({ crm_lead_id: 'crm-whole', event_type: 'created', updated_at: '2026-01-01T00:00:00Z' });
    const { body } = await detail(id);
    expect(body.timeline.map(({ label, summary }: Record<string, string>) => `${label}: ${summary}`)).toEqual([
      'Stage: Moved from Form Started to Paid',
      'Edit: Updated company',
      'Submission: Submitted again, nothing new',
      'Submission: Updated first name',
      'Event: Converted: Sale, revenue 49.9',
      'Lead: Lead created at Form Started',
      'CRM: CRM: created',
    ]);
    for (const entry of body.timeline)
      expect(entry).toMatchObject({
        actor: expect.stringMatching(/./),
        occurred_at: expect.stringMatching(/Z$/),
        received_at: expect.stringMatching(/Z$/),
      });
    expect(body.events).toMatchObject([{ event_id: 'sale', conversion: true, revenue: '49.9' }]);
  });

  it('stays open while the server is open', async () => {
    const open = await startApp({}, app.database);
    expect((await open.send('GET', '/analytics/leads')).status).toBe(200);
    await open.close();
  });

  it('is closed to a key that may not read', async () => {
    const { data } = await app.graphql(
      'mutation { createApiKey(input: { name: "in", scope: INGEST }) { ... on CreateApiKeySuccess { token } } }',
      {},
      reader,
    );
    expect((await app.send('GET', '/analytics/leads', undefined, { 'x-api-key': data.createApiKey.token })).status).toBe(403);
  });
});

it('needs a body that is JSON by its type', async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const headers = { ...bearer, 'content-type': 'text/plain' };
    request(`${app.url}/webhooks/crm/lead`, { method: 'POST', headers }, (answer) => resolve(answer.resume().statusCode))
      .on('error', reject)
      .end('{}');
  });
  expect(status).toBe(415);
});
