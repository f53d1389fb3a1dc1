import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import pg from 'pg';
import { rebuildRollups } from '../../src/analytics/rebuild-rollups.ts';
import { migrationsFolder } from '../../src/app.ts';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { createLog } from '../../src/platform/log.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { runLoad } from './support/load.ts';
import { createPostbacks } from './support/postbacks.ts';
import { type BenchServer, leadgraph, median, startServer } from './support/servers.ts';

/**
 * `npm run bench:analytics`: the dashboard's query over HTTP at 10,000 and at a million leads, beside the GROUP BY statements that answer the
 * same from the tables; then what counting costs those who send leads. `--quick`: fewer leads and questions, in about half a minute on a quiet machine. `LEADS=100000`
 * makes it shorter as well, `FOLDER=path` keeps the databases there for the next time, `--read` and `--ingest` leave the other part out.
 */
const quick = process.argv.includes('--quick');
const manyLeads = Number(process.env['LEADS'] ?? (quick ? 20_000 : 1_000_000));
const fewLeads = quick ? 2000 : 10_000;
const questions = Number(process.env['QUESTIONS'] ?? (quick ? 20 : 200));
const rounds = Number(process.env['ROUNDS'] ?? (quick ? 1 : 4));
const seconds = Number(process.env['SECONDS'] ?? (quick ? 2 : 6));
const warmUpSeconds = quick ? 1 : 8;
const warmUps = 10;

const root = path.join(import.meta.dirname, '../..');
const log = createLog('silent', true);
const keptFolder = process.env['FOLDER'];
const folder = keptFolder ?? mkdtempSync(path.join(tmpdir(), 'leadgraph-bench-'));
const isFilled = keptFolder !== undefined && existsSync(path.join(folder, 'postgres'));
const postgres = await startEmbeddedPostgres({ dataDir: folder, log });

async function createDatabase(name: string): Promise<string> {
  await withClient(postgres.url, (client) => client.query(`CREATE DATABASE ${name}`));
  await migrate(urlOf(name), migrationsFolder);
  return urlOf(name);
}

function urlOf(name: string): string {
  const url = new URL(postgres.url);
  url.pathname = `/${name}`;
  return url.href;
}

async function withClient<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url, options: '-c TimeZone=UTC' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function seeded(name: string, leads: number): Promise<string> {
  if (isFilled) return urlOf(name);
  const url = await createDatabase(name);
  const began = performance.now();
  execFileSync('node', ['--import', 'tsx', path.join(import.meta.dirname, 'seed-leads.ts'), url, String(leads), '--history'], {
    cwd: root,
  });
  const seededAt = performance.now();
  await rebuildRollups(url);
  console.log(`${leads} leads: written in ${toSeconds(seededAt - began)} s, numbers built in ${toSeconds(performance.now() - seededAt)} s`);
  await withClient(url, (client) => client.query('VACUUM ANALYZE'));
  return url;
}

const toSeconds = (ms: number): string => (ms / 1000).toFixed(1);

const start = (url: string): Promise<BenchServer> => startServer(leadgraph(), { DATABASE_URL: url, API_KEY: 'changeme' }, /listening at/);

const query = `query ($filter: AnalyticsFilter, $range: DateRange, $timeZone: String) { analytics(filter: $filter, range: $range, timeZone: $timeZone) {
  seq asOf
  overview { totalLeads newToday newLast7Days conversions conversionRate revenue cost payout profit averageFormCompletion }
  funnel { stage count reached percent conversionFromPrevious medianSecondsToNext }
  bySource { key leads conversions revenue }
  newLeads { date count } } }`;

const day = (daysAgo: number): string => new Date(Date.now() - daysAgo * 24 * 3600_000).toISOString().slice(0, 10);
const month = { from: day(29), to: day(0) };

const cases: readonly (readonly [string, Record<string, unknown>, number | null])[] = [
  ['unfiltered', {}, 25],
  ['one source', { filter: { source: ['google'] } }, 60],
  ['one campaign', { filter: { campaign: ['campaign-3'] } }, 60],
  ['one domain', { filter: { domain: ['site-3.example.com'] } }, 60],
  ['New York', { timeZone: 'America/New_York' }, 25],
  ['New York, one source', { timeZone: 'America/New_York', filter: { source: ['google'] } }, 60],
  ['30 days', { range: month }, 25],
  ['30 days, New York', { range: month, timeZone: 'America/New_York' }, 25],
  ['30 days, one source', { range: month, filter: { source: ['google'] } }, 60],
  ['30 days, one source, New York', { range: month, timeZone: 'America/New_York', filter: { source: ['google'] } }, 60],
  ['30 days, one source, Kolkata', { range: month, timeZone: 'Asia/Kolkata', filter: { source: ['google'] } }, 60],
  ['source and campaign', { filter: { source: ['google'], campaign: ['campaign-3'] } }, null],
];

interface Timing {
  readonly p50: number;
  readonly p95: number;
}

async function measure(port: number, variables: Record<string, unknown>): Promise<Timing> {
  const times: number[] = [];
  for (let i = 0; i < questions + warmUps; i++) {
    const began = performance.now();
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const answer: unknown = await response.json();
    if (i >= warmUps) times.push(performance.now() - began);
    if (typeof answer !== 'object' || answer === null || 'errors' in answer) throw new Error(JSON.stringify(answer));
  }
  times.sort((a, b) => a - b);
  return { p50: times[Math.floor(times.length * 0.5)] ?? 0, p95: times[Math.floor(times.length * 0.95)] ?? 0 };
}

