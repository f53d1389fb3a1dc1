import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { hasOrphans, readPidFile, serverState } from '../../src/platform/embedded-postgres/running-server.ts';
import { freePort } from '../../src/platform/embedded-postgres/server-process.ts';
import { chooseServerUser } from '../../src/platform/embedded-postgres/server-user.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { createLog } from '../../src/platform/log.ts';

let dataDir: string;
let started: EmbeddedPostgres[];

const start = async () => {
  const postgres = await startEmbeddedPostgres({ dataDir, log: createLog('silent', true) });
  started.push(postgres);
  return postgres;
};
const stop = async (postgres: EmbeddedPostgres) => {
  started.splice(started.indexOf(postgres), 1);
  await postgres.stop();
};
const query = async (url: string, sql: string): Promise<unknown[]> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
};
const cluster = () => path.join(dataDir, 'postgres');
const serverPid = () => readPidFile(cluster())?.pid ?? 0;
const folder = () => mkdtempSync(path.join(inject('testServer').folder, 'embedded-'));
const hold = (version: string) => {
  mkdirSync(cluster());
  writeFileSync(path.join(cluster(), 'PG_VERSION'), `${version}\n`);
};
const isRunning = () => serverState(cluster(), serverPid()) === 'running';

// Private folders: started by root, the server's account cannot enter them. Most tests share one, because making a database takes a second.
let shared: string;
beforeAll(() => {
  shared = folder();
});

beforeEach(() => {
  dataDir = shared;
  started = [];
});

afterEach(async () => {
  await Promise.all(started.map((postgres) => postgres.stop()));
});

describe('a server', () => {
  it('keeps what it was told, durably, for an account that is no superuser', async () => {
    const first = await start();
    expect(first.adopted).toBe(false);
    expect(statSync(path.join(dataDir, 'postgres.password')).mode & 0o777).toBe(0o600);
    const settings = `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
      current_setting('listen_addresses') AS listen, current_setting('is_superuser') AS superuser,
      lower('É') AS lower, show_trgm('é') <> '{}' AS trigrams`;
    await query(first.url, 'CREATE EXTENSION pg_trgm');
    expect(await query(first.url, settings)).toEqual([
      { fsync: 'on', commit: 'on', listen: '127.0.0.1', superuser: 'off', lower: 'é', trigrams: true },
    ]);
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    await stop(first);
    expect(isRunning()).toBe(false);

    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await query(second.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  it('refuses a stranger who has no password', async () => {
    const { url } = await start();
    const guess = new URL(url);
    guess.password = 'guess';
    await expect(query(guess.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  });

  it('is started once by two starts at the same moment, and stopped by the last that uses it', async () => {
    dataDir = folder();
    const [one, two] = await Promise.all([start(), start()]);
    expect(one.url).toBe(two.url);
    expect(one.adopted).not.toBe(two.adopted);
    await stop(one);
    expect(await query(two.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
    await stop(two);
    expect(isRunning()).toBe(false);
  });

  it('is adopted after its starter was killed', async () => {
    const script = `
      import { startEmbeddedPostgres } from '${new URL('../../src/platform/embedded-postgres/start.ts', import.meta.url)}';
      import { createLog } from '${new URL('../../src/platform/log.ts', import.meta.url)}';
      const { url } = await startEmbeddedPostgres({ dataDir: process.env.DATA_DIR, log: createLog('silent', true) });
      process.stdout.write(url);
      setInterval(() => {}, 1000);`;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
    const starter = spawn(process.execPath, args, { env: { ...process.env, DATA_DIR: dataDir }, stdio: ['ignore', 'pipe', 'inherit'] });
    const [url] = await once(starter.stdout, 'data');
    starter.kill('SIGKILL');
    await once(starter, 'exit');

    const adopter = await start();
    expect(adopter).toMatchObject({ adopted: true, url: String(url) });
    await stop(adopter);
    expect(isRunning()).toBe(false);
  });

  it('comes back at the same address when it is killed', async () => {
    const { url } = await start();
    const killed = serverPid();
    process.kill(killed, 'SIGKILL');
    await vi.waitFor(async () => expect(await query(url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]), { timeout: 30_000, interval: 50 });
    expect(serverPid()).not.toBe(killed);
  });

  it('starts although its old pid now belongs to somebody else', async () => {
    await stop(await start());
    // What a crash and a reboot, or a new container, leave: the number is ours by chance.
    writeFileSync(path.join(cluster(), 'postmaster.pid'), `${process.pid}\n${cluster()}\n1\n1\n\n127.0.0.1\n\nready\n`);
    expect(serverState(cluster(), process.pid)).toBe('someone-else');
    expect((await start()).adopted).toBe(false);
  });
});

describe('a data folder that cannot be served', () => {
  it('says which PostgreSQL wrote it', async () => {
    dataDir = folder();
    hold('12');
    await expect(start()).rejects.toThrow(/was written by PostgreSQL 12, which PostgreSQL [\d.]+ cannot read: .*set DATABASE_URL/);
  });

  it('is never overwritten when it holds something else', async () => {
    dataDir = folder();
    mkdirSync(cluster());
    writeFileSync(path.join(cluster(), 'holiday.jpg'), '');
    await expect(start()).rejects.toThrow('is not a PostgreSQL data folder: move it away');
  });

  it('asks for the password file when that is gone', async () => {
    await stop(await start());
    const file = path.join(dataDir, 'postgres.password');
    renameSync(file, `${file}.away`);
    await expect(start()).rejects.toThrow(/Cannot read the database password .* restore that file/);
    writeFileSync(file, 'another');
    await expect(start()).rejects.toThrow(/refuses the password in postgres.password/);
    renameSync(`${file}.away`, file);
    await stop(await start());
    expect(isRunning()).toBe(false);
  });

  it('says so when it cannot be written', async () => {
    const file = path.join(folder(), 'file');
    writeFileSync(file, '');
    dataDir = path.join(file, 'data');
    await expect(start()).rejects.toThrow(/Cannot work in the data folder .* \(ENOTDIR\)/);
  });
});

describe('the account that root lends the server', () => {
  const accounts = {
    root: 'root:x:0:0:root:/root:/bin/bash',
    daemon: 'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
    ada: 'ada:x:1000:1000:Ada:/home/ada:/bin/bash',
    nobody: 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
    postgres: 'postgres:x:101:104:PostgreSQL:/var/lib/postgresql:/bin/bash',
  };
  const choose = (...names: (keyof typeof accounts)[]) => chooseServerUser(names.map((name) => `${accounts[name]}\n`).join('')).uid;

  it('is postgres, else nobody, else a system account, else anyone', () => {
    expect(choose('root', 'ada', 'daemon', 'nobody', 'postgres')).toBe(101);
    expect(choose('root', 'ada', 'daemon', 'nobody')).toBe(65_534);
    expect(choose('root', 'ada', 'daemon')).toBe(1);
    expect(choose('root', 'ada')).toBe(1000);
    expect(() => choose('root')).toThrow('useradd --system postgres');
  });
});

describe('small print', () => {
  it('takes another port when the wanted one is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    expect(await freePort(port)).not.toBe(port);
    taken.close();
    await once(taken, 'close');
    expect(await freePort(port)).toBe(port);
  });

  it('sees the processes of a server by the folder they work in', async () => {
    expect(hasOrphans(folder())).toBe(false);
    const postgres = await start();
    expect(hasOrphans(cluster())).toBe(process.platform === 'linux');
    await stop(postgres);
    expect(readFileSync(path.join(dataDir, 'postgres.log'), 'utf8')).toContain('database system is shut down');
  });
});
