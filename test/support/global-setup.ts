import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { escapeIdentifier } from 'pg';
import type { TestProject } from 'vitest/node';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { createLog } from '../../src/platform/log.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { buildServer } from './build-server.ts';
import { administer, withDatabase } from './test-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `folder` is for whatever else a test wants to run: it goes, and the servers in it, when the run ends. */
    readonly testServer: { readonly url: string; readonly template: string; readonly folder: string };
  }
}

const migrations = path.join(import.meta.dirname, '../../prisma/migrations');
// The only place where durability is off: what a power cut would take from a test run, nobody misses.
const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** The server as it ships, one PostgreSQL for the run, and one migrated database in it that every test database is a copy of. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  buildServer();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'leadgraph-test-'));
  const endWatchdog = startWatchdog(folder);
  const server = await testServer(folder);
  const template = `leadgraph_template_${process.pid}_${Date.now()}`;
  const end = async () => {
    await administer(server.url, `DROP DATABASE IF EXISTS ${escapeIdentifier(template)} WITH (FORCE)`);
    await server.stop();
    await endWatchdog();
  };
  try {
    await administer(server.url, `CREATE DATABASE ${escapeIdentifier(template)}`);
    await migrate(withDatabase(server.url, template), migrations);
  } catch (error) {
    await end();
    throw error;
  }
  project.provide('testServer', { url: server.url, template, folder });
  return end;
}

function testServer(folder: string): Promise<Pick<EmbeddedPostgres, 'url' | 'stop'>> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given) return Promise.resolve({ url: given, stop: () => Promise.resolve() });
  return startEmbeddedPostgres({ dataDir: path.join(folder, 'server'), log: createLog('error', true), settings });
}

/** What stops the servers of the run, also when it is killed before its teardown. */
function startWatchdog(folder: string): () => Promise<void> {
  const script = path.join(import.meta.dirname, 'watchdog.mjs');
  const watchdog = spawn(process.execPath, [script, folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  return async () => {
    const exit = once(watchdog, 'exit');
    watchdog.stdin.end();
    await exit;
  };
}
