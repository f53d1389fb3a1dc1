import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSecretBox } from '../../src/platform/secret-box.ts';
import { newSecret } from '../../src/webhooks/signature.ts';
import { secretPurpose } from '../../src/webhooks/webhook.ts';
import { type ChangeLog, createChangeLog, until, wait } from '../live/change-log.ts';
import { createServerProcess, type ServerProcess } from '../live/server-process.ts';
import { header, type Receiver, startReceiver } from '../webhooks/receiver.ts';

const secretsKey = 'a key for this test only';
let log: ChangeLog;
let accountId: string;
let receiver: Receiver;
const webhookId = randomUUID();
const servers: ServerProcess[] = [];

beforeAll(async () => {
  log = await createChangeLog();
  accountId = await log.newAccount();
  receiver = await startReceiver();
  await log.database.prisma.webhook.create({
    data: {
      id: webhookId,
      accountId,
      name: 'Stopped',
      url: receiver.url,
      method: 'POST',
      events: ['lead.updated'],
      payloadFormat: 'full',
      position: 0n,
      createdBy: 'test',
      secret: createSecretBox(secretsKey, '.').seal(newSecret(), secretPurpose(webhookId)),
    },
  });
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.kill()));
  await receiver.close();
  await log.close();
});

async function startServer(): Promise<ServerProcess> {
  const server = await createServerProcess(log.url, 'a key', { SECRETS_KEY: secretsKey, WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' });
  servers.push(server);
  await server.start();
  return server;
}

const deliveries = () => log.database.prisma.delivery.findMany({ orderBy: { seq: 'asc' } });

it('row 58: what a process had claimed that stopped is delivered by another within 30 s, and its late result is ignored', async () => {
  const unanswered: ServerResponse[] = [];
  // The first call is not answered while its caller runs.
  receiver.answer = (_call, response) => void (unanswered.length === 0 ? unanswered.push(response) : response.writeHead(200).end());
  const stopped = await startServer();
  await log.append(accountId, [{ leadId: randomUUID() }]);
  await until('the first process calls', () => receiver.calls.length === 1, 30_000);
  stopped.signal('SIGSTOP');
  await startServer();
  await until('the other process calls', () => receiver.calls.length === 2, 40_000);
  const [first, second] = receiver.calls;
  // 25 s of lease and a second between two looks; the rest is for a machine that is busy.
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeLessThan(30_000);
  expect(header(second, 'webhook-id')).toBe(header(first, 'webhook-id'));
  await until('it is delivered', async () => (await deliveries())[0]?.status === 'DELIVERED');

  unanswered[0]?.writeHead(500).end();
  stopped.signal('SIGCONT');
  await log.append(accountId, [{ leadId: randomUUID() }]);
  await until('the next change is told', () => receiver.calls.length === 3, 20_000);
  await wait(3000);
  expect(await deliveries()).toMatchObject([
    { status: 'DELIVERED', attemptCount: 1, leaseId: null },
    { status: 'DELIVERED', attemptCount: 1, leaseId: null },
  ]);
  expect(await log.database.prisma.attempt.findMany()).toMatchObject([{ statusCode: 200 }, { statusCode: 200 }]);
  expect(await log.database.prisma.webhook.findUniqueOrThrow({ where: { id: webhookId } })).toMatchObject({ failures: 0, enabled: true });
  expect(await stopped.stop()).toBe(0);
}, 120_000);
