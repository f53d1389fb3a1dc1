import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { migrate } from '../../src/platform/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { withDatabase } from '../support/test-server.ts';

let dir: string;
let database: TestDatabase;
let client: Client;

const add = (name: string, sql: string) => {
  mkdirSync(path.join(dir, name), { recursive: true });
  writeFileSync(path.join(dir, name, 'migration.sql'), sql);
};
const recorded = async () => {
  const { rows } = await client.query<{ line: string }>(
    `SELECT migration_name || ' ' || applied_steps_count || ' ' || (finished_at IS NOT NULL) AS line FROM "_prisma_migrations" ORDER BY 1`,
  );
  return rows.map((row) => row.line);
};
const tables = async () => {
  const { rows } = await client.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 't%' ORDER BY 1`,
  );
  return rows.map((row) => row.name);
};

beforeEach(async () => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'leadgraph-migrations-'));
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('DROP TABLE "_prisma_migrations"');
  add('1_first', 'CREATE TABLE t1 (id int); CREATE TABLE t2 (id int);');
  add('2_second', `CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$; INSERT INTO t1 VALUES (f());`);
});

afterEach(async () => {
  await client.end();
  await database.drop();
  rmSync(dir, { recursive: true });
});

it('applies what is new, in order, and nothing twice', async () => {
  expect(await migrate(database.url, dir)).toEqual(['1_first', '2_second']);
  add('3_third', 'CREATE TABLE t3 (id int)');
  expect(await migrate(database.url, dir)).toEqual(['3_third']);
  expect(await migrate(database.url, dir)).toEqual([]);
  expect(await recorded()).toEqual(['1_first 1 true', '2_second 1 true', '3_third 1 true']);
});

it('applies each migration once when several servers start together', async () => {
  const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(database.url, dir)));
  expect(applied.flat().sort()).toEqual(['1_first', '2_second']);
  expect((await client.query('SELECT id FROM t1')).rows).toEqual([{ id: 1 }]);
});

it('refuses a migration that was edited after it was applied', async () => {
  await migrate(database.url, dir);
  add('1_first', 'CREATE TABLE t9 (id int)');
  await expect(migrate(database.url, dir)).rejects.toThrow('The migration 1_first was edited after this database had applied it');
});

it('leaves nothing of a migration that fails, and goes on where it was once that is repaired', async () => {
  add('3_third', 'CREATE TABLE t3 (id int); SELECT broken;');
  await expect(migrate(database.url, dir)).rejects.toThrow(
    'The migration 3_third failed and was rolled back: column "broken" does not exist',
  );
  expect(await tables()).toEqual(['t1', 't2']);
  add('3_third', 'CREATE TABLE t3 (id int)');
  expect(await migrate(database.url, dir)).toEqual(['3_third']);
});

it('refuses a database where the Prisma CLI left a migration half done', async () => {
  await migrate(database.url, dir);
  await client.query(`UPDATE "_prisma_migrations" SET finished_at = NULL WHERE migration_name = '2_second'`);
  await expect(migrate(database.url, dir)).rejects.toThrow('The migration 2_second was begun on this database and never finished');
  await client.query('UPDATE "_prisma_migrations" SET rolled_back_at = now() WHERE finished_at IS NULL');
  add('2_second', 'CREATE TABLE t4 (id int)');
  expect(await migrate(database.url, dir)).toEqual(['2_second']);
});

it('gives every test a database with the current schema', async () => {
  const { url, template } = inject('testServer');
  const { rows } = await client.query(`SELECT to_regclass('"Lead"')::text AS lead`);
  expect(rows).toEqual([{ lead: '"Lead"' }]);
  await expect(migrate(withDatabase(url, template), path.join(import.meta.dirname, '../../prisma/migrations'))).resolves.toEqual([]);
});
