import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, escapeIdentifier } from 'pg';
import { afterAll, expect, inject, it } from 'vitest';
import { migrationsFolder } from '../../src/app.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { createTestDatabase } from '../support/database.ts';
import { administer, withDatabase } from '../support/test-server.ts';
import { type FaultServer, post, startFaultServer } from './fault-server.ts';

const ends: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

async function start(url: string): Promise<FaultServer> {
  const server = await startFaultServer({ DATABASE_URL: url });
  ends.push(server.end);
  return server;
}

async function query<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

it('row 59: two servers that start together on an empty database migrate it once and both serve', async () => {
  const { url: testServer } = inject('testServer');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = withDatabase(testServer, name);
  await administer(testServer, `CREATE DATABASE ${escapeIdentifier(name)}`);
  ends.push(() => administer(testServer, `DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`));

  const servers = await Promise.all([start(url), start(url)]);
  const answers = await Promise.all(servers.map((server, i) => post(server, `person${i}@example.com`)));
  expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  expect(servers.map((server) => server.crashes())).toEqual([[], []]);
  const applied = await query<{ name: string; times: number }>(
    url,
    'SELECT migration_name AS name, count(*)::int AS times FROM "_prisma_migrations" WHERE finished_at IS NOT NULL GROUP BY 1',
  );
  expect(applied.length).toBeGreaterThan(1);
  expect(applied.filter(({ times }) => times !== 1)).toEqual([]);
});

/** Our migrations and one more, which rewrites nothing but holds the table of leads for a while. */
function newerMigrations(): string {
  const folder = mkdtempSync(path.join(inject('testServer').folder, 'migrations-'));
  cpSync(migrationsFolder, folder, { recursive: true });
  const newer = path.join(folder, '29991231000000_newer');
  mkdirSync(newer);
  const tables = ['Lead', 'Change', 'Submission', 'StageChange', 'SourceStats', 'EventFiring'];
  const columns = tables.map((table) => `ALTER TABLE "${table}" ADD COLUMN "later" TEXT;`).join('\n');
  writeFileSync(path.join(newer, 'migration.sql'), `${columns}\nCREATE INDEX later ON "Lead" ("later");\nSELECT pg_sleep(0.3);\n`);
  return folder;
}

it('row 59: has no 5xx for over a second of 200 requests a second while two newer servers migrate the database under the running one', async () => {
  const database = await createTestDatabase();
  ends.push(() => database.drop());
  const server = await start(database.url);
  const statuses: Record<string, number> = {};
  const failedAt: number[] = [];
  const note = (status: number | string): void => {
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status === 503) failedAt.push(performance.now());
  };
  const asked: Promise<void>[] = [];
  const seconds = 6;
  const newer = newerMigrations();
  let migrated: Promise<unknown> = Promise.resolve();
  let applied: readonly string[][] = [];
  const began = performance.now();
  for (let sent = 0; sent < 200 * seconds; sent += 1) {
    if (sent === 400) {
      migrated = Promise.all([migrate(database.url, newer), migrate(database.url, newer)]).then((both) => (applied = both));
    }
    // A new lead, the same lead again, and twice the list: every kind of statement that was prepared before.
    const email = `person${Math.floor(sent / 4)}@example.com`;
    const request = sent % 4 < 2 ? post(server, email) : fetch(`${server.base}/api/leads?limit=5`);
    asked.push(
      request.then(
        async (response) => {
          await response.arrayBuffer();
          note(response.status);
        },
        () => note('broken'),
      ),
    );
    await sleep(Math.max(0, began + (sent + 1) * 5 - performance.now()));
  }
  await migrated;
  await Promise.all(asked);
  expect(applied.flat()).toEqual(['29991231000000_newer']);
  expect(Object.keys(statuses).filter((status) => !['200', '201', '503'].includes(status))).toEqual([]);
  // The newer servers held the tables for a moment: who had to wait too long was told so, for no longer than a second.
  expect(Math.max(...failedAt, 0) - Math.min(...failedAt, Infinity)).toBeLessThan(1000);
  const [stored] = await query<{ leads: number; head: number; changes: number }>(
    database.url,
    `SELECT (SELECT count(*) FROM "Lead")::int AS leads, (SELECT max(seq) FROM "LogHead")::int AS head, (SELECT count(*) FROM "Change")::int AS changes`,
  );
  expect(stored?.leads).toBe(statuses['201'] ?? 0);
  expect(stored?.changes).toBe(stored?.head);
});
