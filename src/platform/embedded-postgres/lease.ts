import { Client } from 'pg';
import { superuser } from './data-folder.ts';
import { EmbeddedPostgresError, errorCode } from './start-error.ts';

/** Any constant will do; it is only ever locked in the `postgres` database of the embedded server. */
const leaseKey = 5_432_001;
const setupKey = 5_432_002;
/** The application's account. Not a superuser: a hole in a statement must not become a shell on this machine. */
export const applicationRole = 'leadgraph';
const applicationDatabase = 'leadgraph';

/** A process's claim on the embedded server: a connection that holds a shared lock for as long as the process uses the server. */
export interface Lease {
  /** Settles when the connection is gone, which usually means that the server is. */
  readonly lost: Promise<void>;
  /** Gives the claim back. True: nobody else has one and nobody can get one, so the server may be stopped. */
  release(): Promise<boolean>;
  close(): Promise<void>;
}

export function connectionUrl(role: string, password: string, port: number, database: string): string {
  return `postgresql://${role}:${password}@127.0.0.1:${port}/${database}?sslmode=disable`;
}

/** Where the application connects to. */
export function applicationUrl(password: string, port: number): string {
  return connectionUrl(applicationRole, password, port, applicationDatabase);
}

/** Null when the server is starting, stopping or gone. */
export async function takeLease(port: number, password: string): Promise<Lease | null> {
  const client = new Client({
    connectionString: connectionUrl(superuser, password, port, 'postgres'),
    application_name: 'leadgraph lease',
    connectionTimeoutMillis: 5000,
  });
  let lose: () => void;
  const lost = new Promise<void>((resolve) => {
    lose = resolve;
  });
  client.on('error', () => lose());
  client.on('end', () => lose());
  try {
    await client.connect();
    // While the last process stops the server, it holds this lock for itself: we wait here until the server is gone.
    await client.query('SELECT pg_advisory_lock_shared($1)', [leaseKey]);
    await createApplicationDatabase(client, password);
  } catch (error) {
    await client.end().catch(() => undefined);
    if (errorCode(error) === '28P01') {
      throw new EmbeddedPostgresError(
        `The PostgreSQL on port ${port} refuses the password in postgres.password: restore the file that belongs to this data folder`,
      );
    }
    if (isAway(error)) return null;
    throw error;
  }
  return {
    lost,
    async release() {
      try {
        await client.query('SELECT pg_advisory_unlock_shared($1)', [leaseKey]);
        const { rows } = await client.query<{ alone: boolean }>('SELECT pg_try_advisory_lock($1) AS alone', [leaseKey]);
        return rows[0]?.alone ?? false;
      } catch {
        // The connection is gone, and so is the server; nobody can say who else uses it.
        return false;
      }
    },
    close: () => client.end().catch(() => undefined),
  };
}

function isAway(error: unknown): boolean {
  const code = errorCode(error);
  return code.startsWith('57P') || code.startsWith('E') || (error instanceof Error && /terminated|timeout expired/.test(error.message));
}

async function createApplicationDatabase(client: Client, password: string): Promise<void> {
  const { rows } = await client.query('SELECT FROM pg_database WHERE datname = $1', [applicationDatabase]);
  if (rows.length > 0) return;
  // Two processes may be here at once. CREATE DATABASE refuses to run in a transaction, so the lock belongs to the session.
  await client.query('SELECT pg_advisory_lock($1)', [setupKey]);
  try {
    const found = await client.query<{ role: boolean; database: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS role, EXISTS (SELECT FROM pg_database WHERE datname = $2) AS database`,
      [applicationRole, applicationDatabase],
    );
    const [exists] = found.rows;
    // CREATEDB is for the shadow database of `prisma migrate dev` and for the tests' databases.
    if (!exists?.role) {
      await client.query(`CREATE ROLE ${applicationRole} LOGIN CREATEDB PASSWORD ${client.escapeLiteral(password)}`);
    }
    if (!exists?.database) await client.query(`CREATE DATABASE ${applicationDatabase} OWNER ${applicationRole}`);
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [setupKey]);
  }
}
