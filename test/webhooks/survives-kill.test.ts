import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type Database } from '../../src/platform/database.ts';
import { silent, times, until, wait } from '../live/change-log.ts';
import { createServerProcess, type ServerProcess } from '../live/server-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { header, type Receiver, startReceiver } from './receiver.ts';

const apiKey = 'a-key-for-this-test';
const kills = 20;
let empty: TestDatabase;
let database: Database;
let servers: readonly ServerProcess[];
let receiver: Receiver;

beforeAll(async () => {
  empty = await createTestDatabase();
  database = createDatabase(empty.url, silent);
  const settings = { WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8', SECRETS_KEY: 'a key for this test only' };
  // Two of them: while one is down and starts again, the other has to take over.
  servers = await Promise.all(times(2, () => createServerProcess(empty.url, apiKey, settings)));
  receiver = await startReceiver();
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.kill()));
  await receiver.close();
  await database.close();
  await empty.drop();
});

const post = (path: string, body: unknown) =>
  fetch(`${servers[0]?.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
    body: JSON.stringify(body),
  });

it(`tells every change at least once, under one id, though the process that delivers is killed ${kills} times`, async () => {
  await Promise.all(servers.map((server) => server.start()));
  const [, deliverer] = servers;
  const made = await post('/graphql', {
    query: 'mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { __typename ... on Error { message } } }',
    variables: { input: { name: 'Killed', url: receiver.url, events: ['lead.created', 'lead.updated'] } },
  });
  expect(await made.json()).toMatchObject({ data: { createWebhook: { __typename: 'CreateWebhookSuccess' } } });
  receiver.answer = (_call, response) => void setTimeout(() => response.writeHead(200).end(), 20);

  let number = 0;
  const over = new AbortController();
  const saving = Promise.all(
    times(8, async () => {
      while (!over.signal.aborted) {
        number += 1;
        await (await post('/api/postback', { email: `person${number % 150}@example.com`, custom_data: { number } })).arrayBuffer();
        await wait(20);
      }
    }),
  );
  for (let i = 0; i < kills; i += 1) {
    const before = receiver.calls.length;
    await until('something is delivered', () => receiver.calls.length > before + 20, 40_000);
    await deliverer?.kill();
    await deliverer?.start();
  }
  over.abort();
  await saving;

  const { rows } = await database.readPool.query<{ seq: bigint }>(
    `SELECT seq FROM "Change" WHERE type IN ('lead.created', 'lead.updated')`,
  );
  const owed = rows.map(({ seq }) => Number(seq));
  const told = (): ReadonlySet<number> => new Set(receiver.calls.map(({ body }) => Number(JSON.parse(body).seq)));
  await until('every change is told', () => owed.every((seq) => told().has(seq)), 60_000);

  const idOf = new Map<number, string>();
  const twice = receiver.calls.filter((call) => {
    const seq = Number(JSON.parse(call.body).seq);
    const known = idOf.get(seq);
    idOf.set(seq, header(call, 'webhook-id'));
    expect(known ?? header(call, 'webhook-id')).toBe(header(call, 'webhook-id'));
    return known !== undefined;
  });
  expect(idOf.size).toBe(owed.length);
  expect(twice.length).toBeLessThan(owed.length / 2);
  const counted = await database.readPool.query<{ count: bigint }>('SELECT count(*) FROM "Delivery"');
  expect(Number(counted.rows[0]?.count)).toBe(owed.length);
}, 240_000);
