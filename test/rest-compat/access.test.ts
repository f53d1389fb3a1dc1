import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiKey, type RunningApp, startApp } from '../http/running-app.ts';

let server: RunningApp;
let open: RunningApp;
beforeAll(async () => {
  [server, open] = await Promise.all([startApp(), startApp({ API_KEY: 'changeme' })]);
});
afterAll(() => Promise.all([server.close(), open.close()]));

const without = { 'x-api-key': '' };
const id = '0199f3c0-5b1e-7c4a-9d2f-3a1b5c7d9e0f';
const calls = [
  ['POST', '/api/postback', { email: 'jo@access.test' }],
  ['POST', '/api/postback', { email: 5 }],
  ['GET', '/api/leads', undefined],
  ['GET', '/api/leads?limit=1000', undefined],
  ['GET', `/api/leads/${id}`, undefined],
  ['PUT', `/api/leads/${id}/stage`, { stage: 'Paid' }],
  ['PUT', `/api/leads/${id}/stage`, {}],
  ['DELETE', `/api/leads/${id}`, undefined],
  ['GET', '/api/analytics', undefined],
] as const;

describe('the API key', () => {
  it.each(calls)('row 29: is asked for first: %s %s', async (method, path, body) => {
    const before = await server.countRows();
    const answers = await Promise.all(
      [
        without,
        { 'x-api-key': 'wrong' },
        { 'x-api-key': apiKey.slice(1) },
        { 'x-api-key': `${apiKey}x` },
        { 'x-api-key': 'k'.repeat(8000) },
        { ...without, authorization: 'Bearer wrong' },
        { ...without, authorization: 'Basic dXNlcjpwYXNz' },
      ].map((headers) => server.send(method, path, body, headers)),
    );
    for (const { status, body: refusal } of answers) {
      expect(status).toBe(401);
      expect(refusal).toEqual({ error: 'Invalid API key', code: 'UNAUTHENTICATED', request_id: expect.any(String) });
    }
    expect(await server.countRows()).toEqual(before);
  });

  it('may come as a Bearer token', async () => {
    expect((await server.send('GET', '/api/leads', undefined, { ...without, authorization: `bearer ${apiKey}` })).status).toBe(200);
  });

  it('row 34: is not read from the address, nor logged', async () => {
    const paths = [`/api/leads?api_key=${apiKey}`, `/api/leads/${apiKey}`, `/${apiKey}`, `/api/leads?x-api-key=${apiKey}`];
    const answers = await Promise.all(paths.map((path) => server.send('GET', path, undefined, without)));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 404, 401]);
    await server.send('POST', '/api/postback', { email: 'not an address but private' });
    expect(server.logged()).not.toContain(apiKey);
    expect(server.logged()).not.toContain('private');
    expect(server.logged()).toContain('/api/leads/:id');
  });

  it('row 29: of a million bytes is refused by its size', async () => {
    const answer = await server.sendRaw(`GET /api/leads HTTP/1.1\r\nHost: x\r\nx-api-key: ${'k'.repeat(1_000_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toMatch(/"code":"BAD_REQUEST".*"request_id":"/);
  });

  it('is optional while it is changeme', async () => {
    const answers = await Promise.all(
      [without, { 'x-api-key': 'whatever' }].map((headers) => open.send('POST', '/api/postback', {}, headers)),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  });
});

const ipOnReceipt = async (app: RunningApp): Promise<unknown> => {
  const { body } = await app.send('POST', '/api/postback', {}, { 'x-forwarded-for': '203.0.113.9' });
  const { rows } = await app.app.services.database.readPool.query<{ readonly ipAddress: string }>(
    'SELECT "ipAddress" FROM "Submission" WHERE "leadId" = $1',
    [body['lead_id']],
  );
  return rows[0]?.ipAddress;
};

describe('the address of the caller', () => {
  it("row 40: is the socket's, whatever X-Forwarded-For says", async () => {
    expect(await ipOnReceipt(server)).toBe('127.0.0.1');
  });

  it('is what a trusted proxy says', async () => {
    const behindProxy = await startApp({ TRUST_PROXY: '127.0.0.1' });
    expect(await ipOnReceipt(behindProxy)).toBe('203.0.113.9');
    await behindProxy.close();
  });
});
