import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createRawServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOutboundHttp, OutboundError } from '../../src/platform/outbound-http.ts';
import { isPublicAddress, parseNetworks } from '../../src/platform/public-address.ts';

let canary: Server;
let port: number;
let connections = 0;
beforeAll(async () => {
  canary = createServer((request, response) => {
    if (request.url === '/redirect') response.writeHead(302, { location: `http://127.0.0.1:${port}/secret` }).end();
    else if (request.url === '/slow') setTimeout(() => response.end('late'), 2000).unref();
    else if (request.url === '/large') response.end('x'.repeat(100_000));
    else response.end(JSON.stringify({ host: request.headers.host, method: request.method }));
  });
  canary.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  port = (canary.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => canary.close(resolve)));
beforeEach(() => {
  connections = 0;
});

const loopback = parseNetworks('127.0.0.0/8');
const deadlineMs = 500;
const at = (path: string) => ({ url: new URL(`http://127.0.0.1:${port}${path}`), deadlineMs });
const resolvesTo =
  (...addresses: readonly string[]) =>
  () =>
    Promise.resolve(addresses);

describe('an address', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '192.0.0.1',
    '198.18.0.1',
    '203.0.113.5',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::127.0.0.1',
    '64:ff9b::a9fe:a9fe',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd12:3456::1',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '100::1',
    'no address',
  ])('is not public: %s', (address) => expect(isPublicAddress(address)).toBe(false));

  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700::1111', '2a00:1450:4001::200e'])('is public: %s', (address) =>
    expect(isPublicAddress(address)).toBe(true),
  );

  it('may be allowed by its network', () => {
    expect(parseNetworks('10.0.0.0/8, fd00::/8,127.0.0.1')).not.toBeNull();
    for (const wrong of ['10.0.0.0/33', 'example.com', '10.0.0.0/8/8', '10.0.0.0/-1']) expect(parseNetworks(wrong)).toBeNull();
  });
});

/** What a server may say that means no good. */
const raw = [
  ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', 101],
  ['"go on", and then nothing', 'HTTP/1.1 100 Continue\r\n\r\n', 'timeout'],
  ['half an answer', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', 'timeout'],
  ['no HTTP', 'nonsense\r\n\r\n', 'connection_failed'],
  ['headers without end', `HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(10_000)}`, 'connection_failed'],
] as const;

describe('a call', () => {
  it.each([
    'http://127.0.0.1:PORT/',
    'http://127.1:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f.0.0.1:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://[::1]:PORT/',
    'http://0:PORT/',
    'http://localhost:PORT/',
    'http://localhost.:PORT/',
    'http://１２７.０.０.１:PORT/',
  ])('reaches nothing that is not public: %s', async (url) => {
    const { call } = createOutboundHttp();
    await expect(call({ url: new URL(url.replace('PORT', String(port))), deadlineMs })).rejects.toMatchObject({
      reason: expect.stringMatching(/blocked_address|name_not_found/),
    });
    expect(connections).toBe(0);
  });

  it('reaches no private address behind a name, whatever else the name has', async () => {
    const { call } = createOutboundHttp({ lookUp: resolvesTo('10.0.0.1', '127.0.0.1', '169.254.169.254') });
    await expect(call({ url: new URL(`http://rebind.test:${port}/`), deadlineMs })).rejects.toMatchObject({ reason: 'blocked_address' });
    expect(connections).toBe(0);
  });

  it('asks the name server once, goes to that very address, and names the host', async () => {
    let asked = 0;
    const lookUp = async () => ((asked += 1), ['127.0.0.1']);
    const { call } = createOutboundHttp({ ...(loopback && { allowed: loopback }), lookUp });
    const answer = await call({ url: new URL(`http://cert.test:${port}/`), deadlineMs });
    expect([answer.status, answer.address, asked]).toEqual([200, '127.0.0.1', 1]);
    expect(JSON.parse(answer.body.toString())).toEqual({ host: `cert.test:${port}`, method: 'GET' });
  });

  it('follows no redirect, waits no longer than its deadline, reads no more than asked for', async () => {
    const { call } = createOutboundHttp({ ...(loopback && { allowed: loopback }) });
    expect((await call(at('/redirect'))).status).toBe(302);
    expect(connections).toBe(1);
    await expect(call(at('/slow'))).rejects.toMatchObject({ reason: 'timeout' });
    const large = await call({ ...at('/large'), maxBodyBytes: 1000 });
    expect([large.body.length, large.isTruncated]).toEqual([1000, true]);
  });

  it.each(raw)('ends in time, whatever comes back: %s', async (_name, bytes, outcome) => {
    const server = createRawServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write(bytes));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { call, close } = createOutboundHttp({ ...(loopback && { allowed: loopback }), keepAlive: true });
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const ended = call({ url, deadlineMs, method: 'POST', body: '{}' }).then(
      ({ status }) => status,
      (error: unknown) => (error instanceof OutboundError ? error.reason : error),
    );
    expect(await ended).toBe(outcome);
    close();
    server.close();
  });

  it('tries the next address of a name when one does not answer', async () => {
    const { call } = createOutboundHttp({ ...(loopback && { allowed: loopback }), lookUp: resolvesTo('127.0.0.9', '127.0.0.1') });
    expect((await call({ url: new URL(`http://two.test:${port}/`), deadlineMs })).address).toBe('127.0.0.1');
  });

  it('takes no other scheme and no credentials', async () => {
    const { call } = createOutboundHttp();
    for (const url of ['ftp://example.com/', 'file:///etc/passwd', 'http://user:password@example.com/']) {
      await expect(call({ url: new URL(url), deadlineMs })).rejects.toMatchObject({ reason: 'invalid_url' });
    }
  });

  it('gives up on a name that nobody answers for', async () => {
    const { call } = createOutboundHttp({ lookUp: () => new Promise(() => {}) });
    await expect(call({ url: new URL('http://silent.test/'), deadlineMs: 100 })).rejects.toMatchObject({ reason: 'timeout' });
  });
});
