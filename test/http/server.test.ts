import { EventEmitter, once } from 'node:events';
import { Agent, request as startRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BareServer, echo, smuggledRoute, startBareServer } from './bare-server.ts';
import { hidingRequests, malformedRequests, smuggled, unreadBodies } from './malformed-requests.ts';

let server: BareServer;
beforeAll(async () => {
  server = await startBareServer();
});
afterAll(() => server.close());

const json = { 'content-type': 'application/json' };
const post = (path: string, body: string, headers: Readonly<Record<string, string>> = json) =>
  fetch(`${server.url}${path}`, { method: 'POST', headers, body });
const problem = {
  code: expect.any(String),
  requestId: expect.any(String),
  request_id: expect.any(String),
  title: expect.any(String),
  type: 'about:blank',
};

const answeredId = async (id: string) =>
  (await fetch(`${server.url}/healthz`, { headers: { 'x-request-id': id } })).headers.get('x-request-id');

describe('every answer', () => {
  it('carries a request id, the one in the body', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/page', '/nothing', '/%zz', '/graphql']) {
      const response = await fetch(server.url + path);
      const text = await response.text();
      const id = response.headers.get('x-request-id');
      expect(id, path).toMatch(/^[\w-]{36}$/);
      expect(response.headers.get('x-content-type-options'), path).toBe('nosniff');
      if (response.status >= 400) expect(text, path).toContain(`"request_id":"${id}"`);
    }
  });

  it("carries the caller's own id when that is fit to be logged", async () => {
    expect(await answeredId('order-42:a/b')).toBe('order-42:a/b');
    expect(await answeredId('two words')).not.toBe('two words');
    expect(await answeredId('x'.repeat(129))).toHaveLength(36);
  });
});

