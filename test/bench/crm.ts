import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { migrationsFolder } from '../../src/app.ts';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { createLog } from '../../src/platform/log.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { runLoad } from './support/load.ts';
import { type PacedResult, runPaced } from './support/paced.ts';
import { createPostbacks } from './support/postbacks.ts';
import { leadgraph, median, startServer } from './support/servers.ts';

/**
 * `npx tsx test/bench/crm.ts`: what 1,000 CRM events a second cost postbacks. Rounds of postbacks alone and of postbacks beside CRM events take
 * turns on one server. Four in five events find a lead, the others wait. Afterwards every accepted event is counted.
 */
const quick = process.argv.includes('--quick');
const rounds = Number(process.env['ROUNDS'] ?? (quick ? 2 : 3));
const seconds = Number(process.env['SECONDS'] ?? (quick ? 3 : 5));
const connections = Number(process.env['CONNECTIONS'] ?? 64);
const perSecond = Number(process.env['EVENTS_PER_SECOND'] ?? 1000);
const knownLeads = 500;
const secret = 'bench-secret';

const folder = mkdtempSync(path.join(tmpdir(), 'leadgraph-bench-'));
const postgres = await startEmbeddedPostgres({ dataDir: folder, log: createLog('silent', true) });
await migrate(postgres.url, migrationsFolder);
const server = await startServer(
  leadgraph(),
  { DATABASE_URL: postgres.url, CRM_WEBHOOK_SECRET: secret, LOG_LEVEL: 'info', API_KEY: 'changeme' },
  /listening at/,
);
const { port } = server;

let reported = 0;
function nextEvent(): Buffer {
  const n = reported++;
  const crmLeadId = n % 5 === 4 ? `nobody-${n}` : `crm-${n % knownLeads}`;
  const body = JSON.stringify({
    crm_lead_id: crmLeadId,
    event_type: 'status_changed',
    status: 'qualified',
    updated_at: new Date().toISOString(),
    n,
  });
  return Buffer.from(
    `POST /webhooks/crm/lead HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${secret}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const giveCrmId = (i: number): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}/api/postback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: `crm${i}@example.com`, crm_lead_id: `crm-${i}` }),
  });

/** How many were accepted a second. A machine that has less to give than is asked for refuses some with 503. */
async function postbacks(): Promise<number> {
  const { next } = createPostbacks(`crm${Date.now()}`);
  const { perSecond: rate, requests, statuses } = await runLoad({ port, connections, seconds, next });
  if (Object.keys(statuses).some((status) => !status.startsWith('2') && status !== '503'))
    throw new Error(`postbacks were answered ${JSON.stringify(statuses)}`);
  return rate * (1 - (statuses['503'] ?? 0) / requests);
}

async function countEvents(): Promise<{ readonly all: number; readonly distinct: number }> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  const { rows } = await client.query(`SELECT count(*)::int AS all, count(DISTINCT payload->>'n')::int AS distinct FROM "CrmActivity"`);
  await client.end();
  return rows[0];
}

try {
  await Promise.all(Array.from({ length: knownLeads }, (_, i) => giveCrmId(i)));
  await postbacks();
  const alone: number[] = [];
  const beside: number[] = [];
  const events: PacedResult[] = [];
  for (let round = 0; round < rounds; round++) {
    alone.push(await postbacks());
    const [rate, result] = await Promise.all([postbacks(), runPaced({ port, connections: 128, perSecond, seconds, next: nextEvent })]);
    beside.push(rate);
    events.push(result);
  }
  const accepted = events.reduce((sum, result) => sum + result.accepted, 0);
  const stored = await countEvents();
  if (stored.all !== accepted || stored.distinct !== accepted) {
    throw new Error(`${reported} events were sent and ${accepted} accepted, but ${stored.all} of ${stored.distinct} are stored`);
  }
  const summary = {
    bench: 'crm',
    postbacksAlone: Math.round(median(alone)),
    postbacksBesideCrm: Math.round(median(beside)),
    ratio: Number((median(beside) / median(alone)).toFixed(2)),
    crmPerSecond: Math.round(median(events.map((result) => result.perSecond))),
    crmP99Ms: Math.round(median(events.map((result) => result.p99Ms))),
    sent: reported,
    accepted,
    lost: accepted - stored.distinct,
  };
  console.log(
    `${connections} connections of postbacks, ${perSecond} CRM events a second, ${rounds} rounds of ${seconds} s, ${process.version}\n`,
  );
  console.log(JSON.stringify(summary));
} finally {
  await server.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
