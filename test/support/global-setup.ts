import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { escapeIdentifier } from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { createLog } from '../../src/platform/log.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { administer, withDatabase } from './test-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly testServer: { readonly url: string; readonly template: string };
  }
}

const migrations = path.join(import.meta.dirname, '../../prisma/migrations');

/** One server for the run, and one migrated database in it that every test database is a copy of. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['TEST_DATABASE_URL'];
  const server = given ? { url: given, stop: async () => undefined } : await startTestServer();
  const template = `leadgraph_template_${process.pid}_${Date.now()}`;
  await administer(server.url, `CREATE DATABASE ${escapeIdentifier(template)}`);
  const drop = async () => {
    if (given) await administer(server.url, `DROP DATABASE IF EXISTS ${escapeIdentifier(template)} WITH (FORCE)`);
    await server.stop();
  };
  try {
    await migrate(withDatabase(server.url, template), migrations);
  } catch (error) {
    await drop();
    throw error;
  }
  project.provide('testServer', { url: server.url, template });
  return drop;
}

async function startTestServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'leadgraph-test-'));
  const watchdog = startWatchdog(dataDir);
  // The only place where durability is off: what a power cut would take from a test run, nobody misses.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const server = await startEmbeddedPostgres({ dataDir, log: createLog('error', true), settings });
  return {
    url: server.url,
    async stop() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
      watchdog.kill();
    },
  };
}

/** A server outlives its starter by design. When a run is killed before its teardown, this process, whose input then ends, cleans up. */
function startWatchdog(dataDir: string) {
  const script = `
    const { readFileSync, rmSync } = require('node:fs');
    process.stdin.resume().on('end', () => {
      try { process.kill(Number(readFileSync(process.argv[1] + '/postgres/postmaster.pid', 'utf8').split('\\n')[0]), 'SIGQUIT'); } catch {}
      setTimeout(() => rmSync(process.argv[1], { recursive: true, force: true }), 1000);
    });`;
  const watchdog = spawn(process.execPath, ['-e', script, dataDir], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  watchdog.unref();
  return watchdog;
}
