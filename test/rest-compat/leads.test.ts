import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analytics } from '../../rest-compat/ghostleads/analytics.ts';
import { type RunningApp, startApp } from '../http/running-app.ts';

let server: RunningApp;
const ids: string[] = [];
const names = ['Ada', 'Bea', 'Cleo', 'Dora', 'Edna'];

beforeAll(async () => {
  server = await startApp();
  for (const first_name of names) {
    const { body } = await server.send('POST', '/api/postback', {
      email: `${first_name.toLowerCase()}@leads.test`,
      first_name,
      source: first_name < 'C' ? 'google' : 'facebook',
      campaign: 'spring',
      stage: first_name === 'Ada' ? 'Paid' : 'Form Started',
    });
    ids.push(String(body['lead_id']));
  }
});
afterAll(() => server.close());

const list = async (query: string) => server.send('GET', `/api/leads${query}`);
const put = (id: unknown, body: unknown) => server.send('PUT', `/api/leads/${String(id)}/stage`, body);
const firstNames = (body: Record<string, unknown>) => (body['leads'] as { first_name: string }[]).map((lead) => lead.first_name);

describe('GET /api/leads', () => {
  it('lists the newest first, in the names of the postback', async () => {
    const { status, body } = await list('');
    expect(status).toBe(200);
    expect(body).toMatchObject({ total: 5, page: 1, limit: 50, pages: 1 });
    expect(firstNames(body)).toEqual([...names].reverse());
    expect(Object.keys((body['leads'] as object[])[0] ?? {})).toEqual([
      'id',
      'lead_id',
      'number',
      'email',
      'first_name',
      'last_name',
      'phone',
      'company',
      'stage',
      'source',
      'domain',
      'campaign',
      'utm_source',
      'utm_medium',
      'utm_campaign',
      'utm_term',
      'utm_content',
      'referrer',
      'ip_address',
      'user_agent',
      'browser',
      'device_type',
      'form_completion_percent',
      'form_fields_completed',
      'form_fields_total',
      'crm_lead_id',
      'custom_data',
      'created_at',
      'updated_at',
    ]);
  });

  const today = new Date().toISOString().slice(0, 10);
  it.each([
    ['?stage=Paid', ['Ada']],
    ['?stage=Paid&stage=Form%20Started&source=google', ['Bea', 'Ada']],
    ['?source=facebook&campaign=spring', ['Edna', 'Dora', 'Cleo']],
    ['?search=cleo', ['Cleo']],
    ['?search=dora%40leads.test', ['Dora']],
    [`?from=${today}&to=${today}&limit=1`, ['Edna']],
    ['?to=2020-01-01', []],
    ['?stage=&search=&from=&page=&limit=', [...names].reverse()],
    ["?search='%20OR%201=1--", []],
  ])('filters: %s', async (query, expected) => {
    expect(firstNames((await list(query)).body)).toEqual(expected);
  });

  it('pages by number', async () => {
    const { body } = await list('?limit=2&page=3');
    expect(body).toMatchObject({ total: 5, page: 3, limit: 2, pages: 3 });
    expect(firstNames(body)).toEqual(['Ada']);
    expect((await list('?page=9')).body).toMatchObject({ leads: [], total: 5 });
  });

  it('reads on from where it stopped', async () => {
    const first = (await list('?limit=2&after=')).body;
    expect(first).toMatchObject({ limit: 2, has_more: true, next: expect.any(String) });
    const second = (await list(`?limit=3&after=${encodeURIComponent(String(first['next']))}`)).body;
    expect([...firstNames(first), ...firstNames(second)]).toEqual([...names].reverse());
    expect(second).toMatchObject({ has_more: false, next: null });
  });

  it.each([
    'limit=201',
    'limit=0',
    'limit=ten',
    'limit=-1',
    'limit=1&limit=2',
    'page=0',
    'page=1.5',
    'from=2026-02-30',
    'to=yesterday',
    'limit=101&after=',
    'search=%00',
    `search=${'x'.repeat(201)}`,
  ])('refuses %s', async (query) => {
    const { status, body } = await list(`?${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: expect.any(String), code: 'VALIDATION_FAILED', issues: [{ path: query.split('=', 1)[0] }] });
  });

  it('searches for as many characters as it documents', async () => {
    expect((await list(`?search=${'x'.repeat(200)}`)).status).toBe(200);
    const { paths } = (await server.send('GET', '/openapi.json')).body as { paths: Record<string, { get: { parameters: object[] } }> };
    expect(paths['/api/leads']?.get.parameters).toContainEqual(
      expect.objectContaining({ name: 'search', schema: expect.objectContaining({ maxLength: 200 }) }),
    );
  });

  it('refuses a position that it did not give', async () => {
    expect((await list('?after=nonsense')).status).toBe(400);
  });
});

describe('GET /api/leads/:id', () => {
  it('finds a lead by id, public id or number', async () => {
    const { status, body } = await server.send('GET', `/api/leads/${ids[0]}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      lead: { id: ids[0], first_name: 'Ada', stage: 'Paid' },
      history: [{ from_stage: null, to_stage: 'Paid', forced: false, via: 'postback', created_at: expect.stringMatching(/Z$/) }],
    });
    expect((await server.send('GET', `/api/leads/lead_${ids[0]}`)).body).toEqual(body);
    const { number } = body['lead'] as { number: number };
    expect((await server.send('GET', `/api/leads/${number}`)).body).toEqual(body);
  });

  it.each(['0199f3c0-5b1e-7c4a-9d2f-3a1b5c7d9e0f', 'nobody', '99999', '9999999999', '%00', "'"])('answers 404 for %s', async (id) => {
    const { status, body } = await server.send('GET', `/api/leads/${id}`);
    expect(status).toBe(404);
    expect(body).toEqual({ error: 'Lead not found', code: 'LEAD_NOT_FOUND', request_id: expect.any(String) });
  });
});

