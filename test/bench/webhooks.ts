import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { createLog } from '../../src/platform/log.ts';
import { startReceiver } from './support/receivers.ts';
import { leadgraph, median, startServer } from './support/servers.ts';

/**
 * `npm run bench:webhooks`: the server as a process of its own with an embedded PostgreSQL of default durability; load and receivers in this one.
 *
 * Saves come at a steady rate, and each is timed from the request's first byte, so the write is part of it, and from the answer, which follows
 * the commit, until the receiver has it. Three kinds of phases take turns, each time in another order, so that a machine whose speed drifts drifts
 * for all: one endpoint alone; beside a second one that answers, which shows what telling two costs; and beside one that never answers. Each
 * round compares its own phases, and the median of the rounds counts. Then a backlog, beside a loop that posts as many bodies to the same receiver and does nothing else.
 */
const quick = process.argv.includes('--quick');
const perSecond = 200;
const rounds = Number(process.env['ROUNDS'] ?? (quick ? 2 : 4));
/** More than the 15 s after which a call is given up: so the hanging endpoint's failures are settled, and tried again, within each phase. */
const seconds = Number(process.env['SECONDS'] ?? (quick ? 1.5 : 16.5));
const backlog = Number(process.env['BACKLOG'] ?? (quick ? 4000 : 20_000));

