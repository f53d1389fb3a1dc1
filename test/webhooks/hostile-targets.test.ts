import { randomUUID } from 'node:crypto';
import { BlockList } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createOutboundHttp } from '../../src/platform/outbound-http.ts';
import { createEngineWorld, type EngineWorld } from './engine-world.ts';
import { type Receiver, startReceiver } from './receiver.ts';

let world: EngineWorld;
let receiver: Receiver;
let canary: Receiver;
beforeEach(async () => {
  [world, receiver, canary] = await Promise.all([createEngineWorld(), startReceiver(), startReceiver()]);
});
afterEach(() => Promise.all([world.close(), receiver.close(), canary.close()]));

const tries = () => world.database.prisma.attempt.findMany({ orderBy: { number: 'asc' } });

it('row 71: a name that turned private is not connected to, and the try is recorded as a failure', async () => {
  let addresses = ['93.184.215.14'];
  const http = createOutboundHttp({ lookUp: () => Promise.resolve(addresses) });
  const url = receiver.url.replace('127.0.0.1', 'rebinding.example');
  expect(await http.resolve(new URL(url))).toEqual(addresses);
  const webhookId = await world.addWebhook({ url });
  addresses = ['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.0.0.1', '169.254.169.254'];
  await world.append(world.accountId, [{ leadId: randomUUID() }]);
  await world.newEngine(undefined, http).runDue();
  expect(await tries()).toMatchObject([{ webhookId, url, statusCode: null, error: 'blocked_address', responseBody: null }]);
  expect(await world.webhook(webhookId)).toMatchObject({ failures: 1, failingSince: world.now });
  expect(await world.deliveries(webhookId)).toMatchObject([{ status: 'RETRYING', attemptCount: 1 }]);
  expect(receiver.calls).toHaveLength(0);
  http.close();
});

it('row 72: a redirect to an internal address, or in circles, is a failure that nobody follows', async () => {
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8, 'ipv4');
  const http = createOutboundHttp({ allowed: loopback });
  const places: Readonly<Record<string, string>> = {
    '/away': `${canary.url}/`,
    '/metadata': 'http://169.254.169.254/latest/meta-data',
    '/circle': '/circle',
  };
  receiver.answer = ({ path }, response) => void response.writeHead(302, { location: places[path] ?? '/' }).end();
  const ids = await Promise.all(Object.keys(places).map((path) => world.addWebhook({ url: `${receiver.url}${path}` })));
  await world.append(world.accountId, [{ leadId: randomUUID() }]);
  await world.newEngine(undefined, http).runDue();
  expect((await tries()).map(({ statusCode, error }) => [statusCode, error])).toEqual(ids.map(() => [302, 'redirect_not_followed']));
  for (const id of ids) expect(await world.webhook(id)).toMatchObject({ failures: 1 });
  expect(receiver.calls.map(({ path }) => path).toSorted()).toEqual(Object.keys(places).toSorted());
  expect(canary.calls).toHaveLength(0);
  http.close();
});

it('an answer in another protocol is a failure like any other, and keeps no try open', async () => {
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8, 'ipv4');
  const http = createOutboundHttp({ allowed: loopback, keepAlive: true });
  receiver.answer = (_call, response) =>
    void response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
  const id = await world.addWebhook({ url: receiver.url });
  await world.append(world.accountId, [{ leadId: randomUUID() }]);
  await world.newEngine(undefined, http).runDue();
  expect(await tries()).toMatchObject([{ webhookId: id, statusCode: 101, error: 'status_101' }]);
  expect(await world.deliveries(id)).toMatchObject([{ status: 'RETRYING', attemptCount: 1 }]);
  http.close();
});
