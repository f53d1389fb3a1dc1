import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let other: Client;
let watcher: Client;
beforeAll(async () => {
  app = await startApp();
  other = new Client({ connectionString: app.database.url });
  watcher = new Client({ connectionString: app.database.url });
  await Promise.all([other.connect(), watcher.connect()]);
});
afterAll(async () => {
  await Promise.all([other.end(), watcher.end()]);
  await app.end();
});

/** Somebody else holds the table: every statement that reads it is slow, until its time is over. */
async function whileReadsAreSlow<Result>(work: () => Promise<Result>, tables = '"Lead", "Webhook"'): Promise<Result> {
  await other.query(`BEGIN; LOCK TABLE ${tables} IN ACCESS EXCLUSIVE MODE`);
  try {
    return await work();
  } finally {
    await other.query('ROLLBACK');
  }
}

/** On a connection of its own: within a transaction the view does not change. */
const activeReads = async (): Promise<number> => {
  const sql = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'leadgraph reader' AND state = 'active'`;
  return (await watcher.query<{ n: number }>(sql)).rows[0]?.n ?? 0;
};

const read = () => app.send('GET', '/api/leads');
const codeOf = (answer: Awaited<ReturnType<typeof read>> | Awaited<ReturnType<typeof readByPrisma>>): unknown =>
  'body' in answer ? answer.body.code : answer.errors?.[0]?.extensions['code'];

async function timed<Value>(work: Promise<Value>): Promise<{ readonly value: Value; readonly ms: number }> {
  const began = performance.now();
  return { value: await work, ms: performance.now() - began };
}

const readByPrisma = () => app.graphql('{ webhooks { nodes { name } } }');

it('row 54: answers 503 OVERLOADED in time what finds no connection because of slow queries, and ends those', async () => {
  const connections = app.services.database.readPool.options.max;
  // Open, so that opening them is not what takes time.
  await Promise.all(Array.from({ length: 2 * connections }, read));
  const answers = await whileReadsAreSlow(() =>
    Promise.all([...Array.from({ length: 20 }, () => timed(read())), ...Array.from({ length: 20 }, () => timed(readByPrisma()))]),
  );
  const refusals = answers.map(({ value, ms }) => ({ status: value.status, code: codeOf(value), ms }));
  expect(refusals.filter(({ status }) => status !== 503)).toEqual([]);
  const refused = refusals.filter(({ code }) => code === 'OVERLOADED');
  const ended = refusals.filter(({ code }) => code === 'DB_UNAVAILABLE');
  expect(refused.length).toBeGreaterThanOrEqual(answers.length - 2 * connections);
  expect(refused.length + ended.length).toBe(answers.length);
  expect(Math.max(...refused.map(({ ms }) => ms))).toBeLessThan(2100);
  // The database itself ends what holds a connection: nothing goes on for an answer that nobody waits for.
  expect(Math.max(...ended.map(({ ms }) => ms))).toBeLessThan(5000);
  expect(await activeReads()).toBe(0);
  expect((await read()).status).toBe(200);
  expect((await readByPrisma()).status).toBe(200);
});

it('row 54: takes leads while every connection for reading is held', async () => {
  await whileReadsAreSlow(async () => {
    const slow = Array.from({ length: 20 }, readByPrisma);
    expect((await app.send('POST', '/api/postback', { email: 'meanwhile@example.com' })).status).toBe(201);
    await Promise.all(slow);
  }, '"Webhook"');
});

it('row 54: ends statements of every connection after a bounded time', async () => {
  for (const pool of [app.services.database.readPool, app.services.database.writePool]) {
    const { rows } = await pool.query<{ limit: number }>(
      `SELECT extract(epoch FROM current_setting('statement_timeout')::interval)::float8 AS limit`,
    );
    expect(rows[0]?.limit).toBeGreaterThan(0);
    expect(rows[0]?.limit).toBeLessThanOrEqual(5);
  }
});