describe('row 12: paths and methods', () => {
  it.each([
    ['GET', '/nothing', 404],
    ['POST', '/echo/', 404],
    ['POST', '//echo', 404],
    ['GET', '/healthz/', 404],
    ['GET', '//healthz', 404],
    ['GET', '/x/%2e%2e/healthz', 404],
    ['GET', '/x/../healthz', 404],
    ['GET', '/HEALTHZ', 404],
    ['GET', `/${'p'.repeat(10_000)}`, 414],
    ['GET', '/echo', 405],
    ['DELETE', '/healthz', 405],
    ['PUT', '/graphql', 405],
    ['PROPFIND', '/healthz', 405],
  ])('%s %s', async (method, path, status) => {
    const answer = await server.sendRaw(`${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toMatch(/content-type: application\/problem\+json/i);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))).toMatchObject({ ...problem, status });
    if (status === 405) expect(answer).toMatch(/\r\nallow: (POST|GET, HEAD|GET, OPTIONS, POST)\r\n/i);
  });

  it('counts an empty path parameter as no path', async () => {
    const withParam = await startBareServer({ routes: [{ ...echo, method: 'GET', path: '/things/:id', accepts: [] }] });
    expect((await fetch(`${withParam.url}/things/7`)).status).toBe(200);
    expect((await fetch(`${withParam.url}/things/`)).status).toBe(404);
    expect((await fetch(`${withParam.url}/things`)).status).toBe(404);
    await withParam.close();
  });
});

describe('row 4: a body that is too large', () => {
  const large = 'x'.repeat(256 * 1024 + 1 - 8);

  it.each([
    ['with Content-Length', (body: string) => `Content-Length: ${body.length}\r\n\r\n${body}`],
    ['in chunks', (body: string) => `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`],
  ])('is refused and the connection closed: %s', async (_name, frame) => {
    const body = `{"a":"${large}"}`;
    expect(body).toHaveLength(256 * 1024 + 1);
    const answer = await server.sendRaw(`POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${frame(body)}`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    expect(answer).toContain('"code":"PAYLOAD_TOO_LARGE"');
  });

  it('may have 256 KB', async () => {
    expect((await post('/echo', `{"a":"${large.slice(1)}"}`)).status).toBe(200);
  });

  it('is read no further than 320 KB', async () => {
    const accepted = new Promise<Socket>((resolve) => {
      server.server.once('connection', resolve);
    });
    const client = connect(server.port, '127.0.0.1');
    const socket = await accepted;
    client.on('error', () => {});
    client.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    for (let i = 0; i < 64; i++) client.write(chunk);
    await new Promise((resolve) => {
      socket.once('close', resolve);
    });
    expect(socket.bytesRead).toBeLessThanOrEqual(320 * 1024 + 1024);
    client.destroy();
  });
});

describe('row 65: /graphql', () => {
  it('hands a parsed body over', async () => {
    expect(await (await post('/graphql', '{"query":"{__typename}"}')).json()).toMatchObject({
      method: 'POST',
      body: { query: '{__typename}' },
    });
  });

  it.each([
    ['[{"query":"{__typename}"}]', json, 400, 'BATCHING_DISABLED'],
    ['[]', json, 400, 'BATCHING_DISABLED'],
    ['"x"', json, 400, 'BAD_REQUEST'],
    ['{}', json, 400, 'BAD_REQUEST'],
    ['{', json, 400, 'INVALID_JSON'],
    [`{"variables":${'['.repeat(40)}${']'.repeat(40)}}`, json, 400, 'PAYLOAD_TOO_COMPLEX'],
    [`{"query":"${'x'.repeat(256 * 1024)}"}`, json, 413, 'PAYLOAD_TOO_LARGE'],
    ['query={__typename}', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['--x--', { 'content-type': 'multipart/form-data; boundary=x' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['{"query":"{__typename}"}', { 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['{__typename}', { 'content-type': 'application/graphql' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['{"query":"{__typename}"}', { ...json, accept: 'text/html' }, 406, 'NOT_ACCEPTABLE'],
  ])('refuses %.40s %j', async (body, headers, status, code) => {
    const response = await post('/graphql', body, headers);
    expect(response.status).toBe(status);
    const id = response.headers.get('x-request-id');
    expect(await response.json()).toEqual({ errors: [{ message: expect.any(String), extensions: { code, requestId: id } }] });
  });
});

describe('a refusal of the graph', () => {
  it.each([
    ['https://app.example.com', 'https://app.example.com', 'Origin'],
    ['https://other.example.com', null, null],
  ])('is read by pages of %s as answers are', async (origin, allowed, vary) => {
    const open = await startBareServer({ corsOrigins: ['https://app.example.com'] });
    try {
      const { headers } = await fetch(`${open.url}/graphql`, { method: 'POST', headers: { ...json, origin }, body: '{' });
      expect([headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([allowed, vary]);
    } finally {
      await open.close();
    }
  });
});

describe('row 61: bytes that are no proper request', () => {
  const served: string[] = [];
  let guarded: BareServer;
  beforeAll(async () => {
    guarded = await startBareServer({ routes: [echo, smuggledRoute(served)] });
  });
  beforeEach(() => void served.splice(0));
  afterAll(() => guarded.close());

  it.each([...malformedRequests.map(([name, bytes]) => [name, bytes + smuggled] as const), ...hidingRequests])(
    '%s',
    async (_name, bytes) => {
      const answer = await guarded.sendRaw(bytes);
      expect(answer).toMatch(/^HTTP\/1\.1 (400|417|431) /);
      expect(answer).toMatch(/\r\nx-request-id: /i);
      expect(answer).toMatch(/"code":"[A-Z_]+".*"request_id":"/);
      expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
      expect(served).toEqual([]);
    },
  );

  it.each(unreadBodies)('nor is a body: %s', async (_name, bytes) => {
    const answer = await guarded.sendRaw(bytes);
    expect(answer).toMatch(/^(HTTP\/1\.1 100 Continue\r\n\r\n)?HTTP\/1\.1 (200|404|415) /);
    expect(served).toEqual([]);
    // The connection is as good as before.
    expect(await guarded.sendRaw(bytes + smuggled)).toMatch(/HTTP\/1\.1 200 [^]*HTTP\/1\.1 200 |HTTP\/1\.1 4\d\d [^]*HTTP\/1\.1 200 /);
    expect(served).toHaveLength(1);
  });

  it('may come from HTTP/1.0 without a host', async () => {
    expect(await server.sendRaw('GET /healthz HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('a caller that takes its time', () => {
  it.each([
    ['to send its headers', 'POST /echo HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    ['to send its body', `POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{"a":`],
    ['to send anything', ''],
  ])('%s is answered 408', async (_name, bytes) => {
    const hasty = await startBareServer({ patience: { headersMs: 200, requestMs: 400 } });
    const start = performance.now();
    const answer = await hasty.sendRaw(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"code":"REQUEST_TIMEOUT"');
    expect(performance.now() - start).toBeLessThan(2000);
    await hasty.close();
  });
});

describe('operations', () => {
  it('tells whether it can serve', async () => {
    const broken = await startBareServer({ isReady: () => Promise.reject(new Error('no database')) });
    const response = await fetch(`${broken.url}/readyz`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await fetch(`${broken.url}/healthz`)).status).toBe(200);
    await broken.close();
  });

  it('is not ready when the database does not answer within 2 s', async () => {
    const stuck = await startBareServer({ isReady: () => new Promise(() => {}) });
    const start = performance.now();
    expect((await fetch(`${stuck.url}/readyz`)).status).toBe(503);
    expect(performance.now() - start).toBeLessThan(2500);
    await stuck.close();
  });

  it('counts requests by route, method and status', async () => {
    await post('/echo', '{}');
    await fetch(`${server.url}/somebody@example.com`);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/http_requests_total\{route="\/echo",method="POST",status="200"\} \d+/);
    expect(metrics).toContain('route="unmatched"');
    expect(metrics).toContain('http_request_duration_seconds_bucket');
    expect(metrics).toContain('process_cpu_seconds_total');
    expect(metrics).not.toContain('somebody');
  });

  it('hides what went wrong inside', async () => {
    const failing = await startBareServer({ routes: [{ ...echo, handle: () => Promise.reject(new Error('jo@example.com exists')) }] });
    const response = await fetch(`${failing.url}/echo`, { method: 'POST', headers: json, body: '{}' });
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      error: 'Unexpected error.',
      code: 'INTERNAL_SERVER_ERROR',
      request_id: response.headers.get('x-request-id'),
    });
    await failing.close();
  });
});

describe('closing', () => {
  it('finishes what is in flight, keeps no connection, and takes no new one', async () => {
    const work = new EventEmitter();
    const closing = await startBareServer({
      routes: [{ ...echo, handle: () => once(work, 'done').then(() => ({ status: 200, body: {} })) }],
    });
    const agent = new Agent({ keepAlive: true });
    const answer = new Promise<{ status: number | undefined; connection: string | undefined }>((resolve, reject) => {
      const sent = startRequest(`${closing.url}/echo`, { method: 'POST', agent, headers: json }, (response) => {
        response.resume();
        resolve({ status: response.statusCode, connection: response.headers.connection });
      });
      sent.on('error', reject);
      sent.end('{}');
    });
    const unused = connect(closing.port, '127.0.0.1');
    await expect.poll(() => countConnections(closing)).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const start = performance.now();
    const closed = closing.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(fetch(`${closing.url}/healthz`)).rejects.toThrow();
    work.emit('done');
    expect(await answer).toEqual({ status: 200, connection: 'close' });
    await closed;
    expect(performance.now() - start).toBeLessThan(1000);
    unused.destroy();
    agent.destroy();
  });
});

const countConnections = (bare: BareServer): Promise<number> =>
  new Promise((resolve) => bare.server.getConnections((_error, count) => resolve(count)));
