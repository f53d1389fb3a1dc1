import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSecretBox } from '../../src/platform/secret-box.ts';
import { newSecret } from '../../src/webhooks/signature.ts';
import { secretPurpose } from '../../src/webhooks/webhook.ts';
import { type ChangeLog, createChangeLog, until, wait } from '../live/change-log.ts';
import { header, type Receiver, startReceiver } from './receiver.ts';

const secretsKey = 'a key for this test only';
let log: ChangeLog;
let accountId: string;
let receiver: Receiver;
const webhookId = randomUUID();
const processes: ChildProcess[] = [];

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
  for (const one of processes) {
    const exit = once(one, 'exit');
    if (one.kill('SIGKILL')) await exit;
  }
  await receiver.close();
  await log.close();
});

function startDeliverer(): ChildProcess {
  const env = { PATH: process.env['PATH'], DATABASE_URL: log.url, SECRETS_KEY: secretsKey, WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' };
  const program = path.join(import.meta.dirname, 'deliverer.ts');
  const started = spawn(process.execPath, ['--import', 'tsx', program], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  processes.push(started);
  return started;
}

const deliveries = () => log.database.prisma.delivery.findMany({ orderBy: { seq: 'asc' } });

it('row 58: what a process had claimed that stopped is delivered by another within 30 s, and its late result is ignored', async () => {
  const unanswered: ServerResponse[] = [];
  // The first call is not answered while its caller runs.
  receiver.answer = (_call, response) => void (unanswered.length === 0 ? unanswered.push(response) : response.writeHead(200).end());
  const stopped = startDeliverer();
  await log.append(accountId, [{ leadId: randomUUID() }]);
  await until('the first process calls', () => receiver.calls.length === 1, 30_000);
  stopped.kill('SIGSTOP');
  startDeliverer();
  await until('the other process calls', () => receiver.calls.length === 2, 40_000);
  const [first, second] = receiver.calls;
  // 25 s of lease and a second between two looks; the rest is for a machine that is busy.
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeLessThan(30_000);
  expect(header(second, 'webhook-id')).toBe(header(first, 'webhook-id'));
  await until('it is delivered', async () => (await deliveries())[0]?.status === 'DELIVERED');

  unanswered[0]?.writeHead(500).end();
  stopped.kill('SIGCONT');
  await log.append(accountId, [{ leadId: randomUUID() }]);
  await until('the next change is told', () => receiver.calls.length === 3, 20_000);
  await wait(3000);
  expect(await deliveries()).toMatchObject([
    { status: 'DELIVERED', attemptCount: 1, leaseId: null },
    { status: 'DELIVERED', attemptCount: 1, leaseId: null },
  ]);
  expect(await log.database.prisma.attempt.findMany()).toMatchObject([{ statusCode: 200 }, { statusCode: 200 }]);
  expect(await log.database.prisma.webhook.findUniqueOrThrow({ where: { id: webhookId } })).toMatchObject({ failures: 0, enabled: true });
  expect(stopped.exitCode).toBeNull();
}, 120_000);