/** The same blocks as a plain server would ask the tables for them. */
const plain = (where: string): readonly string[] => [
  `SELECT count(*), avg("formPercent"), sum(cost), sum("adSpend") FROM "Lead" WHERE ${where}`,
  `SELECT stage, count(*) FROM "Lead" WHERE ${where} GROUP BY stage`,
  `SELECT "sourceName", count(*) FROM "Lead" WHERE ${where} GROUP BY 1 ORDER BY 2 DESC`,
  `SELECT date_trunc('day', "createdAt"), count(*) FROM "Lead" WHERE ${where} AND "createdAt" > now() - interval '30 days' GROUP BY 1`,
  `SELECT count(*), sum(e.revenue) FROM "LeadEvent" e JOIN "Lead" l ON l.id = e."leadId" WHERE e."isConversion"`,
];

async function measurePlain(url: string, where: string): Promise<number> {
  return withClient(url, async (client) => {
    const times: number[] = [];
    for (let i = 0; i < 3; i++) {
      const began = performance.now();
      for (const statement of plain(where)) await client.query(statement);
      times.push(performance.now() - began);
    }
    return median(times);
  });
}

/** While somebody holds the position's row, every reader leaves it alone. */
async function ingest(name: string, varied: boolean): Promise<number> {
  const url = await createDatabase(`${name}_${Date.now()}`);
  const server = await start(url);
  const load = async (forSeconds: number): Promise<number> => {
    const { next } = createPostbacks(`run${Date.now()}`, varied);
    return (await runLoad({ port: server.port, connections: 64, seconds: forSeconds, next })).perSecond;
  };
  const counting: number[] = [];
  const notCounting: number[] = [];
  try {
    await load(warmUpSeconds);
    for (let round = 0; round < rounds; round++) {
      counting.push(await load(seconds));
      await caughtUp(url);
      await withClient(url, async (client) => {
        await client.query('BEGIN');
        await client.query('SELECT FROM "Rollup" FOR UPDATE');
        notCounting.push(await load(seconds));
        await client.query('ROLLBACK');
      });
      await caughtUp(url);
    }
  } finally {
    await server.stop();
  }
  const part = median(counting) / median(notCounting);
  console.log(
    `postbacks a second, ${name}: ${median(counting).toFixed(0)} while counting, ${median(notCounting).toFixed(0)} without, ${part.toFixed(2)} kept`,
  );
  check(`ingest keeps 0.85, ${name}`, part >= 0.85);
  return rounded(part);
}

async function caughtUp(url: string): Promise<void> {
  await withClient(url, async (client) => {
    for (;;) {
      const { rows } = await client.query(
        'SELECT FROM "LogHead" h JOIN "Rollup" r USING ("accountId") WHERE r."isServed" AND r.seq < h.seq',
      );
      if (rows.length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });
}

const failures: string[] = [];
const check = (name: string, holds: boolean): void => {
  if (!holds) failures.push(name);
};

interface Asked {
  readonly p95Ms: number;
  readonly timesAsLong: number;
  readonly plainMs: number | null;
  readonly timesFasterThanPlain: number | null;
}

async function read(): Promise<Readonly<Record<string, Asked>>> {
  const few = await seeded('few', fewLeads);
  const many = await seeded('many', manyLeads);
  const [small, large] = [await start(few), await start(many)];
  const asked: Record<string, Asked> = {};
  console.log(`\n${questions} questions each, one after another, ${process.version}\n`);
  console.log(
    `question                        ${fewLeads} leads: p50, p95 ms   ${manyLeads}: p50, p95 ms   times as long   plain GROUP BY ms   x`,
  );
  for (const [name, variables, limitMs] of cases) {
    const before = await measure(small.port, variables);
    const after = await measure(large.port, variables);
    const again = await measure(small.port, variables);
    const ratio = after.p50 / ((before.p50 + again.p50) / 2);
    const plainMs =
      name === 'unfiltered' || name === 'one source'
        ? await measurePlain(many, name === 'unfiltered' ? 'true' : `"sourceName" = 'google'`)
        : null;
    const cells = [before.p50, before.p95, after.p50, after.p95].map((ms) => ms.toFixed(1).padStart(9));
    console.log(
      `${name.padEnd(30)} ${cells.join(' ')} ${ratio.toFixed(2).padStart(12)} ${(plainMs?.toFixed(0) ?? '').padStart(18)} ${plainMs === null ? '' : (plainMs / after.p50).toFixed(0).padStart(8)}`,
    );
    asked[name] = {
      p95Ms: rounded(after.p95),
      timesAsLong: rounded(ratio),
      plainMs: plainMs === null ? null : Math.round(plainMs),
      timesFasterThanPlain: plainMs === null ? null : Math.round(plainMs / after.p50),
    };
    if (limitMs !== null) check(`${name}: p95 at most ${limitMs} ms`, after.p95 <= limitMs);
    // A month of few leads has few distinct values and lengths of stay, so only questions about all time compare.
    if (limitMs !== null && !('range' in variables)) check(`${name}: at most 1.3 times as long`, ratio <= 1.3);
  }
  await small.stop();
  await large.stop();
  return asked;
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

try {
  const asked = process.argv.includes('--ingest') ? {} : await read();
  const kept = process.argv.includes('--read') ? {} : { alike: await ingest('alike', false), varied: await ingest('varied', true) };
  console.log(failures.length === 0 ? '\nall limits kept' : `\nNOT KEPT: ${failures.join('; ')}`);
  process.exitCode = failures.length === 0 ? 0 : 1;
  console.log(JSON.stringify({ bench: 'analytics', leads: manyLeads, ...asked, ingestKept: kept, failures }));
} finally {
  await postgres.stop();
  if (keptFolder === undefined) rmSync(folder, { recursive: true, force: true });
}
