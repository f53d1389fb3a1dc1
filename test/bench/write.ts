import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { migrationsFolder } from '../../src/app.ts';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { createLog } from '../../src/platform/log.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { type LoadResult, runLoad } from './support/load.ts';
import { createIntakes } from './support/intakes.ts';
import { createPostbacks } from './support/postbacks.ts';
import { type BenchServer, leadgraph, median, startServer } from './support/servers.ts';

/**
 * `npm run bench:write`: POST /api/postback over HTTP beside two baselines on the same PostgreSQL with default durability, each with a database
 * of its own. The servers take turns, so that a machine whose speed drifts drifts for all. Afterwards every acknowledged request is counted.
 */
const quick = process.argv.includes('--quick');
const rounds = Number(process.env['ROUNDS'] ?? (quick ? 2 : 4));
const seconds = Number(process.env['SECONDS'] ?? (quick ? 3 : 8));
const connections = Number(process.env['CONNECTIONS'] ?? 64);
/** Until V8 has compiled what is hot. */
const warmUpSeconds = Number(process.env['WARM_UP_SECONDS'] ?? (quick ? 4 : 10));

interface Contestant {
  readonly name: string;
  readonly databaseUrl: string;
  readonly start: () => Promise<BenchServer>;
  readonly results: LoadResult[];
  acknowledged: number;
  readonly memoryMb: number[];
}

const log = createLog('silent', true);
const folder = mkdtempSync(path.join(tmpdir(), 'leadgraph-bench-'));
const postgres = await startEmbeddedPostgres({ dataDir: folder, log });

async function createDatabase(name: string): Promise<string> {
  const admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query(`CREATE DATABASE bench_${name}`);
  await admin.end();
  const url = new URL(postgres.url);
  url.pathname = `/bench_${name}`;
  await migrate(url.href, migrationsFolder);
  return url.href;
}

const script = (name: string): string => path.join(import.meta.dirname, 'support', name);
const tsx = ['node', '--import', 'tsx'];

async function contestant(
  name: string,
  command: readonly string[],
  ready: RegExp,
  settings: Record<string, string> = {},
): Promise<Contestant> {
  const databaseUrl = await createDatabase(name);
  const env = { DATABASE_URL: databaseUrl, API_KEY: 'changeme', LOG_LEVEL: 'info', ...settings };
  return {
    name,
    databaseUrl,
    start: () => startServer(command, env, ready),
    results: [],
    acknowledged: 0,
    memoryMb: [],
  };
}

const ours = await contestant('leadgraph', leadgraph(nodeOptions()), /listening at/);
const bare = await contestant('bare', [...tsx, script('bare-server.ts')], /ready/);
const holes = await contestant('holes', [...tsx, script('bare-server.ts')], /ready/, { SEQUENCES: '1' });
const prisma = await contestant('prisma', [...tsx, script('prisma-server.ts')], /ready/);

/** The same server under the intake of sources: every request a new lead, checked and looked up. */
const intake = await contestant('intake', leadgraph(nodeOptions()), /listening at/, { SOURCE_RATE_LIMIT_PER_MINUTE: '0' });

const all = [ours, bare, holes, prisma, intake];

function nodeOptions(): string[] {
  return (process.env['SERVER_NODE_OPTIONS'] ?? '--max-semi-space-size=32').split(' ').filter(Boolean);
}

async function play(one: Contestant, server: BenchServer, forSeconds: number, counts: boolean): Promise<void> {
  const run = `${one.name}${Date.now()}`;
  const requests = one === intake ? await createIntakes(run, server.port) : createPostbacks(run);
  const result = await runLoad({ port: server.port, connections, seconds: forSeconds, next: requests.next });
  one.acknowledged += result.requests;
  one.memoryMb.push(server.memoryMb());
  if (counts) one.results.push(result);
  const bad = Object.keys(result.statuses).filter((status) => !status.startsWith('2'));
  if (bad.length > 0) throw new Error(`${one.name} answered ${JSON.stringify(result.statuses)}`);
}

/** So that no contestant is planned for by the statistics of an empty table. */
async function analyze(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('ANALYZE');
  await client.end();
}

async function countRows(databaseUrl: string): Promise<{ submissions: number; distinct: number }> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query(
    `SELECT count(*)::int AS submissions, count(DISTINCT (body->>'email', body->'custom_data'->>'n'))::int AS distinct FROM "Submission"`,
  );
  await client.end();
  return rows[0];
}

const servers = new Map<Contestant, BenchServer>();
const serverOf = (one: Contestant): BenchServer => {
  const server = servers.get(one);
  if (!server) throw new Error(`${one.name} does not run`);
  return server;
};

try {
  for (const one of all) {
    servers.set(one, await one.start());
    await play(one, serverOf(one), warmUpSeconds, false);
    await analyze(one.databaseUrl);
  }
  for (let round = 0; round < rounds; round++) {
    await play(ours, serverOf(ours), seconds, true);
    await play(intake, serverOf(intake), seconds, true);
    await play(bare, serverOf(bare), seconds, true);
    await play(holes, serverOf(holes), seconds, true);
    if (round % 2 === 0) await play(prisma, serverOf(prisma), seconds, true);
  }
  const rate = (one: Contestant): number => median(one.results.map((result) => result.perSecond));
  const p99 = (one: Contestant): number => median(one.results.map((result) => result.p99Ms));
  console.log(`${connections} connections, ${rounds} rounds of ${seconds} s, ${process.version}\n`);
  console.log('server       req/s   p50 ms   p99 ms   x bare   memory MB');
  for (const one of all) {
    const p50 = median(one.results.map((result) => result.p50Ms));
    console.log(
      `${one.name.padEnd(10)} ${rate(one).toFixed(0).padStart(7)} ${p50.toFixed(1).padStart(8)} ${p99(one).toFixed(1).padStart(8)} ${(rate(one) / rate(bare)).toFixed(2).padStart(8)} ${Math.max(
        ...one.memoryMb,
      )
        .toFixed(0)
        .padStart(11)}`,
    );
  }
  const rows = await countRows(ours.databaseUrl);
  if (rows.submissions !== ours.acknowledged || rows.distinct !== ours.acknowledged) {
    throw new Error(
      `${ours.acknowledged} requests were acknowledged, but there are ${rows.submissions} receipts of ${rows.distinct} requests`,
    );
  }
  const intakes = await countRows(intake.databaseUrl);
  if (intakes.submissions !== intake.acknowledged) {
    throw new Error(`${intake.acknowledged} leads of sources were acknowledged, but there are ${intakes.submissions} receipts`);
  }
  console.log(`\n${ours.acknowledged} acknowledged requests, each stored exactly once`);
  console.log(
    JSON.stringify({
      bench: 'write',
      perSecond: Math.round(rate(ours)),
      ratioToBare: Number((rate(ours) / rate(bare)).toFixed(2)),
      ratioToHoles: Number((rate(ours) / rate(holes)).toFixed(2)),
      ratioToPrisma: Number((rate(ours) / rate(prisma)).toFixed(2)),
      ratioIntakeToPostback: Number((rate(intake) / rate(ours)).toFixed(2)),
      p99ToBare: Number((p99(ours) / p99(bare)).toFixed(2)),
      memoryMb: Math.round(Math.max(...ours.memoryMb)),
      acknowledged: ours.acknowledged,
      lost: ours.acknowledged - rows.distinct,
    }),
  );
} finally {
  for (const server of servers.values()) await server.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
