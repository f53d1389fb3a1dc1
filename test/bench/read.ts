import { isDeepStrictEqual } from 'node:util';
import path from 'node:path';
import pg from 'pg';
import { type LoadResult, postJson, runLoad } from './support/load.ts';
import { blocksAreMade, seededDatabase } from './support/seeded-database.ts';
import { type BenchServer, leadgraph, median, startServer } from './support/servers.ts';

/**
 * `npm run bench:read`: a page of 50 leads, each with its five latest stage changes, beside a hand-written handler that answers the same JSON
 * with one SQL statement. Both read one database and take turns; ours is the built server (npm run build). `--quick` reads 20,000 leads instead of a million.
 */
const quick = process.argv.includes('--quick');
const rounds = Number(process.env['ROUNDS'] ?? (quick ? 2 : 4));
const seconds = Number(process.env['SECONDS'] ?? (quick ? 1 : 3));
const connections = Number(process.env['CONNECTIONS'] ?? 16);
const warmUpSeconds = Number(process.env['WARM_UP_SECONDS'] ?? 3);
/** Of each server, once: Node goes on compiling what runs often for as long. */
const firstWarmUpSeconds = warmUpSeconds * 4;
const leastRatio = 0.4;
const pageSize = 50;

const query = `query Leads($filter: LeadFilter, $after: String) {
  leads(first: ${pageSize}, filter: $filter, after: $after) {
    nodes {
      id number email firstName lastName phone company stage { name } sourceName campaignName domain tags revenue createdAt updatedAt
      stageHistory(last: 5) { nodes { fromStage toStage forced via occurredAt } }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

interface Question {
  readonly name: string;
  readonly filter: { readonly source: string; readonly deviceType: string } | null;
  /** The number of the last lead of the page before. */
  readonly after: number | null;
}

const filter = { source: 'google', deviceType: 'mobile' };

/** Page 1,000, or with few leads one of the last. */
async function findQuestions(url: string): Promise<Question[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const before = async (name: string, where: string, values: unknown[]): Promise<readonly [string, number]> => {
      const count =
        (await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM "Lead" ${where}`, values)).rows[0]?.count ?? 0;
      const page = Math.min(1000, Math.floor(count / pageSize) - 1);
      const skip = (page - 1) * pageSize - 1;
      const { rows } = await client.query<{ number: number }>(
        `SELECT number FROM "Lead" ${where} ORDER BY number DESC OFFSET ${skip} LIMIT 1`,
        values,
      );
      return [`${name}, page ${page}`, rows[0]?.number ?? 1];
    };
    const [late, lateFiltered] = [
      await before('all leads', '', []),
      await before('filtered', 'WHERE "sourceName" = $1 AND "deviceType" = $2', [filter.source, filter.deviceType]),
    ];
    return [
      { name: 'all leads, page 1', filter: null, after: null },
      { name: late[0], filter: null, after: late[1] },
      { name: 'filtered, page 1', filter, after: null },
      { name: lateFiltered[0], filter, after: lateFiltered[1] },
    ];
  } finally {
    await client.end();
  }
}

interface Reader {
  readonly server: BenchServer;
  readonly request: (question: Question) => Buffer;
}

const toGraphRequest = ({ filter: wanted, after }: Question): Buffer => {
  const cursor = after === null ? null : Buffer.from(JSON.stringify(['number', after])).toString('base64url');
  const variables = { filter: wanted && { source: [wanted.source], deviceType: [wanted.deviceType] }, after: cursor };
  return postJson('/graphql', JSON.stringify({ query, variables }));
};

const toBareRequest = ({ filter: wanted, after }: Question): Buffer => {
  const parameters = new URLSearchParams({ ...wanted, ...(after !== null && { after: String(after) }) });
  return Buffer.from(`GET /leads?${parameters} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
};

/** The data of one answer. */
async function ask({ server, request }: Reader, question: Question): Promise<unknown> {
  const [head = '', body] = request(question).toString().split('\r\n\r\n');
  const [method = '', url = ''] = head.split(' ');
  const response = await fetch(`http://127.0.0.1:${server.port}${url}`, {
    method,
    ...(method === 'POST' && { headers: { 'content-type': 'application/json' }, body: body ?? '' }),
  });
  const answer = (await response.json()) as { readonly data?: unknown };
  return answer.data;
}

