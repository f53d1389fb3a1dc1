import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSecretBox } from '../../src/platform/secret-box.ts';
import { newSecret } from '../../src/webhooks/signature.ts';
import { secretPurpose } from '../../src/webhooks/webhook.ts';
import { type ChangeLog, createChangeLog, times, until, wait } from '../live/change-log.ts';
import { createServerProcess, type ServerProcess } from '../live/server-process.ts';
import { header, type Receiver, startReceiver } from '../webhooks/receiver.ts';

const kills = 20;
const secretsKey = 'a key for this test only';
let log: ChangeLog;
let accountId: string;
let receiver: Receiver;
let server: ServerProcess;

beforeAll(async () => {
  log = await createChangeLog();
  accountId = await log.newAccount();
  receiver = await startReceiver();
  server = await createServerProcess(log.url, 'a key', { SECRETS_KEY: secretsKey, WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' });
  const id = randomUUID();
  await log.database.prisma.webhook.create({
    data: {
      id,
      accountId,
      name: 'Killed',
      url: receiver.url,
      method: 'POST',
      events: ['lead.created', 'lead.updated'],
      payloadFormat: 'full',
      position: 0n,
      createdBy: 'test',
      secret: createSecretBox(secretsKey, '.').seal(newSecret(), secretPurpose(id)),
    },
  });
});
afterAll(async () => {
  await server.kill();
  await receiver.close();
  await log.close();
});

const seqOf = (body: string): number => Number(JSON.parse(body).seq);

it(`row 58: tells every change at least once, under one id, though the only process that delivers is killed ${kills} times`, async () => {
  receiver.answer = (_call, response) => void setTimeout(() => response.writeHead(200).end(), 20);
  const leadIds = times(2000, () => randomUUID());
  const over = new AbortController();
  let owed = 0;
  const saving = (async () => {
    while (!over.signal.aborted) {
      await log.append(
        accountId,
        times(3, (i) => ({ leadId: leadIds[(owed + i) % leadIds.length] ?? '' })),
      );
      owed += 3;
      await wait(30);
    }
  })();
  for (let i = 0; i < kills; i += 1) {
    await server.start();
    const before = receiver.calls.length;
    await until('something is delivered', () => receiver.calls.length > before + 20, 40_000);
    await server.kill();
  }
  over.abort();
  await saving;
  await server.start();
  const told = (): ReadonlySet<number> => new Set(receiver.calls.map(({ body }) => seqOf(body)));
  await until('every change is told', () => told().size === owed, 60_000);

  const idOf = new Map(receiver.calls.map((call) => [seqOf(call.body), header(call, 'webhook-id')]));
  expect(receiver.calls.filter((call) => idOf.get(seqOf(call.body)) !== header(call, 'webhook-id'))).toEqual([]);
  expect(new Set(idOf.values()).size).toBe(owed);
  expect(await log.database.prisma.delivery.count()).toBe(owed);
  expect([...idOf.keys()].toSorted((a, b) => a - b)).toEqual(times(owed, (i) => i + 1));
}, 240_000);
