import { afterAll, beforeAll, expect, it } from 'vitest';
import { endpoints } from '../../rest-compat/rest-compat.ts';
import { startApp, type TestApp } from '../support/app.ts';

const key = 'root-key-of-this-test';
let app: TestApp;
beforeAll(async () => {
  app = await startApp({ API_KEY: key });
  for (const body of [
    { email: 'a@x.test', source: 'google', campaign: 'spring', form_completion_percent: 50 },
    { email: 'b@x.test', source: 'Facebook', campaign: 'spring', stage: 'Paid' },
    { email: 'c@x.test' },
  ])
    await app.send('POST', '/api/postback', body, { 'x-api-key': key });
});
afterAll(() => app.end());

const get = (path: string, headers: Record<string, string> = { 'x-api-key': key }) => app.send('GET', path, undefined, headers);

it('counts what there is and says the role of the key, and nothing that needs visitor tracking', async () => {
  const { status, body } = await get('/analytics/overview', { authorization: `Bearer ${key}` });
  expect([status, body]).toEqual([200, { total_leads: 3, total_events: 0, total_conversions: 0, role: 'admin' }]);
});

it('lists the values for filter menus', async () => {
  expect((await get('/analytics/leads/projects')).body).toEqual({ projects: ['spring'] });
  expect((await get('/analytics/leads/sources')).body).toEqual({ sources: ['Facebook', 'google'] });
  expect((await get('/analytics/engine/projects')).body).toEqual({ projects: ['spring'] });
  expect((await get('/analytics/engine/sources')).body).toEqual({ sources: ['Facebook', 'google'] });
});

it('answers the counters of the engine that its data can answer', async () => {
  expect((await get('/analytics/engine/overview')).body).toMatchObject({
    total_leads: 3,
    new_today: 3,
    revenue: '0',
    avg_form_completion: 50,
  });
  expect((await get('/analytics/engine/by-project')).body.rows).toEqual([
    { project: 'spring', leads: 2, conversions: 0, conversion_rate: 0, revenue: '0' },
    { project: null, leads: 1, conversions: 0, conversion_rate: 0, revenue: '0' },
  ]);
  expect((await get('/analytics/engine/by-source')).body.rows.map(({ source }: { source: string | null }) => source)).toEqual([
    null,
    'Facebook',
    'google',
  ]);
  const { rows } = (await get('/analytics/engine/submissions-daily?days=7')).body;
  expect(rows).toHaveLength(7);
  expect(rows[6]).toEqual({ date: new Date().toISOString().slice(0, 10), leads: 3 });
  expect((await get('/analytics/engine/submissions-daily')).body.rows).toHaveLength(30);
  expect((await get('/analytics/engine/submissions-daily?days=91')).status).toBe(400);
  expect((await get('/analytics/engine/by-engagement')).status).toBe(404);
});

it('answers as its documentation says', async () => {
  for (const { path, docs } of endpoints.filter(({ path }) => /^[/]analytics[/](overview|leads[/][ps]|engine)/.test(path))) {
    const { body } = await get(path);
    expect(docs.answers[0]?.schema.safeParse(body).error, path).toBeUndefined();
  }
});

it('asks for a key in the documented words', async () => {
  const [without, wrong] = [await get('/analytics/overview', {}), await get('/analytics/engine/overview', { 'x-api-key': 'no' })];
  expect([without.status, without.body.error]).toEqual([401, 'API key required. Use Authorization: Bearer <key> or X-API-Key header.']);
  expect([wrong.status, wrong.body.error]).toEqual([401, 'Invalid API key']);
});
