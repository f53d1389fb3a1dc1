import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runLoad, postJson } from '../bench/support/load.ts';
import { until } from '../live/change-log.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type FaultServer, post, startFaultServer } from './fault-server.ts';

const limitMb = 384;
let database: TestDatabase;
let server: FaultServer;
let group: string | null = null;

/** A memory group of its own where this account may make one (cgroup 2, else 1); null elsewhere. */
function makeGroup(): string | null {
  const isSecond = existsSync('/sys/fs/cgroup/cgroup.controllers');
  const folder = path.join(isSecond ? '/sys/fs/cgroup' : '/sys/fs/cgroup/memory', `leadgraph-${process.pid}`);
  try {
    mkdirSync(folder);
    writeFileSync(path.join(folder, isSecond ? 'memory.max' : 'memory.limit_in_bytes'), String(limitMb * 1024 * 1024));
    return folder;
  } catch {
    if (existsSync(folder)) rmdirSync(folder);
    return null;
  }
}

beforeAll(async () => {
  database = await createTestDatabase();
  group = makeGroup();
  const enter = group === null ? 'exec "$@"' : `echo $$ > ${group}/cgroup.procs && exec "$@"`;
  server = await startFaultServer({ DATABASE_URL: database.url, NODE_OPTIONS: '--max-semi-space-size=32' }, ['sh', '-c', enter, 'sh']);
});
afterAll(async () => {
  await server.end();
  await database.drop();
  await until('the group is empty', removeGroup);
});

/** What the process started may end a moment after it. */
function removeGroup(): boolean {
  try {
    if (group !== null) rmdirSync(group);
    return true;
  } catch {
    return false;
  }
}

const residentMb = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid()}/status`, 'utf8'))?.[1] ?? 0) / 1024;

it(`row 60: sheds by 503 and lives in ${limitMb} MB while five times as much arrives as it can serve`, async () => {
  const port = Number(new URL(server.base).port);
  let sent = 0;
  const one = (): Buffer => postJson('/api/postback', JSON.stringify({ email: `person${(sent += 1)}@example.com`, first_name: 'Pat' }));
  const ceiling = await runLoad({ port, connections: 64, seconds: 4, next: one });
  expect(ceiling.statuses['201']).toBe(ceiling.requests);

  let mostMb = 0;
  const watching = setInterval(() => (mostMb = Math.max(mostMb, residentMb())), 50);
  // Far more waits than is let in: 1,200 callers, each with eight requests on its way.
  const flood = await floodWith(port, 1200, 8, 12, one);
  clearInterval(watching);

  expect(server.crashes()).toEqual([]);
  expect(flood.statuses['201'] ?? 0).toBeGreaterThan(ceiling.requests / 4);
  expect(flood.statuses['503'] ?? 0).toBeGreaterThan(0);
  expect(Object.keys(flood.statuses).filter((status) => status !== '201' && status !== '503')).toEqual([]);
  expect(mostMb).toBeLessThan(limitMb);

  const began = performance.now();
  while ((await post(server, 'after@example.com').catch(() => null))?.ok !== true) expect(performance.now() - began).toBeLessThan(5000);
});

/** Keeps `depth` requests under way on each of `connections`, whatever becomes of them: callers that do not wait for one another. */
async function floodWith(port: number, connections: number, depth: number, seconds: number, next: () => Buffer) {
  const statuses: Record<string, number> = {};
  const end = performance.now() + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, () => {
      return new Promise<void>((resolve) => {
        const socket = connect({ port, host: '127.0.0.1', noDelay: true });
        let underWay = 0;
        const send = (): void => {
          underWay += 1;
          socket.write(next());
        };
        socket.on('connect', () => {
          for (let i = 0; i < depth; i += 1) send();
        });
        socket.on('error', () => undefined);
        socket.on('close', () => resolve());
        socket.on('data', (data) => {
          for (const [, status = ''] of data.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
            statuses[status] = (statuses[status] ?? 0) + 1;
            underWay -= 1;
            if (performance.now() < end) send();
          }
          if (underWay === 0) socket.end();
        });
      });
    }),
  );
  return { statuses };
}
