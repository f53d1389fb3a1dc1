import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { createLog } from '../../src/platform/log.ts';
import type { Order, Report } from './support/live-clients.ts';
import { type BenchServer, leadgraph, startServer } from './support/servers.ts';

/**
 * `npm run bench:live`: many subscribers of one document over real sockets, from processes of their own, while leads arrive. Then the same
 * sockets, but each subscription is executed for its subscriber alone, as a usual GraphQL server does it; that is what sharing is compared with.
 */
const quick = process.argv.includes('--quick');
const subscribers = Number(process.env['SUBSCRIBERS'] ?? (quick ? 2000 : 5000));
const seconds = Number(process.env['SECONDS'] ?? (quick ? 4 : 15));
const changesPerSecond = 10;
/** So few that the server keeps up with executing for each of them, and the database with reading the lead for each. */
const aloneSubscribers = 400;
/** So few are sent as many messages first, in twice the time: what the others take is what memory grows by from there on. */
const fewSubscribers = subscribers / 5;
const aloneChangesPerSecond = 1;
const clientProcesses = 2;
const bounds = { p99Ms: 500, kbPerSubscriber: 25, ratio: 4 };

/** The README's, with the time by which delays are measured. */
const query = 'subscription { leadChanges { cursor change { seq type summary recordedAt lead { number email stage { name } } } } }';
/** One that needs nothing but the log: what executing alone costs, without reading the lead. */
const lightQuery = 'subscription { leadChanges { cursor change { seq type leadId origin actor label summary occurredAt recordedAt } } }';

/** Answers SIGUSR2 with what the process holds once everything that nobody needs was collected. */
const reportMemory = (file: string): string =>
  `data:text/javascript,import{writeFileSync}from'node:fs';process.on('SIGUSR2',()=>{gc();gc();writeFileSync(${JSON.stringify(file)},JSON.stringify(process.memoryUsage()))})`;

const folder = mkdtempSync(path.join(tmpdir(), 'leadgraph-bench-'));
const postgres = await startEmbeddedPostgres({ dataDir: folder, log: createLog('silent', true) });
const memoryFile = path.join(folder, 'memory.json');
const server = await startServer(
  leadgraph(['--max-semi-space-size=32', '--expose-gc', `--import=${reportMemory(memoryFile)}`]),
  { DATABASE_URL: postgres.url, DATA_DIR: folder, API_KEY: 'changeme', LOG_LEVEL: 'info' },
  /listening at/,
);
const clients = Array.from({ length: clientProcesses }, () => fork(path.join(import.meta.dirname, 'support/live-clients.ts')));
const clientFailed = Promise.race(clients.map((client) => once(client, 'exit'))).then(() =>
  Promise.reject(new Error('a process of subscribers ended')),
);
clientFailed.catch(() => undefined);

async function tell(client: ChildProcess, order: Order): Promise<unknown> {
  client.send(order);
  const [answer] = await Promise.race([once(client, 'message'), clientFailed]);
  return answer;
}
const tellAll = (order: Order): Promise<unknown[]> => Promise.all(clients.map((client) => tell(client, order)));

const wait = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));

/** Seconds of CPU that the process took until now, its kernel time included. */
function cpuSeconds({ pid }: BenchServer): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ticksPerSecond = 100;
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

