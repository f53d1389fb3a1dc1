import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { malformedJson } from '../http/malformed-json.ts';
import { type RunningApp, startApp } from '../http/running-app.ts';

let server: RunningApp;
beforeAll(async () => {
  server = await startApp();
});
afterAll(() => server.close());

const post = (body: unknown, headers?: Readonly<Record<string, string>>) => server.send('POST', '/api/postback', body, headers);
const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
const getLead = async (id: unknown) =>
  (await server.send('GET', `/api/leads/${String(id)}`)).body as { lead: Record<string, unknown>; history: object[] };

let emails = 0;
const newEmail = (): string => `lead${(emails += 1)}@postback.test`;

/** Runs `work` and expects that it stored nothing. */
async function storesNothing(work: () => Promise<void>): Promise<void> {
  const before = await server.countRows();
  await work();
  expect(await server.countRows()).toEqual(before);
}

describe('POST /api/postback', () => {
  it('creates a lead, then finds it by email and moves it, as the two documented examples do', async () => {
    const first = await post({
      email: 'john@example.com',
      first_name: 'John',
      stage: 'Form Started',
      source: 'google',
      domain: 'myeinregistry.com',
      campaign: 'llc-spring-2026',
      utm_source: 'google',
      utm_medium: 'cpc',
      utm_campaign: 'llc-spring-2026',
      ip_address: '192.168.1.1',
      browser: 'Chrome 124',
      device_type: 'desktop',
      form_completion_percent: 10,
      form_fields_total: 12,
    });
    expect(first.status).toBe(201);
    expect(first.body).toEqual({ success: true, lead_id: uuid, created: true, stage: 'Form Started', stage_changed: true });

    const second = await post({
      email: 'john@example.com',
      stage: 'Application Submitted',
      form_completion_percent: 100,
      form_fields_completed: 12,
      form_fields_total: 12,
    });
    expect(second.status).toBe(200);
    expect(second.body).toEqual({
      success: true,
      lead_id: first.body['lead_id'],
      created: false,
      stage: 'Application Submitted',
      stage_changed: true,
    });

    const { lead, history } = await getLead(first.body['lead_id']);
    expect(lead).toMatchObject({
      first_name: 'John',
      source: 'google',
      campaign: 'llc-spring-2026',
      form_completion_percent: 100,
      form_fields_total: 12,
    });
    expect(history).toMatchObject([
      { from_stage: null, to_stage: 'Form Started', forced: false, via: 'postback' },
      { from_stage: 'Form Started', to_stage: 'Application Submitted', forced: false, via: 'postback' },
    ]);
  });

  it('makes an anonymous lead of an empty object', async () => {
    expect(await post({})).toMatchObject({ status: 201, body: { created: true, stage: 'Form Started' } });
  });

  it('reads the empty text as nothing said, in every field', async () => {
    const first = await server.send('POST', '/api/postback', { email: 'empty@postback.test', custom_data: { kept: 1 }, stage: 'Paid' });
    const emptied = await server.send('POST', '/api/postback', {
      lead_id: first.body['lead_id'],
      email: '',
      stage: '',
      form_completion_percent: '',
      custom_data: '',
      force_stage: '',
    });
    expect(emptied).toMatchObject({ status: 200, body: { created: false, stage: 'Paid', stage_changed: false } });
    const { body } = await server.send('GET', `/api/leads/${String(first.body['lead_id'])}`);
    expect(body['lead']).toMatchObject({ email: 'empty@postback.test', custom_data: { kept: 1 } });
  });

  it('takes a form body', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const email = newEmail();
    const { status, body } = await post(
      `email=${encodeURIComponent(email)}&first_name=Jo+Ann&form_completion_percent=50&force_stage=0&custom_data=%7B%22plan%22%3A%22gold%22%7D`,
      form,
    );
    expect(status).toBe(201);
    expect((await getLead(body['lead_id'])).lead).toMatchObject({
      email,
      first_name: 'Jo Ann',
      form_completion_percent: 50,
      custom_data: { plan: 'gold' },
    });
    expect(await post('force_stage=maybe', form)).toMatchObject({ status: 400, body: { issues: [{ path: 'force_stage' }] } });
    expect(await post('custom_data=%7Bbroken', form)).toMatchObject({ status: 400, body: { issues: [{ path: 'custom_data' }] } });
  });

  it('row 25: says what stands in the receipt when a backward stage is kept, and moves when forced', async () => {
    const email = newEmail();
    await post({ email, stage: 'paid' });
    expect((await post({ email, stage: ' FORM   started ', first_name: 'Jo' })).body).toMatchObject({
      stage: 'Paid',
      stage_changed: false,
      stage_unchanged: true,
    });
    expect((await post({ email, stage: 'Form Started', force_stage: true })).body).toMatchObject({
      stage: 'Form Started',
      stage_changed: true,
    });
    expect((await post({ email, stage: 'Form Started' })).body).not.toHaveProperty('stage_unchanged');
  });

  it('row 46: lets the lead id decide and reports the email of another lead as a conflict', async () => {
    const [a, b] = [newEmail(), newEmail()];
    const leadA = (await post({ email: a, first_name: 'A' })).body['lead_id'];
    const leadB = (await post({ email: b, first_name: 'B' })).body['lead_id'];
    const before = await getLead(leadB);
    const { status, body } = await post({ lead_id: leadA, email: b, first_name: 'Both' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ lead_id: leadA, conflicts: ['email'] });
    expect((await getLead(leadA)).lead).toMatchObject({ email: a, first_name: 'Both' });
    expect(await getLead(leadB)).toEqual(before);
  });

  it('row 45: makes one lead of 64 simultaneous posts of a new email', async () => {
    const email = newEmail();
    const answers = await Promise.all(Array.from({ length: 64 }, () => post({ email })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(63);
    expect(new Set(answers.map(({ body }) => body['lead_id'])).size).toBe(1);
  });

  it('row 38: accepts and ignores fields that are not its own', async () => {
    const { body } = await post({
      email: newEmail(),
      id: 'x',
      tenantId: 'x',
      score: 99,
      createdAt: '2000-01-01T00:00:00Z',
      stage_history: [],
      number: 7_000_000,
    });
    const { lead } = await getLead(body['lead_id']);
    expect(lead['number']).toBeLessThan(1000);
    expect(String(lead['created_at'])).not.toMatch(/^2000/);
  });
});

describe('a postback that is refused', () => {
  it.each([
    ['form_completion_percent', -1],
    ['form_completion_percent', 101],
    ['form_completion_percent', 1e9],
    ['form_completion_percent', '1e1'],
    ['form_completion_percent', 'NaN'],
    ['form_fields_total', 2 ** 31],
    ['form_fields_total', '2147483648'],
    ['form_fields_completed', 2 ** 53],
    ['form_fields_completed', 1.5],
    ['form_fields_completed', -1],
    ['device_type', 'fridge'],
    ['email', 'not an address'],
    ['email', 5],
    ['email', 'jo\u0000@x.test'],
    ['phone', '512\n555'],
    ['lead_id', 'a\u0000b'],
    ['first_name', { nested: true }],
    ['first_name', 'x'.repeat(4097)],
    ['custom_data', []],
    ['custom_data', 'text'],
    ['force_stage', 'true'],
    ['force_stage', 1],
  ])('rows 14, 19 and 21: names the field: %s = %j', async (field, value) => {
    await storesNothing(async () => {
      const { status, body } = await post({ email: newEmail(), [field]: value });
      expect(status).toBe(400);
      expect(body).toMatchObject({ error: expect.any(String), code: 'VALIDATION_FAILED', request_id: expect.any(String) });
      expect((body['issues'] as { path: string }[]).map(({ path }) => path)).toEqual([field]);
    });
  });

  it('names every field at once', async () => {
    const { body } = await post({ email: 'nope', device_type: 'fridge', form_completion_percent: 400 });
    expect((body['issues'] as { path: string }[]).map(({ path }) => path).sort()).toEqual([
      'device_type',
      'email',
      'form_completion_percent',
    ]);
  });

  it('row 19: takes digits in a string for a number', async () => {
    const { body } = await post({ email: newEmail(), form_completion_percent: '50', form_fields_total: ' 12 ', form_fields_completed: '' });
    expect((await getLead(body['lead_id'])).lead).toMatchObject({
      form_completion_percent: 50,
      form_fields_total: 12,
      form_fields_completed: null,
    });
  });

  it('row 25: lists the stages when it names an unknown one', async () => {
    await storesNothing(async () => {
      const { status, body } = await post({ email: newEmail(), stage: 'Nowhere' });
      expect(status).toBe(400);
      expect(body).toEqual({
        error: 'Invalid stage',
        code: 'UNKNOWN_STAGE',
        request_id: expect.any(String),
        stages: [
          'Form Started',
          'Form In Progress',
          'Form Completed',
          'Application Submitted',
          'Payment Pending',
          'Paid',
          'Processing',
          'Completed',
        ],
      });
    });
  });

  it('row 1: is not JSON', async () => {
    await storesNothing(async () => {
      const answers = await Promise.all(malformedJson.map(([, body]) => post(body)));
      expect(new Set(answers.map(({ status, body }) => `${status} ${String(body['code'])}`))).toEqual(new Set(['400 INVALID_JSON']));
    });
  });

  it.each(['[]', '"x"', '1', 'null'])('row 3: is no object: %s', async (body) => {
    expect(await post(body)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED', issues: [{ path: '$' }] } });
  });

  it.each([33, 100_000])('row 6: nests %i levels in custom_data', async (depth) => {
    const { status, body } = await post(`{"custom_data":{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}}`);
    expect([status, body['code']]).toEqual([400, 'PAYLOAD_TOO_COMPLEX']);
  });

  it.each(['text/plain', 'application/xml', 'application/json; charset=utf-16'])('rows 10 and 11: is sent as %s', async (type) => {
    expect(await post('{}', { 'content-type': type })).toMatchObject({
      status: 415,
      body: { code: 'UNSUPPORTED_MEDIA_TYPE', error: expect.any(String) },
    });
  });

  it('row 5: is compressed', async () => {
    expect(await post('{}', { 'content-encoding': 'gzip' })).toMatchObject({ status: 415, body: { code: 'UNSUPPORTED_ENCODING' } });
  });
});

describe('texts of a postback', () => {
  it('row 9: keep what a sender calls its own keys, __proto__ too', async () => {
    const { body } = await post('{"custom_data":{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}}');
    const { text } = await fetch(`${server.url}/api/leads/${String(body['lead_id'])}`, { headers: { 'x-api-key': 'the-root-key' } }).then(
      async (r) => ({ text: await r.text() }),
    );
    expect(text).toContain('"custom_data":{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}');
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  it('row 13: get U+FFFD in the place of NUL, with a warning', async () => {
    const { status, body } = await post({ email: newEmail(), first_name: 'Jo\u0000', custom_data: { note: 'a\u0000b' } });
    expect(status).toBe(201);
    expect(body['warnings']).toEqual(expect.arrayContaining([expect.stringMatching(/^CHAR_REPLACED.*custom_data\.note$/)]));
    expect((await getLead(body['lead_id'])).lead).toMatchObject({ first_name: 'Jo\uFFFD', custom_data: { note: 'a\uFFFDb' } });
  });
});
