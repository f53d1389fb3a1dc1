import { once } from 'node:events';
import { BlockList, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOutboundHttp } from '../../src/platform/outbound-http.ts';
import { type Claimed } from '../../src/webhooks/claim.ts';
import { sampleOf } from '../../src/webhooks/sample.ts';
import { newSecret } from '../../src/webhooks/signature.ts';
import { type Target, tryDelivery } from '../../src/webhooks/try-delivery.ts';
import { type Receiver, startReceiver } from './receiver.ts';

let receiver: Receiver;
let canary: Receiver;
beforeAll(async () => {
  [receiver, canary] = await Promise.all([startReceiver(), startReceiver()]);
});
afterAll(() => Promise.all([receiver.close(), canary.close()]));

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');

const delivery: Claimed = {
  webhookId: '00000000-0000-7000-8000-000000000001',
  id: '00000000-0000-7000-8000-000000000002',
  accountId: '00000000-0000-7000-8000-000000000003',
  seq: 1n,
  leadId: null,
  event: 'save_lead',
  attemptCount: 0,
  tries: 0,
  plannedAt: null,
  leaseId: '00000000-0000-7000-8000-000000000004',
  claimedAtMs: 0,
  told: sampleOf({ id: '00000000-0000-7000-8000-000000000002', accountId: '00000000-0000-7000-8000-000000000003', createdAt: new Date() }),
};
const target = (url: string): Target => ({ url, method: 'POST', payloadFormat: 'full', headers: {}, secrets: [newSecret()] });
const never = new AbortController().signal;

it('row 71: does not connect to a name that turned private', async () => {
  let answers = ['93.184.215.14'];
  const http = createOutboundHttp({ lookUp: () => Promise.resolve(answers) });
  expect(await http.resolve(new URL('http://rebinding.example/'))).toEqual(['93.184.215.14']);
  answers = ['127.0.0.1', '::1', '::ffff:127.0.0.1', '169.254.169.254'];
  const url = receiver.url.replace('127.0.0.1', 'rebinding.example');
  expect(await tryDelivery(http, target(url), delivery, new Date(), never)).toMatchObject({ statusCode: null, error: 'blocked_address' });
  expect(receiver.calls).toHaveLength(0);
});

it('connects to the address that was checked, and sends the name', async () => {
  const http = createOutboundHttp({ allowed: loopback, lookUp: () => Promise.resolve(['127.0.0.1']), keepAlive: true });
  const url = receiver.url.replace('127.0.0.1', 'receiver.example');
  expect(await tryDelivery(http, target(url), delivery, new Date(), never)).toMatchObject({ statusCode: 200, error: null });
  expect(receiver.calls.at(-1)?.headers.host).toBe(new URL(url).host);
  http.close();
});

it('row 72: does not follow redirects', async () => {
  const http = createOutboundHttp({ allowed: loopback });
  for (const status of [301, 302, 303, 307, 308]) {
    receiver.answer = (_call, response) => void response.writeHead(status, { location: canary.url }).end();
    expect(await tryDelivery(http, target(receiver.url), delivery, new Date(), never)).toMatchObject({
      statusCode: status,
      error: 'redirect_not_followed',
    });
  }
  expect(canary.calls).toHaveLength(0);
});

it('reads 64 KB of an endless answer and keeps 16', async () => {
  const http = createOutboundHttp({ allowed: loopback, keepAlive: true });
  let written = 0;
  receiver.answer = (_call, response) => {
    response.writeHead(200);
    const write = (): void => {
      while (!response.destroyed && written < 1e9) {
        written += 65_536;
        if (!response.write(Buffer.alloc(65_536, 0))) return void response.once('drain', write);
      }
    };
    write();
  };
  const tried = await tryDelivery(http, target(receiver.url), delivery, new Date(), never);
  expect(tried.responseBody).toBe('\uFFFD'.repeat(16_384));
  await wait(100);
  expect(written).toBeLessThan(20_000_000);
  http.close();
});

it('uses a connection again, and a new one when the server had closed it', async () => {
  const http = createOutboundHttp({ allowed: loopback, keepAlive: true });
  receiver.answer = (_call, response) => void response.writeHead(200).end('Webhook received');
  for (let i = 0; i < 3; i += 1)
    expect(await tryDelivery(http, target(receiver.url), delivery, new Date(), never)).toMatchObject({ error: null });
  receiver.answer = (call, response) =>
    void (call.headers['x-webhook-attempt'] === '1' ? response.writeHead(200).end() : response.destroy());
  expect(await tryDelivery(http, target(receiver.url), { ...delivery, attemptCount: 1 }, new Date(), never)).toMatchObject({
    error: 'connection_failed: ECONNRESET',
  });
  http.close();
});

it('says why there was no answer', async () => {
  const http = createOutboundHttp({ allowed: loopback, lookUp: () => Promise.reject(new Error('no such name')) });
  const said = async (url: string) => (await tryDelivery(http, target(url), delivery, new Date(), never)).error;
  expect(await said('http://nowhere.example/')).toBe('name_not_found');
  expect(await said('http://127.0.0.1:1/')).toBe('connection_failed: ECONNREFUSED');
  expect(await said('http://10.0.0.1/')).toBe('blocked_address');
});

it('waits 3 s for a connection, and 15 s for the whole answer', async () => {
  const http = createOutboundHttp({ allowed: loopback });
  // It takes the connection and never shakes hands; the other one answers drop by drop, without end.
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  receiver.answer = (_call, response) => {
    response.writeHead(200);
    const drops = setInterval(() => response.write('.'), 200);
    response.on('close', () => clearInterval(drops));
  };
  const [unconnected, unfinished] = await Promise.all(
    [`https://127.0.0.1:${port}/`, receiver.url].map((url) => tryDelivery(http, target(url), delivery, new Date(), never)),
  );
  expect(unconnected).toMatchObject({ statusCode: null, error: 'connect_timeout' });
  expect(unconnected?.durationMs).toBeGreaterThanOrEqual(2900);
  expect(unfinished).toMatchObject({ statusCode: null, error: 'timeout' });
  expect(unfinished?.durationMs).toBeGreaterThanOrEqual(14_900);
  silent.close();
  http.close();
});
