import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { rebuildRollups } from '../../../src/analytics/rebuild-rollups.ts';
import { migrationsFolder } from '../../../src/app.ts';
import { everyLead, leadsPerBlock } from '../../../src/leads/search-buckets.ts';
import { startEmbeddedPostgres } from '../../../src/platform/embedded-postgres/start.ts';
import { createLog } from '../../../src/platform/log.ts';
import { migrate } from '../../../src/platform/migrate.ts';

export interface SeededDatabase {
  readonly url: string;
  readonly leads: number;
  readonly remove: () => Promise<void>;
}

/** A database of `leads` leads with their history, in a PostgreSQL of its own. SEEDED_DATABASE_URL names one that is there already. */
export async function seededDatabase(leads: number): Promise<SeededDatabase> {
  const known = process.env['SEEDED_DATABASE_URL'];
  if (known) return { url: known, leads: await countLeads(known), remove: async () => {} };
  const folder = mkdtempSync(path.join(tmpdir(), 'leadgraph-bench-'));
  const postgres = await startEmbeddedPostgres({ dataDir: folder, log: createLog('silent', true) });
  const remove = async (): Promise<void> => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await migrate(postgres.url, migrationsFolder);
    const script = path.join(import.meta.dirname, '../seed-leads.ts');
    execFileSync('node', ['--import', 'tsx', script, postgres.url, String(leads), '--history']);
    // Otherwise the server would count all of them while it is measured.
    await rebuildRollups(postgres.url);
    return { url: postgres.url, leads, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Resolves when a server has made the search bits of all full blocks, with the time that it took: it does so while it serves, but not for ever. */
export function blocksAreMade(url: string): Promise<number> {
  const started = performance.now();
  return withClient(url, async (client) => {
    for (;;) {
      const { rows } = await client.query<{ left: number }>(
        `SELECT coalesce(sum((h."leadNumber" + 1) / ${leadsPerBlock} - (SELECT count(*) FROM "SearchBlock" b
          WHERE b."accountId" = h."accountId" AND b.bucket = ${everyLead})), 0)::int AS left FROM "LogHead" h`,
      );
      if (rows[0]?.left === 0) return performance.now() - started;
      await sleep(250);
    }
  });
}

const countLeads = (url: string): Promise<number> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ count: number }>('SELECT count(*)::int AS count FROM "Lead"');
    return rows[0]?.count ?? 0;
  });

async function withClient<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
