import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type Database } from '../../src/platform/database.ts';
import { silent, until } from '../live/change-log.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { administer } from '../support/test-server.ts';

let empty: TestDatabase;
let database: Database;
beforeAll(async () => {
  empty = await createTestDatabase();
  database = createDatabase(empty.url, silent);
});
afterAll(async () => {
  await database.close();
  await empty.drop();
});

it('row 52: outlives a connection that breaks between two statements of a transaction', async () => {
  const client = await database.writePool.connect();
  let broke = false;
  client.once('end', () => (broke = true));
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await administer(empty.url, `SELECT pg_terminate_backend(${rows[0]?.pid})`);
  await until('the connection broke', () => broke);
  await expect(client.query('SELECT 1')).rejects.toThrow(/not queryable/);
  client.release(true);
  expect((await database.writePool.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
});

it('row 59: answers statements that were prepared before a migration made their table wider', async () => {
  const pool = database.readPool;
  await administer(empty.url, 'CREATE TABLE grows (n INT); INSERT INTO grows VALUES (1)');
  const ask = () => pool.query({ name: 'grows', text: 'SELECT * FROM grows WHERE n = $1', values: [1] });
  const everyConnection = () => Promise.all(Array.from({ length: 12 }, ask));
  await everyConnection();
  await administer(empty.url, 'ALTER TABLE grows ADD COLUMN later TEXT');
  const answers = await everyConnection();
  expect(answers.map(({ rows }) => rows)).toEqual(Array.from({ length: 12 }, () => [{ n: 1, later: null }]));
});
