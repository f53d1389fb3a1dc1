import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { createLog } from '../../src/platform/log.ts';
import { createIntakes } from '../bench/support/intakes.ts';
import { type LoadResult, runLoad } from '../bench/support/load.ts';
import { conclude, print, progress } from '../crash/report.ts';
import { superviseServer } from '../crash/supervised-server.ts';
import { openFlood } from './flood.ts';
import { createHistogram } from './histogram.ts';
import { mutations, pages, smallPostbacks } from './requests.ts';
import { printVerdicts, type Verdict } from './verdicts.ts';
import { buildServer } from '../support/build-server.ts';

/**
 * `npm run test:overload`: how many leads of a source a second a server can take from callers that wait for it, then five times as many from
 * callers that do not. It must say 503 quickly to what it cannot take, go on taking what it can, and be as before once it is over. Then the
 * same with mutations and queries of the graph, and with postbacks, which cost so little that the flood gets what the cores have left and need
 * not come to five times. A caller with no answer yet sends nothing; what was due meanwhile is printed. `--short`: ten seconds of each instead of sixty.
 */
const short = process.argv.includes('--short');
const seconds = short ? 10 : 60;
const times = 5;
const bounds = {
  acceptedMs: 1000,
  refusedMs: 1000,
  healthMs: 1000,
  memoryMb: 640,
  growth: 1.2,
  acceptedShare: 0.25,
  arrivedShare: 0.95,
  normalWithinMs: 5000,
};
/** The ceiling is what the better of them gets: of many, some are refused, which costs as well. */
const patientCallers = [128, 256];
/** One request each at a time, so this is also how many can be on their way at once: more than the server lets in, and more than any turn takes. */
const impatientCallers = 3000;
const usualPerSecond = 100;
/** Normal: nobody is refused, and nobody waits longer than before by more than this. */
const noticedMs = 100;

