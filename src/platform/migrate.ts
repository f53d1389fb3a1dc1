import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';

/** A migration that must not be applied as things are; a person has to look. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/** The key that Prisma's own CLI locks, so that it and we can never migrate at the same time. */
const lockKey = 72_707_369;
const lockTimeoutSeconds = 60;

/** Prisma's bookkeeping table, to the letter: `prisma migrate status` and `dev` work on a database that we migrated, and we on theirs. */
const bookkeeping = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL, "checksum" VARCHAR(64) NOT NULL, "finished_at" TIMESTAMPTZ, "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT, "rolled_back_at" TIMESTAMPTZ, "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(), "applied_steps_count" INTEGER NOT NULL DEFAULT 0)`;

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** Applies the migrations in `dir` that the database does not have yet, in order, and names them. Safe when several servers start together. */
export async function migrate(connectionString: string, dir: string): Promise<string[]> {
  const migrations = readMigrations(dir);
  const client = new Client({ connectionString, application_name: 'leadgraph migrate', connectionTimeoutMillis: 10_000 });
  // A connection that breaks also fails the query in flight; without a listener it would end the process as well.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await lock(client);
    await client.query(bookkeeping);
    const applied = await readApplied(client);
    const pending = migrations.filter((migration) => !isApplied(migration, applied));
    for (const migration of pending) await apply(client, migration);
    return pending.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

function readMigrations(dir: string): Migration[] {
  const folders = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders
    .map(({ name }) => name)
    .sort()
    .map((name) => {
      const sql = readFileSync(path.join(dir, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}

/** Waits for another server that is migrating; its work is then ours as well. The lock ends with the connection. */
async function lock(client: Client): Promise<void> {
  try {
    await client.query(`SET lock_timeout = '${lockTimeoutSeconds}s'`);
    await client.query('SELECT pg_advisory_lock($1)', [lockKey]);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === '55P03')) throw error;
    throw new MigrationError(
      `Another process has been migrating this database for more than ${lockTimeoutSeconds} s: wait for it or end it, then start again`,
    );
  }
}

async function readApplied(client: Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ name: string; checksum: string; finished: boolean }>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished FROM "_prisma_migrations" WHERE rolled_back_at IS NULL`,
  );
  const failed = rows.find((row) => !row.finished);
  if (failed) {
    throw new MigrationError(
      `The migration ${failed.name} was begun on this database and never finished: repair what it left, then run prisma migrate resolve --applied or --rolled-back ${failed.name}`,
    );
  }
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

function isApplied(migration: Migration, applied: ReadonlyMap<string, string>): boolean {
  const checksum = applied.get(migration.name);
  if (checksum === undefined) return false;
  if (checksum === migration.checksum) return true;
  throw new MigrationError(
    `The migration ${migration.name} was edited after this database had applied it: restore the file and put the change into a new migration`,
  );
}

/** All or nothing, bookkeeping included: a process that is killed here leaves no half a migration for anyone to repair. */
async function apply(client: Client, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    // The rollback comes with the end of the connection.
    throw new MigrationError(
      `The migration ${name} failed and was rolled back: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}