const folder = mkdtempSync(path.join(tmpdir(), 'leadgraph-bench-'));
const postgres = await startEmbeddedPostgres({ dataDir: folder, log: createLog('silent', true) });
const server = await startServer(
  leadgraph(),
  { DATABASE_URL: postgres.url, DATA_DIR: folder, API_KEY: 'changeme', LOG_LEVEL: 'info', WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' },
  /listening at/,
);
const base = `http://127.0.0.1:${server.port}`;
const agent = new http.Agent({ keepAlive: true });

function post(url: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json' } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function mutate(field: string, input: Record<string, unknown>, selection = ''): Promise<Record<string, { readonly id: string }>> {
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
  const query = `mutation ($input: ${type}Input!) { ${field}(input: $input) { __typename ... on ${type}Success { ${selection || '__typename'} } } }`;
  const { data, errors } = JSON.parse(await post(`${base}/graphql`, JSON.stringify({ query, variables: { input } })));
  if (errors) throw new Error(JSON.stringify(errors));
  return data[field];
}

const createWebhook = async (name: string, url: string): Promise<string> =>
  (await mutate('createWebhook', { name, url }, 'webhook { id }'))['webhook']?.id ?? '';

const save = (email: string) => post(`${base}/api/postback`, JSON.stringify({ email, first_name: 'John' }));
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const at = (values: readonly number[], share: number): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
const round = (value: number): number => Math.round(value * 10) / 10;

interface Sent {
  readonly sentAt: number;
  committedAt: number | null;
  toldAt: number | null;
}
const sent = new Map<string, Sent>();
let received = 0;
const receiver = await startReceiver((body) => {
  received += 1;
  const one = sent.get(JSON.parse(body).data.email);
  if (one) one.toldAt ??= performance.now();
});
const hanging = await startReceiver(null);

interface Phase {
  readonly saves: number;
  readonly told: number;
  /** From the request's first byte. */
  readonly p50: number;
  readonly p99: number;
  /** From the answer to the save; a receiver can have it sooner. */
  readonly afterCommitP50: number;
  readonly afterCommitP99: number;
}

async function saveSteadily(name: string, forSeconds: number): Promise<Phase> {
  sent.clear();
  const saves = perSecond * forSeconds;
  const began = performance.now();
  for (let n = 0; n < saves; n += 1) {
    const due = began + (n * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await wait(early);
    const email = `lead${n}.${name}@example.com`;
    const one: Sent = { sentAt: performance.now(), committedAt: null, toldAt: null };
    sent.set(email, one);
    void save(email).then(() => (one.committedAt = performance.now()));
  }
  const isTold = (): boolean => [...sent.values()].every(({ toldAt, committedAt }) => toldAt !== null && committedAt !== null);
  for (const end = performance.now() + 10_000; !isTold() && performance.now() < end; ) await wait(20);
  const told = [...sent.values()].filter((one) => one.toldAt !== null);
  const whole = told.map(({ sentAt, toldAt }) => (toldAt ?? 0) - sentAt);
  const after = told.map(({ committedAt, toldAt }) => Math.max(0, (toldAt ?? 0) - (committedAt ?? 0)));
  const phase = {
    saves,
    told: told.length,
    p50: round(at(whole, 0.5)),
    p99: round(at(whole, 0.99)),
    afterCommitP50: round(at(after, 0.5)),
    afterCommitP99: round(at(after, 0.99)),
  };
  console.log(`${name.padEnd(10)} ${JSON.stringify(phase)}`);
  return phase;
}

const second = await startReceiver(() => undefined);

async function beside(name: string, url: string): Promise<Phase> {
  const webhookId = await createWebhook(name, url);
  const phase = await saveSteadily(name, seconds);
  await mutate('deleteWebhook', { webhookId });
  return phase;
}

const kinds = {
  alone: (name: string) => saveSteadily(name, seconds),
  answering: (name: string) => beside(name, second.url),
  hanging: (name: string) => beside(name, hanging.url),
};
type Kind = keyof typeof kinds;

const webhookId = await createWebhook('receiver', receiver.url);
await saveSteadily('warm-up', quick ? 2 : 6);
const phases: Record<Kind, Phase[]> = { alone: [], answering: [], hanging: [] };
const order: Kind[] = ['alone', 'hanging', 'answering'];
for (let i = 0; i < rounds; i += 1) {
  for (const kind of order) phases[kind].push(await kinds[kind](`${kind}${i}`));
  order.push(...order.splice(0, 1));
  if (i % 2 === 1) order.reverse();
}

const since = new Date().toISOString();
await mutate('updateWebhook', { webhookId, enabled: false });
for (let n = 0; n < backlog; n += 64)
  await Promise.all(Array.from({ length: Math.min(64, backlog - n) }, (_, i) => save(`backlog${n + i}@example.com`)));
await wait(2000);

const hasAll = (): boolean => received >= backlog;

async function timed(work: () => Promise<unknown>): Promise<number> {
  received = 0;
  const began = performance.now();
  await work();
  while (!hasAll() && performance.now() - began < 60_000) await wait(2);
  return performance.now() - began;
}
let queueingMs = 0;
const drainMs = await timed(async () => {
  const began = performance.now();
  await mutate('updateWebhook', { webhookId, enabled: true, recoverSince: since });
  queueingMs = performance.now() - began;
});
const drained = received;
const body = JSON.stringify({ data: { email: 'bare@example.com', company: null, first_name: 'John', website: '', score: 0 } });
let posted = 0;
const bareMs = await timed(() =>
  Promise.all(
    Array.from({ length: 32 }, async () => {
      while ((posted += 1) <= backlog) await post(receiver.url, body);
    }),
  ),
);

/** How much higher the p99 was than in the same round's phase of another kind. */
function p99Over(kind: Kind, other: Kind) {
  const perRound = phases[kind].map(({ p99 }, i) => Math.round((100 * p99) / (phases[other][i]?.p99 ?? 0)) / 100);
  return { median: median(perRound), rounds: perRound };
}
const medianOf = (some: readonly Phase[], pick: (phase: Phase) => number): number => round(median(some.map(pick)));
const summaryOf = (some: readonly Phase[]) => ({
  p50: medianOf(some, ({ p50 }) => p50),
  p99: medianOf(some, ({ p99 }) => p99),
  afterCommitP50: medianOf(some, ({ afterCommitP50 }) => afterCommitP50),
  afterCommitP99: medianOf(some, ({ afterCommitP99 }) => afterCommitP99),
  missing: some.reduce((sum, { saves, told }) => sum + saves - told, 0),
});
const result = {
  bench: 'webhooks',
  quick,
  savesPerSecond: perSecond,
  alone: summaryOf(phases.alone),
  besideAnswering: { ...summaryOf(phases.answering), p99OverAlone: p99Over('answering', 'alone') },
  besideHanging: {
    ...summaryOf(phases.hanging),
    p99OverAlone: p99Over('hanging', 'alone'),
    p99OverAnswering: p99Over('hanging', 'answering'),
  },
  backlog: {
    deliveries: backlog,
    delivered: drained,
    perSecond: Math.round((drained * 1000) / drainMs),
    queueingMs: Math.round(queueingMs),
    barePostsPerSecond: Math.round((backlog * 1000) / bareMs),
  },
  memoryMb: Math.round(server.memoryMb()),
};

agent.destroy();
receiver.close();
hanging.close();
second.close();
await server.stop();
await postgres.stop();
rmSync(folder, { recursive: true, force: true });
console.log(JSON.stringify(result));
