import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { readPidFile } from '../../src/platform/embedded-postgres/running-server.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { createLog } from '../../src/platform/log.ts';
import { type RestAnswer, startApp, type TestApp } from '../support/app.ts';
import { findDatabaseProcesses, killAtOnce } from '../crash/database-processes.ts';

let dataDir: string;
let postgres: EmbeddedPostgres;
let app: TestApp;
beforeAll(async () => {
  dataDir = mkdtempSync(path.join(inject('testServer').folder, 'killed-'));
  postgres = await startEmbeddedPostgres({ dataDir, log: createLog('silent', true) });
  app = await startApp({}, { url: postgres.url, drop: () => Promise.resolve() });
});
afterAll(async () => {
  await app.end();
  await postgres.stop();
});

const cluster = () => path.join(dataDir, 'postgres');
let number = 0;
let acknowledged = 0;
async function post(): Promise<RestAnswer> {
  const answer = await app.send('POST', '/api/postback', { email: `person${(number += 1)}@example.com` });
  if (answer.status === 201) acknowledged += 1;
  return answer;
}

const stored = async () => (await app.graphql('{ leads { totalCount } }')).data.leads.totalCount;

async function accepts(): Promise<boolean> {
  const client = new Client({ connectionString: postgres.url, connectionTimeoutMillis: 500 });
  client.on('error', () => undefined);
  const up = await client.connect().then(
    () => true,
    () => false,
  );
  await client.end().catch(() => undefined);
  return up;
}

it.each(['everything', 'the postmaster', 'one backend'])(
  'row 52: answers 503 with Retry-After while PostgreSQL is down (killed: %s), and serves within 5 s of its return',
  async (what) => {
    expect((await post()).status).toBe(201);
    const found = findDatabaseProcesses(cluster());
    expect(found?.children.length).toBeGreaterThan(5);
    if (!found) return;
    const { postmaster, children } = found;
    killAtOnce(what === 'everything' ? [postmaster, ...children] : what === 'the postmaster' ? [postmaster] : children.slice(-1));
    const answers = [await post()];
    while (!(await accepts())) answers.push(await post());
    const up = performance.now();
    let last = await post();
    while (last.status !== 201 && performance.now() - up < 10_000) {
      answers.push(last);
      await sleep(20);
      last = await post();
    }
    expect(last.status).toBe(201);
    expect(performance.now() - up).toBeLessThan(5000);
    for (const { status, body, headers } of answers.filter((answer) => answer.status !== 201)) {
      expect({ status, code: body.code, retryAfter: headers.get('retry-after') }).toEqual({
        status: 503,
        code: 'DB_UNAVAILABLE',
        retryAfter: '1',
      });
    }
    expect(readPidFile(cluster())?.ready).toBe(true);
    expect(await stored()).toBeGreaterThanOrEqual(acknowledged);
  },
);
