import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../src/platform/embedded-postgres/server-process.ts';
import { chooseServerUser } from '../../src/platform/embedded-postgres/server-user.ts';
import { administer } from '../support/test-server.ts';

const run = promisify(execFile);
const password = 'only for this run';

/** A PostgreSQL of the system's, with the programs that npm's has not: `pg_dump` and `pg_restore`. */
export interface SystemPostgres {
  readonly version: string;
  readonly url: (database: string) => string;
  readonly create: (database: string) => Promise<void>;
  /** Runs one of its programs, as an operator would. */
  readonly program: (name: string, args: readonly string[]) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** The folder of PostgreSQL's programs: PG_BIN, or the newest that Debian's packages installed. */
export function findSystemPostgres(): string {
  const program = findSystemProgram('pg_dump');
  if (!program) throw new Error('no pg_dump: install PostgreSQL (apt-get install postgresql), or set PG_BIN to the folder of its programs');
  return path.dirname(program);
}

/** One of PostgreSQL's programs, where the system has it. */
export function findSystemProgram(name: string): string | null {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = [process.env['PG_BIN'] ?? [], ...versions.map((version) => path.join(root, version, 'bin'))].flat();
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file)) ?? null;
}

export async function startSystemPostgres(bin: string, folder: string): Promise<SystemPostgres> {
  // PostgreSQL refuses root.
  const user = process.getuid?.() === 0 ? chooseServerUser(readFileSync('/etc/passwd', 'utf8')) : null;
  const data = path.join(folder, 'system-postgres');
  mkdirSync(data, { mode: 0o700 });
  const passwordFile = path.join(data, 'password');
  writeFileSync(passwordFile, password);
  if (user) for (const file of [folder, data, passwordFile]) chownSync(file, user.uid, user.gid);
  const cluster = path.join(data, 'cluster');
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' };
  await run(
    path.join(bin, 'initdb'),
    ['-D', cluster, '-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8'],
    {
      ...user,
      env,
      cwd: data,
    },
  );
  const port = await freePort(null);
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', `port=${port}`].flatMap((setting) => ['-c', setting]);
  const server = spawn(path.join(bin, 'postgres'), ['-D', cluster, ...settings], { ...user, env, cwd: data, stdio: 'ignore' });
  const url = (database: string): string => `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  const deadline = performance.now() + 30_000;
  for (;;) {
    try {
      await administer(url('postgres'), 'SELECT 1');
      break;
    } catch (error) {
      if (performance.now() > deadline || server.exitCode !== null) throw error;
      await sleep(50);
    }
  }
  return {
    version: (await run(path.join(bin, 'pg_dump'), ['--version'])).stdout.trim(),
    url,
    create: (database) => administer(url('postgres'), `CREATE DATABASE ${database}`),
    async program(name, args) {
      await run(path.join(bin, name), [...args], { env: { ...env, PGPASSWORD: password }, maxBuffer: 100_000_000 });
    },
    async stop() {
      if (server.exitCode !== null) return;
      const exit = once(server, 'exit');
      server.kill('SIGINT');
      await exit;
    },
  };
}