let people = 0;
async function postLead(): Promise<void> {
  const body = JSON.stringify({ email: `person${(people += 1)}@example.com`, first_name: 'John', stage: 'Form Started', source: 'google' });
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${server.port}/api/postback`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    await response.arrayBuffer();
    if (response.ok) return;
    // Told to come back, a sender does; the change is late then, and counts as that.
    if (response.status !== 503) throw new Error(`a postback was answered ${response.status}`);
    await sleep(Number(response.headers.get('retry-after') ?? 1) * 1000);
  }
}

async function readHead(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${server.port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ changes(first: 1) { totalCount } }"}',
  });
  return JSON.parse(await response.text()).data.changes.totalCount;
}

interface Phase {
  readonly deliveries: number;
  readonly expected: number;
  readonly incomplete: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly usPerDelivery: number;
  readonly memoryMb: number;
}

async function postSteadily(perSecond: number, forSeconds: number): Promise<void> {
  const posts: Promise<void>[] = [];
  const began = performance.now();
  for (let n = 0; n < perSecond * forSeconds; n += 1) {
    await wait(Math.max(0, began + (n * 1000) / perSecond - performance.now()));
    const post = postLead();
    // Told below, once everything is stopped in order.
    post.catch(() => undefined);
    posts.push(post);
  }
  await Promise.all(posts);
}

/** Resident memory, garbage and all: the least within some seconds, since the collector gives memory back a while after the last message. */
async function settledMemoryMb(): Promise<number> {
  let least = server.memoryMb();
  for (let second = 0; second < (quick ? 5 : 15); second += 1) {
    await wait(1000);
    least = Math.min(least, server.memoryMb());
  }
  return least;
}

interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
}

/** Memory after a full collection, in bytes. */
async function collectedMemory(): Promise<Memory> {
  rmSync(memoryFile, { force: true });
  process.kill(server.pid, 'SIGUSR2');
  while (!existsSync(memoryFile)) await wait(100);
  await wait(1000);
  const { heapUsed } = JSON.parse(readFileSync(memoryFile, 'utf8'));
  return { rss: server.memoryMb() * 1024 * 1024, heapUsed };
}

async function play(connected: number, perSecond: number, forSeconds: number): Promise<Phase> {
  const before = { head: await readHead(), cpu: cpuSeconds(server) };
  await postSteadily(perSecond, forSeconds);
  const head = await readHead();
  const reports = (await tellAll({ do: 'report', head })) as Report[];
  const cpu = cpuSeconds(server) - before.cpu;
  const deliveries = reports.reduce((sum, one) => sum + one.deliveries, 0);
  const atShare = (share: number): number => {
    let left = share * deliveries;
    for (let ms = 0; ; ms += 1) {
      left -= reports.reduce((sum, { byMs }) => sum + (byMs[ms] ?? 0), 0);
      if (left <= 0 || ms >= 10_000) return ms;
    }
  };
  return {
    deliveries,
    expected: (head - before.head) * connected,
    incomplete: reports.reduce((sum, one) => sum + one.incomplete, 0),
    p50Ms: atShare(0.5),
    p99Ms: atShare(0.99),
    maxMs: atShare(1),
    usPerDelivery: (cpu * 1e6) / deliveries,
    memoryMb: await settledMemoryMb(),
  };
}

function print(name: string, phase: Phase): void {
  const { deliveries, expected, p50Ms, p99Ms, maxMs, usPerDelivery } = phase;
  console.log(
    `${name.padEnd(26)} ${deliveries}/${expected} delivered   p50 ${p50Ms} ms   p99 ${p99Ms} ms   max ${maxMs} ms   ${usPerDelivery.toFixed(1)} us of CPU each`,
  );
}

const url = `ws://127.0.0.1:${server.port}/graphql`;
const connect = (count: number) => tellAll({ do: 'connect', url, count: count / clientProcesses });

const begin = (count: number, document: string, alone: boolean) =>
  tellAll({ do: 'subscribe', query: document, count: count / clientProcesses, alone });

async function subscribed(
  name: string,
  count: number,
  perSecond: number,
  document: string,
  alone: boolean,
  forSeconds: number,
): Promise<Phase> {
  await begin(count, document, alone);
  const phase = await play(count, perSecond, forSeconds);
  await tellAll({ do: 'unsubscribe' });
  print(`${count} ${name}`, phase);
  return phase;
}

const subscribedAlone = (name: string, document: string, forSeconds: number): Promise<Phase> =>
  subscribed(name, aloneSubscribers, aloneChangesPerSecond, document, true, forSeconds);

/** What all subscribers together take when nothing waits to be collected: with them, and directly after they left. */
async function collectedGrowth(): Promise<Memory> {
  await begin(subscribers, query, false);
  const held = await collectedMemory();
  await tellAll({ do: 'disconnect' });
  await wait(3000);
  const left = await collectedMemory();
  return { rss: held.rss - left.rss, heapUsed: held.heapUsed - left.heapUsed };
}

try {
  // Compiles what is hot and lets the young generation grow, so that neither counts as a subscriber's memory.
  await connect(aloneSubscribers);
  await subscribedAlone('warming up, alone', query, quick ? 2 : 4);
  await tellAll({ do: 'disconnect' });
  await connect(fewSubscribers);
  const few = await subscribed(
    'who share',
    fewSubscribers,
    (changesPerSecond * subscribers) / fewSubscribers / 2,
    query,
    false,
    2 * seconds,
  );
  await connect(subscribers - fewSubscribers);
  const shared = await subscribed('who share', subscribers, changesPerSecond, query, false, seconds);
  const alone = await subscribedAlone('each alone', query, quick ? 3 : 6);
  const lightShared = await subscribed('who share, light', subscribers, changesPerSecond, lightQuery, false, quick ? 2 : 5);
  const lightAlone = await subscribedAlone('each alone, light', lightQuery, quick ? 3 : 6);
  const kbPerSubscriber = ((shared.memoryMb - few.memoryMb) * 1024) / (subscribers - fewSubscribers);
  const collected = await collectedGrowth();
  const kbEach = (bytes: number): number => Number((bytes / 1024 / subscribers).toFixed(1));
  const ratio = alone.usPerDelivery / shared.usPerDelivery;
  const lightRatio = lightAlone.usPerDelivery / lightShared.usPerDelivery;
  console.log(
    `memory: ${few.memoryMb.toFixed(0)} MB with ${fewSubscribers} subscribers, ${shared.memoryMb.toFixed(0)} MB with ${subscribers}: ${kbPerSubscriber.toFixed(1)} KB each, of which ${kbEach(collected.rss)} KB are left by a full collection, ${kbEach(collected.heapUsed)} KB of them heap`,
  );
  const missed = [
    shared.incomplete > 0 && `${shared.incomplete} subscribers were not sent every change`,
    alone.incomplete > 0 && `${alone.incomplete} subscribers who were served alone were not sent every change`,
    shared.p99Ms > bounds.p99Ms && `p99 is above ${bounds.p99Ms} ms`,
    kbPerSubscriber > bounds.kbPerSubscriber && `a subscriber takes more than ${bounds.kbPerSubscriber} KB`,
    ratio < bounds.ratio && `sharing saves less than ${bounds.ratio} times`,
  ].filter((miss) => miss !== false);
  for (const miss of missed) console.log(`MISSED: ${miss}`);
  if (missed.length > 0) process.exitCode = 1;
  console.log(
    JSON.stringify({
      bench: 'live',
      subscribers,
      deliveries: shared.deliveries,
      undelivered: shared.expected - shared.deliveries,
      p99Ms: shared.p99Ms,
      usPerDelivery: Number(shared.usPerDelivery.toFixed(1)),
      usPerDeliveryAlone: Number(alone.usPerDelivery.toFixed(1)),
      ratioToAlone: Number(ratio.toFixed(1)),
      ratioToAloneLight: Number(lightRatio.toFixed(1)),
      deliveriesPerCpuSecond: Math.round(1e6 / shared.usPerDelivery),
      kbPerSubscriber: Number(kbPerSubscriber.toFixed(1)),
      kbPerSubscriberCollected: kbEach(collected.rss),
      heapKbPerSubscriber: kbEach(collected.heapUsed),
    }),
  );
} finally {
  for (const client of clients) client.kill();
  await server.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
