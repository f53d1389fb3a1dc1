import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { rebuildRollups } from '../../../src/analytics/rebuild-rollups.ts';
import { migrationsFolder } from '../../../src/app.ts';
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

async function countLeads(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: number }>('SELECT count(*)::int AS count FROM "Lead"');
    return rows[0]?.count ?? 0;
  } finally {
    await client.end();
  }
}
