import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { migrationsFolder } from '../../src/app.ts';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { createLog } from '../../src/platform/log.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { postJson, runLoad } from './support/load.ts';
import { createPostbacks } from './support/postbacks.ts';
import { leadgraph, median, startServer } from './support/servers.ts';

/**
 * `npx tsx test/bench/events.ts`: conversions by POST /api/event/trigger beside postbacks, on one server with default durability. Rounds take
 * turns. Each conversion is the first of its event at its lead, leads in no order. Afterwards every acknowledged conversion is counted, and
 * the revenue of all leads must be that of all conversions.
 */
const quick = process.argv.includes('--quick');
const rounds = Number(process.env['ROUNDS'] ?? (quick ? 2 : 3));
const seconds = Number(process.env['SECONDS'] ?? (quick ? 3 : 5));
const connections = Number(process.env['CONNECTIONS'] ?? 64);
const eventIds = ['sale', 'upsell', 'renewal', 'referral'];

const folder = mkdtempSync(path.join(tmpdir(), 'leadgraph-bench-'));
const postgres = await startEmbeddedPostgres({ dataDir: folder, log: createLog('silent', true) });
await migrate(postgres.url, migrationsFolder);
const server = await startServer(leadgraph(), { DATABASE_URL: postgres.url, LOG_LEVEL: 'info', API_KEY: 'changeme' }, /listening at/);
const { port } = server;

async function query<Row extends object>(sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  const { rows } = await client.query<Row>(sql);
  await client.end();
  return rows;
}

async function configure(): Promise<void> {
  const events = eventIds.map((eventId) => `{ eventId: "${eventId}", isConversion: true, payout: { percent: 10 } }`);
  await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: `mutation { createCampaign(input: { cid: "bench", events: [${events.join(', ')}] }) { __typename } }` }),
  });
}

async function run(next: () => Buffer): Promise<{ readonly perSecond: number; readonly requests: number }> {
  const { perSecond, requests, statuses } = await runLoad({ port, connections, seconds, next });
  if (Object.keys(statuses).some((status) => !status.startsWith('2'))) throw new Error(`answers: ${JSON.stringify(statuses)}`);
  return { perSecond, requests };
}

/** Every event at every lead of the latest round, once. */
async function conversions(): Promise<() => Buffer> {
  const leads = await query<{ id: string }>(
    'SELECT l.id FROM "Lead" l WHERE NOT EXISTS (SELECT FROM "EventFiring" f WHERE f."leadId" = l.id) ORDER BY random()',
  );
  let sent = 0;
  return () => {
    const lead = leads[sent % leads.length];
    const eventId = eventIds[Math.floor(sent / leads.length)];
    sent += 1;
    if (!lead || eventId === undefined) throw new Error('there are not enough leads');
    const body = { cid: 'bench', event_id: eventId, transaction_id: `txn_${lead.id}`, pid: 'organic', revenue: 49.99 };
    return postJson('/api/event/trigger', JSON.stringify(body));
  };
}

try {
  await configure();
  let acknowledged = 0;
  const rates = { postback: [] as number[], event: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    const postback = await run(createPostbacks(`events${Date.now()}`).next);
    const event = await run(await conversions());
    acknowledged += event.requests;
    // The first round warms up.
    if (round > 0) rates.postback.push(postback.perSecond);
    if (round > 0) rates.event.push(event.perSecond);
  }
  const [stored] = await query<{ events: number; said: string; rows: string; paid: string }>(
    `SELECT (SELECT count(*)::int FROM "LeadEvent") AS events, (SELECT sum(revenue)::text FROM "Lead") AS said,
      (SELECT sum(revenue)::text FROM "LeadEvent" WHERE "isConversion") AS rows, (SELECT (sum(amount) * 10)::text FROM "LedgerEntry" WHERE kind = 'PAYOUT') AS paid`,
  );
  if (stored?.events !== acknowledged || Number(stored.said) !== Number(stored.rows) || Number(stored.paid) !== Number(stored.rows)) {
    throw new Error(`${acknowledged} conversions were acknowledged; stored: ${JSON.stringify(stored)}`);
  }
  const [postback, event] = [median(rates.postback), median(rates.event)];
  console.log(
    JSON.stringify({
      bench: 'events',
      postbacksPerSecond: Math.round(postback),
      eventsPerSecond: Math.round(event),
      ratioToPostback: Number((event / postback).toFixed(2)),
      acknowledged,
      lost: acknowledged - stored.events,
    }),
  );
} finally {
  await server.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
