import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { migrationsFolder } from '../../src/app.ts';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { createLog } from '../../src/platform/log.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { type LoadResult, runLoad } from './support/load.ts';
import { createPostbacks } from './support/postbacks.ts';
import { type BenchServer, median, startServer } from './support/servers.ts';

/**
 * `npm run bench:write`: POST /api/postback over HTTP beside two baselines on the same PostgreSQL with default durability, each with a database
 * of its own. The servers take turns, so that a machine whose speed drifts drifts for all. Afterwards every acknowledged request is counted.
 */
const quick = process.argv.includes('--quick');
const rounds = Number(process.env['ROUNDS'] ?? (quick ? 2 : 4));
const seconds = Number(process.env['SECONDS'] ?? (quick ? 3 : 8));
const connections = Number(process.env['CONNECTIONS'] ?? 64);

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

async function contestant(name: string, command: readonly string[], ready: RegExp): Promise<Contestant> {
  const databaseUrl = await createDatabase(name);
  const env = { DATABASE_URL: databaseUrl, API_KEY: 'bench', ALLOW_OPEN_API: '1', LOG_LEVEL: 'info' };
  return {
    name,
    databaseUrl,
    start: () => startServer(command, { ...env, API_KEY: 'changeme' }, ready),
    results: [],
    acknowledged: 0,
    memoryMb: [],
  };
}

const ours = await contestant(
  'leadgraph',
  ['node', ...nodeOptions(), path.join(import.meta.dirname, '../../dist/src/main.js')],
  /listening at/,
);
const bare = await contestant('bare', [...tsx, script('bare-server.ts')], /ready/);
const prisma = await contestant('prisma', [...tsx, script('prisma-server.ts')], /ready/);

function nodeOptions(): string[] {
  return (process.env['SERVER_NODE_OPTIONS'] ?? '').split(' ').filter(Boolean);
}

async function play(one: Contestant, forSeconds: number, counts: boolean): Promise<void> {
  const server = await one.start();
  const postbacks = createPostbacks(`${one.name}${Date.now()}`);
  const result = await runLoad({ port: server.port, connections, seconds: forSeconds, next: postbacks.next });
  one.acknowledged += result.requests;
  one.memoryMb.push(server.memoryMb());
  if (counts) one.results.push(result);
  const bad = Object.keys(result.statuses).filter((status) => !status.startsWith('2'));
  if (bad.length > 0) throw new Error(`${one.name} answered ${JSON.stringify(result.statuses)}`);
  await server.stop();
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

try {
  for (const one of [ours, bare, prisma]) await play(one, 2, false);
  for (let round = 0; round < rounds; round++) {
    await play(ours, seconds, true);
    await play(bare, seconds, true);
    if (round % 2 === 0) await play(prisma, seconds, true);
  }
  const rate = (one: Contestant): number => median(one.results.map((result) => result.perSecond));
  const p99 = (one: Contestant): number => median(one.results.map((result) => result.p99Ms));
  console.log(`${connections} connections, ${rounds} rounds of ${seconds} s, ${process.version}\n`);
  console.log('server       req/s   p50 ms   p99 ms   x bare   memory MB');
  for (const one of [ours, bare, prisma]) {
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
  console.log(`\n${ours.acknowledged} acknowledged requests, each stored exactly once`);
  console.log(
    JSON.stringify({
      bench: 'write',
      perSecond: Math.round(rate(ours)),
      ratioToBare: Number((rate(ours) / rate(bare)).toFixed(2)),
      ratioToPrisma: Number((rate(ours) / rate(prisma)).toFixed(2)),
      p99ToBare: Number((p99(ours) / p99(bare)).toFixed(2)),
      memoryMb: Math.round(Math.max(...ours.memoryMb)),
      acknowledged: ours.acknowledged,
      lost: ours.acknowledged - rows.distinct,
    }),
  );
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
