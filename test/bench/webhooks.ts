import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { createLog } from '../../src/platform/log.ts';
import { startServer } from './support/servers.ts';

/**
 * `npm run bench:webhooks`: the server as a process of its own with an embedded PostgreSQL of default durability, receivers in this one.
 * First saves at a steady rate, from the request's first byte to the receiver (so the write is part of it); then the same beside an endpoint
 * that never answers; then a backlog that waited while its webhook was disabled.
 */
const quick = process.argv.includes('--quick');
const perSecond = 200;
const seconds = Number(process.env['SECONDS'] ?? (quick ? 5 : 20));
const backlog = Number(process.env['BACKLOG'] ?? (quick ? 5000 : 20_000));

const folder = mkdtempSync(path.join(tmpdir(), 'leadgraph-bench-'));
const postgres = await startEmbeddedPostgres({ dataDir: folder, log: createLog('silent', true) });
const server = await startServer(
  ['node', '--import', 'tsx', 'src/main.ts'],
  { DATABASE_URL: postgres.url, DATA_DIR: folder, API_KEY: 'changeme', LOG_LEVEL: 'info', WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' },
  /listening at/,
);
const base = `http://127.0.0.1:${server.port}`;
const servers: Server[] = [];

async function startReceiver(onBody: ((body: string) => void) | null): Promise<string> {
  const receiver = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => (body += text));
    request.on('end', () => {
      if (!onBody) return;
      onBody(body);
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  servers.push(receiver);
  const address = receiver.address();
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/` : '';
}

async function graphql(query: string, variables: Record<string, unknown>): Promise<Record<string, Record<string, { id: string }>>> {
  const response = await fetch(`${base}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = JSON.parse(await response.text());
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

async function createWebhook(name: string, url: string, enabled = true): Promise<string> {
  const query =
    'mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { ... on CreateWebhookSuccess { webhook { id } } } }';
  return (await graphql(query, { input: { name, url, enabled } }))['createWebhook']?.['webhook']?.id ?? '';
}

const updateWebhook = (input: Record<string, unknown>) =>
  graphql('mutation ($input: UpdateWebhookInput!) { updateWebhook(input: $input) { ... on UpdateWebhookSuccess { webhook { id } } } }', {
    input,
  });

const save = (email: string) =>
  fetch(`${base}/api/postback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, first_name: 'John' }),
  }).then((response) => response.arrayBuffer());

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const at = (values: readonly number[], share: number): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;

const sentAt = new Map<string, number>();
let latencies: number[] = [];
let received = 0;
const receiver = await startReceiver((body) => {
  received += 1;
  const sent = sentAt.get(JSON.parse(body).data.email);
  if (sent !== undefined) latencies.push(performance.now() - sent);
});

/** Saves at a steady rate; gives how long each took to reach the receiver. */
async function saveSteadily(run: string, forSeconds: number): Promise<readonly number[]> {
  latencies = [];
  const total = perSecond * forSeconds;
  const began = performance.now();
  for (let n = 0; n < total; n += 1) {
    const due = began + (n * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await wait(early);
    const email = `lead${n}.${run}@example.com`;
    sentAt.set(email, performance.now());
    void save(email);
  }
  for (const end = performance.now() + 10_000; latencies.length < total && performance.now() < end; ) await wait(20);
  console.log(
    `${run.padEnd(24)} ${latencies.length}/${total} told   p50 ${at(latencies, 0.5).toFixed(1)} ms   p99 ${at(latencies, 0.99).toFixed(1)} ms   max ${at(latencies, 0.9999).toFixed(1)} ms`,
  );
  return latencies;
}

const webhookId = await createWebhook('receiver', receiver);
await saveSteadily('warm-up', 5);
await saveSteadily('alone', seconds);
const hanging = await createWebhook('hanging', await startReceiver(null));
await saveSteadily('beside-a-hanging-one', seconds);
await saveSteadily('beside-it-again', seconds);
await updateWebhook({ webhookId: hanging, enabled: false });
await saveSteadily('alone-again', seconds);

const since = new Date().toISOString();
await updateWebhook({ webhookId, enabled: false });
for (let n = 0; n < backlog; n += 64)
  await Promise.all(Array.from({ length: Math.min(64, backlog - n) }, (_, i) => save(`backlog${n + i}@example.com`)));
await wait(2000);
received = 0;
const began = performance.now();
await updateWebhook({ webhookId, enabled: true, recoverSince: since });
const enabledMs = performance.now() - began;
const isDone = (): boolean => received >= backlog || performance.now() - began > 60_000;
while (!isDone()) await wait(5);
const elapsedMs = performance.now() - began;
console.log(
  `backlog of ${backlog}: ${received} told in ${elapsedMs.toFixed(0)} ms, ${((received * 1000) / elapsedMs).toFixed(0)}/s; of that ${enabledMs.toFixed(0)} ms to put it into the queue`,
);
console.log(`memory of the server: ${server.memoryMb().toFixed(0)} MB`);

for (const one of servers) {
  one.closeAllConnections();
  one.close();
}
await server.stop();
await postgres.stop();
rmSync(folder, { recursive: true, force: true });