const load = ({ server, request }: Reader, question: Question, forSeconds: number): Promise<LoadResult> => {
  const bytes = request(question);
  return runLoad({ port: server.port, connections, seconds: forSeconds, next: () => bytes });
};

const perSecond = (of: readonly LoadResult[]): number => Math.round(median(of.map((result) => result.perSecond)));

async function compare(ours: Reader, bare: Reader, question: Question) {
  const [answer, expected] = [await ask(ours, question), await ask(bare, question)];
  if (expected === undefined || !isDeepStrictEqual(answer, expected)) throw new Error(`${question.name}: the answers differ`);
  const results = { ours: [] as LoadResult[], bare: [] as LoadResult[] };
  for (const reader of [ours, bare]) await load(reader, question, warmUpSeconds);
  for (let round = 0; round < rounds; round++) {
    results.ours.push(await load(ours, question, seconds));
    results.bare.push(await load(bare, question, seconds));
  }
  const refused = [...results.ours, ...results.bare].some(({ statuses }) => Object.keys(statuses).some((status) => status !== '200'));
  if (refused) throw new Error(`${question.name}: not every answer was 200`);
  const [leadgraph, handWritten] = [perSecond(results.ours), perSecond(results.bare)];
  return {
    name: question.name,
    leadgraph,
    handWritten,
    ratio: Number((leadgraph / handWritten).toFixed(2)),
    p50Ms: Number(median(results.ours.map(({ p50Ms }) => p50Ms)).toFixed(1)),
    p99Ms: Number(median(results.ours.map(({ p99Ms }) => p99Ms)).toFixed(1)),
  };
}

const database = await seededDatabase(Number(process.env['LEADS'] ?? (quick ? 20_000 : 1_000_000)));
const servers: BenchServer[] = [];
try {
  const env = { DATABASE_URL: database.url, API_KEY: 'changeme', LOG_LEVEL: 'info' };
  const start = async (command: readonly string[], ready: RegExp): Promise<BenchServer> => {
    const server = await startServer(command, env, ready);
    servers.push(server);
    return server;
  };
  const ours = {
    server: await start(leadgraph(), /listening at/),
    request: toGraphRequest,
  };
  const bare = {
    server: await start(['node', '--import', 'tsx', path.join(import.meta.dirname, 'support/bare-reader.ts')], /ready/),
    request: toBareRequest,
  };
  await blocksAreMade(database.url);
  console.log(`${database.leads} leads, ${connections} connections, ${rounds} rounds of ${seconds} s in turn, ${process.version}\n`);
  console.log('question                 requests/s   hand-written   ratio   p50 ms   p99 ms');
  const results = [];
  const questions = await findQuestions(database.url);
  for (const reader of [ours, bare]) for (const question of questions) await load(reader, question, firstWarmUpSeconds / questions.length);
  for (const question of questions) {
    const result = await compare(ours, bare, question);
    results.push(result);
    const cells = [result.leadgraph, result.handWritten, result.ratio, result.p50Ms, result.p99Ms].map((cell, i) =>
      String(cell).padStart([11, 15, 8, 9, 9][i] ?? 9),
    );
    console.log(`${result.name.padEnd(24)}${cells.join('')}`);
  }
  const ratio = Math.min(...results.map((result) => result.ratio));
  const kept = ratio >= leastRatio;
  console.log(kept ? '\nall limits kept' : `\nNOT KEPT: ${leastRatio} of the hand-written handler's requests a second`);
  process.exitCode = kept ? 0 : 1;
  console.log(JSON.stringify({ bench: 'read', quick, leads: database.leads, connections, ratio, leastRatio, results }));
} finally {
  for (const server of servers) await server.stop();
  await database.remove();
}
