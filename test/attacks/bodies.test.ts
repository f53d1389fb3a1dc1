import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApp, startApp } from '../http/running-app.ts';

const secret = 'the-secret-of-the-crm';
/** Whoever may not come in at all is told that first. Each door looks at its own. */
const credentials: Record<string, string> = {};
let server: RunningApp;
beforeAll(async () => {
  server = await startApp({ CRM_WEBHOOK_SECRET: secret });
  const query = `mutation { createSource(input: { name: "Partner", complianceApproved: true }) { ... on CreateSourceSuccess { key source { id } } } }`;
  const { body } = await server.send('POST', '/graphql', { query });
  const { createSource } = body['data'] as { readonly createSource: { readonly key: string; readonly source: { readonly id: string } } };
  Object.assign(credentials, {
    authorization: `Bearer ${secret}`,
    'x-leadping-source-id': createSource.source.id,
    'x-leadping-source-key': createSource.key,
  });
});
afterAll(() => server.close());

/** Every door through which a body comes in, with what each expects. */
const doors = [
  ['POST', '/graphql'],
  ['POST', '/api/postback'],
  ['PUT', '/api/leads/1/stage'],
  ['POST', '/api/event/trigger'],
  ['POST', '/webhooks/crm/lead'],
  ['POST', '/leads'],
  ['POST', '/leads/intake'],
] as const;
type Door = readonly [method: string, path: string];

/** What every answer to a bad body promises: its code, an id, no fault of ours, nothing stored, nothing personal in the log. */
async function refuses(door: Door, body: string | Buffer, headers: Record<string, string>, codes: readonly string[]): Promise<void> {
  const before = await server.countRows();
  const [method, path] = door;
  const answer = await server.send(method, path, body, { ...credentials, ...headers });
  expect(answer.status, path).toBeGreaterThanOrEqual(400);
  expect(answer.status, path).toBeLessThan(500);
  const text = JSON.stringify(answer.body);
  const [, code] = /"code":"([A-Z_]+)"/.exec(text) ?? [];
  expect(codes, `${path} ${text}`).toContain(code);
  expect(text, path).toMatch(/"(request_id|requestId)":"/);
  expect(await server.countRows()).toEqual(before);
  expect(server.logged()).not.toContain('secret-person');
}

const json = { 'content-type': 'application/json' };
const person = '"email":"secret-person@example.com"';

describe.each(doors)('%s %s', (...door) => {
  it('row 3: takes an object and nothing else', async () => {
    for (const body of ['"x"', '1', 'null']) await refuses(door, body, json, ['VALIDATION_FAILED', 'BAD_REQUEST']);
    await refuses(door, '[]', json, ['VALIDATION_FAILED', 'BATCHING_DISABLED']);
    await refuses(door, Buffer.alloc(0), json, ['INVALID_JSON']);
  });

  it('row 4: takes no more than 256 KB', async () => {
    await refuses(door, `{${person},"a":"${'x'.repeat(256 * 1024)}"}`, json, ['PAYLOAD_TOO_LARGE']);
  });

  it('row 5: opens no compressed body', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));
    const before = process.memoryUsage().rss;
    await refuses(door, bomb, { ...json, 'content-encoding': 'gzip' }, ['UNSUPPORTED_ENCODING']);
    expect(process.memoryUsage().rss - before).toBeLessThan(48 * 1024 * 1024);
  });

  it.each([33, 100_000])('row 6: nests no %i levels', async (depth) => {
    await refuses(door, `{${person},"custom_data":${'['.repeat(depth)}${']'.repeat(depth)}}`, json, ['PAYLOAD_TOO_COMPLEX']);
  });

  it('row 7: holds no 501 keys, and no key of a megabyte', async () => {
    const keys = Array.from({ length: 501 }, (_, i) => `"k${i}":1`).join(',');
    await refuses(door, `{${person},"custom_data":{${keys}}}`, json, ['PAYLOAD_TOO_COMPLEX']);
    await refuses(door, `{${person},"${'k'.repeat(1024 * 1024)}":1}`, json, ['PAYLOAD_TOO_LARGE']);
  });

  it.each(['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/json; charset=utf-16'])(
    'rows 10 and 11: is not sent as %s',
    async (type) => refuses(door, `{${person}}`, { 'content-type': type }, ['UNSUPPORTED_MEDIA_TYPE']),
  );

  it('row 12: says which methods there are', async () => {
    const [, path] = door;
    const answer = await server.send('PATCH', path);
    expect([answer.status, answer.body['code'], answer.headers.get('allow')]).toEqual([405, 'METHOD_NOT_ALLOWED', expect.any(String)]);
  });
});
