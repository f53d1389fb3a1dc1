import { Agent, request as startRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../../rest-compat/route.ts';
import { type BareServer, echo, startBareServer } from './bare-server.ts';

/** Shut for whoever says so. */
const isShut = ({ 'x-shut': shut }: NodeJS.Dict<string | string[]>): boolean => shut !== undefined;

const asProblem = { 'content-type': 'application/problem+json; charset=utf-8', 'retry-after': '1' };

let server: BareServer;
beforeAll(async () => {
  const routes = [
    { ...echo, isShut },
    { ...echo, isShut, path: '/pages/:id/echo', anyOrigin: true },
    { ...echo, path: '/open' },
    { ...echo, isShut, path: '/problems', refuse: (problem: Problem) => ({ ...echo.refuse(problem), headers: asProblem }) },
  ];
  server = await startBareServer({ routes });
});
afterAll(() => server.close());

const post = (path: string, headers: Readonly<Record<string, string>> = {}, body = '{"a":1}') =>
  fetch(`${server.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
const shut = { 'x-shut': 'yes' };

const one = (headers: string, body: string): string =>
  `POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;

describe('who was just told that too much is waiting', () => {
  it('is told so again, in the words of the endpoint, with a request id, before the body is looked at', async () => {
    const answer = await post('/echo', { ...shut, 'x-request-id': 'order-42' }, 'no JSON');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('x-request-id')).toBe('order-42');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await answer.json()).toMatchObject({ code: 'OVERLOADED', request_id: 'order-42' });
  });

  it('as the kind of document that the endpoint answers with', async () => {
    const { headers } = await post('/problems', shut);
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(headers.get('retry-after')).toBe('1');
  });

  it('under an address with parameters, and readable for pages of other origins where the endpoint is', async () => {
    const answer = await post('/pages/7/echo?x=1', shut);
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([503, '*']);
    expect((await post('/pages/7/8/echo', shut)).status).toBe(404);
  });

  it('while everybody else, and every other endpoint, is served', async () => {
    expect((await post('/echo')).status).toBe(200);
    expect((await post('/open', shut)).status).toBe(200);
    expect((await fetch(`${server.url}/echo`, { headers: shut })).status).toBe(405);
  });

  it('and is heard again on the same connection, however often', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    const ask = (headers: Readonly<Record<string, string>>) =>
      new Promise<string>((resolve, reject) => {
        const options = { agent, method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
        const sent = startRequest(`${server.url}/echo`, options, (answer) => {
          ports.add(answer.socket.localPort);
          text(answer).then((body) => resolve(`${answer.statusCode} ${body.includes('"a":1')}`), reject);
        });
        sent.on('error', reject).end('{"a":1}');
      });
    for (let i = 0; i < 50; i += 1) expect([await ask(shut), await ask({})]).toEqual(['503 false', '200 true']);
    expect(ports.size).toBe(1);
    agent.destroy();
  });

  it('in order, with a large body unread, and with what else came in one packet', async () => {
    const large = JSON.stringify({ text: 'x'.repeat(200_000) });
    const bytes = [one('', '{"a":1}'), one('X-Shut: y\r\n', large), one('', '{"b":2}'), one('X-Shut: y\r\nConnection: close\r\n', '{}')];
    const answer = await server.sendRaw(bytes.join(''));
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 503', 'HTTP/1.1 200', 'HTTP/1.1 503']);
  });

  it('but not before a request that is malformed is refused as such', async () => {
    const answer = await server.sendRaw('POST /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\nX-Shut: y\r\nContent-Length: 0\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('a thousand callers at once, each told within a moment', async () => {
    const answers = await Promise.all(Array.from({ length: 1000 }, () => post('/echo', shut)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
  });
});

it('is counted in the metrics, and logged by the second, not by the request', async () => {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const counted = Number(/http_requests_total\{route="\/echo",method="POST",status="503"\} (\d+)/.exec(metrics)?.[1]);
  expect(counted).toBeGreaterThan(1000);
  expect(metrics).not.toMatch(/http_request_duration_seconds_count\{route="\/pages/);
  const lines = server
    .logged()
    .split('\n')
    .filter((line) => line.includes('refusing at the door'));
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThan(counted / 10);
});

describe('an operation that is one too many once it was read', () => {
  let full: BareServer;
  beforeAll(async () => {
    full = await startBareServer({ turnsAway: (operation) => 'query' in operation && operation.query === '{late}' });
  });
  afterAll(() => full.close());

  const ask = (query: string, path = '/graphql') =>
    fetch(full.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': 'page-7' },
      body: JSON.stringify({ query }),
    });

  it('is told so as at the door, and the next one on its connection is heard', async () => {
    for (let i = 0; i < 20; i += 1) {
      const answer = await ask('{late}');
      expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('x-request-id')]).toEqual([503, '1', 'page-7']);
      expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'OVERLOADED', requestId: 'page-7' } }] });
      expect((await ask('{soon}')).status).toBe(200);
    }
  });

  it('is let in under another spelling of the address, where the graph itself refuses it', async () => {
    expect((await ask('{late}', '/%67raphql')).status).toBe(200);
  });

  it('is counted once, and not logged for itself', async () => {
    const metrics = await (await fetch(`${full.url}/metrics`)).text();
    expect(metrics).toMatch(/http_requests_total\{route="\/graphql",method="POST",status="503"\} 20\n/);
    expect(full.logged()).not.toMatch(/request answered.*503|503.*request answered/);
    expect(full.logged()).toContain('refusing at the door');
  });
});
