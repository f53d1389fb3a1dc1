import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { createLog } from '../../src/platform/log.ts';
import { type BenchServer, leadgraph, startServer } from './support/servers.ts';

/**
 * `npm run bench:cluster`: two server processes over one PostgreSQL. How long after its request was answered by one server a change stands with
 * a subscriber of the other, and, to compare, with a subscriber of the same one.
 */
const quick = process.argv.includes('--quick');
const posts = quick ? 100 : 400;
const everyMs = 20;
const bound = { p99Ms: 100 };

const folder = mkdtempSync(path.join(tmpdir(), 'leadgraph-bench-'));
const postgres = await startEmbeddedPostgres({ dataDir: folder, log: createLog('silent', true) });
const start = (): Promise<BenchServer> =>
  startServer(leadgraph(), { DATABASE_URL: postgres.url, DATA_DIR: folder, API_KEY: 'changeme', LOG_LEVEL: 'info' }, /listening at/);
const servers = [await start(), await start()] as const;

const wait = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));
const at = (values: readonly number[], share: number): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;

interface Message {
  readonly leadChanges: { readonly change: { readonly data: { readonly lead: { readonly email: string } } } | null };
}

/** When each email was told to a subscriber of this server. */
async function follow({ port }: BenchServer): Promise<Map<string, number>> {
  const client = createClient({ url: `ws://127.0.0.1:${port}/graphql`, webSocketImpl: WebSocket });
  const toldAt = new Map<string, number>();
  const messages = client.iterate<Message>({ query: 'subscription { leadChanges { change { data } } }' });
  await messages.next();
  void (async () => {
    for await (const { data } of messages) {
      const email = data?.leadChanges.change?.data.lead.email;
      if (email !== undefined) toldAt.set(email, performance.now());
    }
  })().catch(() => undefined);
  return toldAt;
}

const [same, other] = [await follow(servers[0]), await follow(servers[1])];
const answeredAt = new Map<string, number>();
async function post(email: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${servers[0].port}/api/postback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, stage: 'Form Started' }),
  });
  if (!response.ok) throw new Error(`a postback was answered ${response.status}`);
  answeredAt.set(email, performance.now());
}

for (let i = 0; i < posts; i += 1) {
  await post(`person${i}@example.com`);
  await wait(everyMs);
}
for (const end = performance.now() + 5000; other.size < posts && performance.now() < end; ) await wait(20);

// The first ones warm up.
const emails = [...answeredAt.keys()].slice(20);
const delays = (told: ReadonlyMap<string, number>): number[] =>
  emails.map((email) => (told.get(email) ?? Number.POSITIVE_INFINITY) - (answeredAt.get(email) ?? 0));
const [here, across] = [delays(same), delays(other)];
console.log(`subscribed where it was posted:  p50 ${at(here, 0.5).toFixed(1)} ms, p99 ${at(here, 0.99).toFixed(1)} ms after the answer`);
console.log(
  `subscribed at the other server:  p50 ${at(across, 0.5).toFixed(1)} ms, p99 ${at(across, 0.99).toFixed(1)} ms after the answer`,
);
if (at(across, 0.99) > bound.p99Ms) {
  console.log(`MISSED: changes cross over in more than ${bound.p99Ms} ms`);
  process.exitCode = 1;
}
console.log(
  JSON.stringify({
    bench: 'cluster',
    crossingP50Ms: Number(at(across, 0.5).toFixed(1)),
    crossingP99Ms: Number(at(across, 0.99).toFixed(1)),
    sameServerP50Ms: Number(at(here, 0.5).toFixed(1)),
  }),
);
for (const server of servers) await server.stop();
await postgres.stop();
rmSync(folder, { recursive: true, force: true });
process.exit();
