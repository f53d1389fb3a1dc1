import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApp, startApp } from '../http/running-app.ts';

let server: RunningApp;
beforeAll(async () => {
  server = await startApp();
});
afterAll(() => server.close());

const post = (body: unknown, key: string) => server.send('POST', '/api/postback', body, { 'idempotency-key': key });

describe('Idempotency-Key', () => {
  it('row 41: runs a postback once, however often it comes at once', async () => {
    const before = await server.countRows();
    const answers = await Promise.all(Array.from({ length: 50 }, () => post({ first_name: 'Once' }, 'at-once')));
    for (const { status, headers } of answers) {
      if (status === 409) expect(headers.get('retry-after')).toBe('1');
      else expect(status).toBe(201);
    }
    expect(answers.filter(({ headers, status }) => status === 201 && headers.get('idempotent-replayed') === null)).toHaveLength(1);
    expect(new Set(answers.flatMap(({ body }) => body['lead_id'] ?? [])).size).toBe(1);
    expect(await server.countRows()).toMatchObject({ Lead: Number(before['Lead']) + 1, Submission: Number(before['Submission']) + 1 });
  });

  it('row 41: gives the stored answer later', async () => {
    const first = await post({ email: 'later@idempotency.test', stage: 'Paid' }, 'later');
    const again = await post({ stage: 'Paid', email: 'later@idempotency.test' }, 'later');
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect([again.status, again.body]).toEqual([first.status, first.body]);
  });

  it('row 42: refuses another body under the same key', async () => {
    await post({ first_name: 'One' }, 'reused');
    const before = await server.countRows();
    expect(await post({ first_name: 'Two' }, 'reused')).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED', error: expect.any(String) },
    });
    expect(await server.countRows()).toEqual(before);
  });

  it.each(['', 'k'.repeat(256), 'two words', 'k\u00e9y'])('row 43: refuses the key %j', async (key) => {
    const before = await server.countRows();
    for (const [method, path, body] of [
      ['POST', '/api/postback', {}],
      ['PUT', '/api/leads/1/stage', { stage: 'Paid' }],
      ['DELETE', '/api/leads/1', undefined],
    ] as const) {
      expect(await server.send(method, path, body, { 'idempotency-key': key })).toMatchObject({
        status: 400,
        body: { code: 'IDEMPOTENCY_KEY_INVALID' },
      });
    }
    expect(await server.countRows()).toEqual(before);
  });

  it('moves and deletes once', async () => {
    const { body } = await server.send('POST', '/api/postback', {});
    const path = `/api/leads/${String(body['lead_id'])}`;
    const key = { 'idempotency-key': 'by-hand' };
    const moved = await server.send('PUT', `${path}/stage`, { stage: 'Paid' }, key);
    const again = await server.send('PUT', `${path}/stage`, { stage: 'Paid' }, key);
    expect(again.body).toEqual(moved.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect((await server.send('DELETE', path, undefined, key)).status).toBe(200);
  });

  it('deletes once, whether the lead is named by its id or by its number, which nobody has afterwards', async () => {
    for (const field of ['id', 'number']) {
      const { body } = await server.send('POST', '/api/postback', { first_name: field });
      const { body: shown } = await server.send('GET', `/api/leads/${String(body['lead_id'])}`);
      const path = `/api/leads/${String(Object(shown['lead'])[field])}`;
      const key = { 'idempotency-key': `delete by ${field}`.replaceAll(' ', '-') };
      const first = await server.send('DELETE', path, undefined, key);
      const again = await server.send('DELETE', path, undefined, key);
      expect([first.status, again.status, again.headers.get('idempotent-replayed')], field).toEqual([200, 200, 'true']);
      expect((await server.send('DELETE', path)).status).toBe(404);
    }
  });
});
