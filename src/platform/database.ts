import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { Prisma, PrismaClient } from '../../prisma/generated/client/client.ts';
import type { Log } from './log.ts';

export type Db = PrismaClient;

export interface Database {
  /** Reads through the graph: Prisma, and our own statements for the hot lists. */
  readonly prisma: Db;
  readonly readPool: pg.Pool;
  /** Writers have connections of their own, so that a heavy report can never keep a lead waiting. */
  readonly writePool: pg.Pool;
  readonly url: string;
  close(): Promise<void>;
}

const connectTimeoutMs = 2000;
/** Under the 2.5 s in which a caller is promised an answer, even when the database swallows packets. */
const queryTimeoutMs = 2200;

/** Rows read by our own SQL have the very types that Prisma gives: Decimal, bigint and Date. */
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  [pg.types.builtins.NUMERIC]: (text) => new Prisma.Decimal(text),
  [pg.types.builtins.INT8]: (text) => BigInt(text),
  [pg.types.builtins.DATE]: (text) => new Date(`${text}T00:00:00.000Z`),
  // Sessions run in UTC, so the offset is always "+00".
  [pg.types.builtins.TIMESTAMPTZ]: (text) => new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`),
};

const rowTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (format === 'binary' ? undefined : parsers[oid]) ?? pg.types.getTypeParser(oid, format),
};

function createPool(url: string, name: string, max: number, log: Log, settings = ''): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: `leadgraph ${name}`,
    max,
    types: rowTypes,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
    statement_timeout: queryTimeoutMs,
    // A process that was stopped between two statements must not keep the account's lock.
    idle_in_transaction_session_timeout: 5000,
    options: `-c TimeZone=UTC -c DateStyle=ISO ${settings}`,
    keepAlive: true,
  });
  // An idle connection that breaks is replaced; without a listener it would end the process.
  pool.on('error', (error) => log.warn({ pool: name, reason: error.message }, 'database connection lost'));
  return pool;
}

export function createDatabase(url: string, log: Log): Database {
  // Compiling a statement takes longer than any of ours may run.
  const readPool = createPool(url, 'reader', 12, log, '-c jit=off');
  // The batch statements are large and always the same: planning them each time would cost more than running them. They always go by index,
  // also while a young table's statistics still say that it is empty.
  const writePool = createPool(url, 'writer', 8, log, '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off');
  const prisma = new PrismaClient({ adapter: new PrismaPg(readPool) });
  return {
    prisma,
    readPool,
    writePool,
    url,
    async close() {
      await prisma.$disconnect();
      await Promise.all([readPool.end(), writePool.end()]);
    },
  };
}

const connectionStates = new Set(['57P01', '57P02', '57P03', '57014', '53300', '25P03', '55P03']);
const socketCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const driverMessages =
  /timeout exceeded when trying to connect|Query read timeout|Connection terminated|not queryable|Cannot use a pool after|Can't reach database|Server has closed the connection/i;

/** Whether an error says that the database is away or too slow, rather than that a statement is wrong. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (connectionStates.has(code) || socketCodes.has(code) || code.startsWith('08')) return true;
  // Prisma's names for: cannot reach, timed out, closed, pool timeout, transaction expired.
  if (['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028'].includes(code)) return true;
  return driverMessages.test(error.message) || (error.cause !== undefined && isDatabaseAway(error.cause));
}