buildServer();
const folder = mkdtempSync(path.join(tmpdir(), 'leadgraph-overload-'));
const postgres = await startEmbeddedPostgres({ dataDir: folder, log: createLog('silent', true) });
const settings = {
  DATABASE_URL: postgres.url,
  DATA_DIR: folder,
  NODE_OPTIONS: '--max-semi-space-size=32',
  SOURCE_RATE_LIMIT_PER_MINUTE: '0',
};
const server = await superviseServer(settings, path.join(folder, 'server.log'));
const port = Number(new URL(server.base).port);
try {
  await server.ready();
  const leads = await attack('leads of a source', (await createIntakes('flood', port)).next, true);
  const postbacks = await attack('postbacks', smallPostbacks(), false);
  const graph = await attack('mutations', mutations(), true);
  const reads = await attack('queries', pages(), true);
  const figures = { leads: leads.figures, postbacks: postbacks.figures, mutations: graph.figures, queries: reads.figures };
  conclude('overload', figures, [...leads.kept, ...postbacks.kept, ...graph.kept, ...reads.kept]);
} finally {
  await server.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function attack(name: string, next: () => Buffer, mustArrive: boolean) {
  progress(`how many ${name} it can take`);
  const load = (connections: number, forSeconds: number) => runLoad({ port, connections, seconds: forSeconds, next });
  await load(Math.max(...patientCallers), short ? 4 : 10);
  let ceiling = 0;
  for (const callers of patientCallers) ceiling = Math.max(ceiling, acceptedPerSecond(await load(callers, short ? 3 : 6)));
  const usual = await openFlood(port, 32, next);
  const before = await usual.during(usualPerSecond, 3);

  progress(`${times} times ${Math.round(ceiling)} a second, for ${seconds} s`);
  const flood = await openFlood(port, impatientCallers, next);
  const watch = watchServer();
  const flooded = await flood.during(ceiling * times, seconds);
  const watched = await watch.end();
  flood.end();

  const over = performance.now();
  let normalAfterMs = 0;
  while (performance.now() - over < bounds.normalWithinMs * 2) {
    const after = await usual.during(usualPerSecond, 1);
    const isNormal = after.accepted.size === after.sent && after.accepted.at(0.99) <= before.accepted.at(0.99) + noticedMs;
    if (isNormal) break;
    normalAfterMs = performance.now() - over;
  }
  usual.end();

  const { accepted, refused, others, sent, heldBack } = flooded;
  const figures = {
    ceilingPerSecond: Math.round(ceiling),
    offeredPerSecond: Math.round((sent + heldBack) / seconds),
    sentPerSecond: Math.round(sent / seconds),
    acceptedPerSecond: Math.round(accepted.size / seconds),
    refusedPerSecond: Math.round(refused.size / seconds),
    acceptedP50Ms: accepted.at(0.5),
    acceptedP99Ms: accepted.at(0.99),
    refusedP50Ms: refused.at(0.5),
    refusedP99Ms: refused.at(0.99),
    healthP99Ms: watched.health.at(0.99),
    memoryMb: Math.round(watched.mostMb),
    growth: Number(watched.growth.toFixed(2)),
    usualP99Ms: before.accepted.at(0.99),
    normalAfterMs: Math.round(normalAfterMs),
  };
  const arrival: Verdict = [`${times} times as many arrive`, 'of what is due', sent / (sent + heldBack), -bounds.arrivedShare];
  const kept = printVerdicts([
    ...(mustArrive ? [arrival] : []),
    ['the server lives', 'crashes', server.crashes().length, 0],
    ['refusals are 503 OVERLOADED with Retry-After', 'other answers', sumOf(others), 0],
    ['what is too much is refused', 'none refused', refused.size > 0 ? 0 : 1, 0],
    ['refused quickly', 'p99 ms', figures.refusedP99Ms, bounds.refusedMs],
    ['accepted in time', 'p99 ms', figures.acceptedP99Ms, bounds.acceptedMs],
    ['it goes on working', 'of the ceiling', accepted.size / seconds / ceiling, -bounds.acceptedShare],
    ['health checks are answered', 'p99 ms', figures.healthP99Ms, bounds.healthMs],
    ['health checks are answered', 'failed', watched.healthFailures, 0],
    ['memory is bounded', 'MB', figures.memoryMb, bounds.memoryMb],
    ['memory does not grow', 'last third / first', figures.growth, bounds.growth],
    ['normal again', 'ms', figures.normalAfterMs, bounds.normalWithinMs],
  ]);
  print(`${sent} requests sent; ${heldBack} more were due while every caller waited for an answer`);
  if (sumOf(others) > 0) print(`other answers: ${JSON.stringify(others)}`);
  return { figures, kept };
}

/** Looks at the server's memory, and asks for its health over a connection of its own each time. */
function watchServer() {
  const health = createHistogram();
  const sizes: number[] = [];
  let healthFailures = 0;
  const over = new AbortController();
  async function look(): Promise<void> {
    while (!over.signal.aborted) {
      sizes.push(residentMb());
      const askedAt = performance.now();
      const answer = fetch(`${server.base}/healthz`, { headers: { connection: 'close' }, signal: AbortSignal.timeout(5000) });
      if (await answer.then(({ ok }) => ok).catch(() => false)) health.add(performance.now() - askedAt);
      else healthFailures += 1;
      await sleep(100);
    }
  }
  const looking = look();
  return {
    async end() {
      over.abort();
      await looking;
      const third = Math.ceil(sizes.length / 3);
      const growth = Math.max(...sizes.slice(-third)) / Math.max(...sizes.slice(0, third));
      return { health, healthFailures, mostMb: Math.max(...sizes), growth };
    },
  };
}

/** Callers that wait for their answers come again at once, also when they were refused. */
function acceptedPerSecond({ statuses, requests, perSecond }: LoadResult): number {
  return (((statuses['201'] ?? 0) + (statuses['200'] ?? 0)) / requests) * perSecond;
}

function residentMb(): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid()}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, one) => sum + one, 0);
}