describe('PUT /api/leads/:id/stage', () => {
  it('moves either way and notes that it was by hand', async () => {
    expect(await put(ids[1], { stage: 'Paid' })).toMatchObject({
      status: 200,
      body: { success: true, lead_id: ids[1], stage: 'Paid', stage_changed: true },
    });
    expect((await put(ids[1], { stage: 'Paid' })).body).toMatchObject({ stage_changed: false });
    expect((await put(ids[1], { stage: 'Form Started' })).body).toMatchObject({ stage: 'Form Started', stage_changed: true });
    const { history } = (await server.send('GET', `/api/leads/${ids[1]}`)).body as { history: object[] };
    expect(history.slice(1)).toMatchObject([
      { from_stage: 'Form Started', to_stage: 'Paid', forced: false, via: 'manual' },
      { from_stage: 'Paid', to_stage: 'Form Started', forced: true, via: 'manual' },
    ]);
  });

  it('knows a lead by its number, and deletes it by that too', async () => {
    const { body } = await server.send('POST', '/api/postback', {});
    const { lead } = (await server.send('GET', `/api/leads/${String(body['lead_id'])}`)).body as { lead: { number: number } };
    expect((await put(lead.number, { stage: 'Paid' })).body).toMatchObject({ lead_id: body['lead_id'], stage_changed: true });
    expect((await put(999_999, { stage: 'Paid' })).status).toBe(404);
    expect((await server.send('DELETE', `/api/leads/${lead.number}`)).status).toBe(200);
    expect((await server.send('DELETE', `/api/leads/${lead.number}`)).status).toBe(404);
  });

  it('refuses an unknown stage, an unknown lead and a missing stage', async () => {
    expect(await put(ids[1], { stage: 'Nowhere' })).toMatchObject({
      status: 400,
      body: { error: 'Invalid stage', stages: expect.any(Array) },
    });
    expect(await put('0199f3c0-5b1e-7c4a-9d2f-3a1b5c7d9e0f', { stage: 'Paid' })).toMatchObject({
      status: 404,
      body: { error: 'Lead not found' },
    });
    expect(await put('nobody', { stage: 'Paid' })).toMatchObject({ status: 404 });
    expect(await put(ids[1], {})).toMatchObject({ status: 400, body: { issues: [{ path: 'stage' }] } });
  });
});

describe('DELETE /api/leads/:id', () => {
  it('deletes a lead with its history', async () => {
    const before = await server.countRows();
    expect(await server.send('DELETE', `/api/leads/${ids[4]}`)).toMatchObject({ status: 200, body: { success: true } });
    expect(await server.countRows()).toMatchObject({ Lead: Number(before['Lead']) - 1, StageChange: Number(before['StageChange']) - 1 });
    expect(await server.send('DELETE', `/api/leads/${ids[4]}`)).toMatchObject({ status: 404, body: { error: 'Lead not found' } });
    expect((await server.send('GET', `/api/leads/${ids[4]}`)).status).toBe(404);
  });
});

describe('GET /api/analytics', () => {
  it('has every stage and all 30 days, zeros included', async () => {
    const { status, body } = await server.send('GET', '/api/analytics');
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['overview', 'funnel', 'top_sources', 'new_leads_30d']);
    const [documented] = analytics.docs.answers;
    expect(documented?.schema.safeParse(body).error).toBeUndefined();
    expect(body['overview']).toMatchObject({ total_leads: expect.any(Number), paid: 1 });
    expect((body['funnel'] as { stage: string }[]).map(({ stage }) => stage)).toEqual([
      'Form Started',
      'Form In Progress',
      'Form Completed',
      'Application Submitted',
      'Payment Pending',
      'Paid',
      'Processing',
      'Completed',
    ]);
    expect(body['new_leads_30d']).toHaveLength(30);
    expect(body['top_sources']).toEqual(expect.arrayContaining([{ source: 'google', count: 2, paid: 1 }]));
  });
});
