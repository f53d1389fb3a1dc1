import { Socket } from 'node:net';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { z } from 'zod';
import { Prisma, PrismaClient } from '../../prisma/generated/client/client.ts';
import { reasonOf } from './error-reason.ts';
import type { Log } from './log.ts';

export type Db = PrismaClient;

export interface Database {
  /** Reads through the graph: Prisma, and our own statements for the hot lists. */
  readonly prisma: Db;
  readonly readPool: pg.Pool;
  /**
   * Writers have connections of their own, so that a heavy report can never keep a lead waiting. Their statements go out without waiting for
   * the answer to the one before.
   */
  readonly writePool: pg.Pool;
  readonly url: string;
  close(): Promise<void>;
}

/** For a new connection, and for one that somebody else has: a request that waits so long is told to come back later. */
const connectTimeoutMs = 1200;
/** Under the 2.5 s in which a caller is promised an answer, even when the database swallows packets. */
const queryTimeoutMs = 2200;

/** Rows read by our own SQL have the very types that Prisma gives: Decimal, bigint and Date. */
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  [pg.types.builtins.NUMERIC]: parseNumeric,
  [pg.types.builtins.INT8]: (text) => BigInt(text),
  [pg.types.builtins.DATE]: (text) => new Date(`${text}T00:00:00.000Z`),
  [pg.types.builtins.TIMESTAMPTZ]: parseTime,
};

const zero = new Prisma.Decimal(0);

/** Most amounts of most leads are zero, which PostgreSQL writes with all its places. A Decimal never changes, so one serves for all. */
function parseNumeric(text: string): Prisma.Decimal {
  return /^0(?:\.0*)?$/.test(text) ? zero : new Prisma.Decimal(text);
}

/** Sessions run in UTC, so the offset is always "+00". A page has hundreds of times, and a Date made of numbers costs half of one made of a text. */
function parseTime(text: string): Date {
  const isUsual = text.length === usualTimeLength && text[0] !== '0' && text[10] === ' ';
  if (!isUsual) return new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`);
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const ms = twoDigits(text, 20) * 10 + digit(text, 22);
  return new Date(
    Date.UTC(year, twoDigits(text, 5) - 1, twoDigits(text, 8), twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17), ms),
  );
}

const digit = (text: string, i: number): number => text.charCodeAt(i) - 48;
const twoDigits = (text: string, i: number): number => digit(text, i) * 10 + digit(text, i + 1);

const usualTimeLength = '2026-11-20 00:00:00.000+00'.length;

const rowTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (format === 'binary' ? undefined : parsers[oid]) ?? pg.types.getTypeParser(oid, format),
};

function createPool(url: string, name: string, max: number, log: Log, settings = '', pipeline = false): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: `leadgraph ${name}`,
    max,
    types: rowTypes,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: queryTimeoutMs,
    // A process that was stopped between two statements must not keep the account's lock.
    idle_in_transaction_session_timeout: 5000,
    options: `-c TimeZone=UTC -c DateStyle=ISO ${settings}`,
    keepAlive: true,
    pipeline,
  });
  // An idle connection that breaks is replaced; without a listener it would end the process.
  pool.on('error', (error) => log.warn({ pool: name, reason: reasonOf(error) }, 'database connection lost'));
  // The pool listens to idle connections only. One that is lent out and breaks between two statements of its transaction would end the process,
  // too; whoever holds it hears of it from the next statement.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('connect', breakWhenSilent);
  retryStalePlans(pool);
  return pool;
}

/** The database ends a statement that takes too long; when it does not even say that, its connection is given up. */
const silenceMs = queryTimeoutMs + 100;

/**
 * Ends a connection that owes an answer and has been silent for too long. One timer for each connection, not for each query as the driver has
 * it: those keep finished results in memory until the garbage collector looks for old objects, a quarter of the time of a page of leads.
 */
function breakWhenSilent(client: pg.PoolClient): void {
  const { stream } = client.connection;
  if (!(stream instanceof Socket)) return;
  stream.setTimeout(silenceMs);
  stream.on('timeout', () => {
    const isWaiting = Reflect.get(client, 'readyForQuery') === false;
    if (isWaiting) stream.destroy(new Error('Query read timeout'));
  });
}

/**
 * While a newer server migrates the database under this one, each connection has prepared statements whose `SELECT *` has become wider. It
 * says so when one is used and is thrown away for it; another, at last a new one, knows the table as it is.
 */
function retryStalePlans(pool: pg.Pool): void {
  const query = pool.query.bind(pool);
  const retried = async (...args: readonly unknown[]): Promise<unknown> => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await Reflect.apply(query, pool, args);
      } catch (error) {
        if (!isPlanStale(error) || attempt >= pool.options.max) throw error;
      }
    }
  };
  Object.assign(pool, { query: retried });
}

/** A statement that was prepared before a migration: its connection must not be used again. */
export const isPlanStale = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '0A000' && error.message.includes('cached plan');

export function createDatabase(url: string, log: Log): Database {
  // Compiling a statement takes longer than any of ours may run.
  const readPool = createPool(url, 'reader', 12, log, '-c jit=off');
  // The batch statements are large and always the same: planning them each time would cost more than running them. They always go by index,
  // also while a young table's statistics still say that it is empty.
  const writerSettings = '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off';
  const writePool = createPool(url, 'writer', 8, log, writerSettings, true);
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

const connectionStates = new Set(['57P01', '57P02', '57P03', '57014', '25P03', '55P03', '58000', '58030']);
/** No room on the disk, no memory, no connection left: class 53. And what breaks connections: class 08. */
const connectionClasses = new Set(['53', '08']);
const socketCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
/** This process, or the machine, has no file descriptor left to connect with. */
const descriptorCodes = new Set(['EMFILE', 'ENFILE']);
const driverMessages =
  /Connection terminated|timeout expired|Query read timeout|not queryable|Cannot use a pool after|Can't reach database|Server has closed the connection/i;
/** What the pool says when nobody gave a connection back in time. */
const poolIsBusy = /timeout exceeded when trying to connect/i;
/** Prisma's names for: cannot reach, timed out, closed, pool timeout, transaction expired. */
const prismaCodes = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028']);

/** Why the database could not serve: it is away or cannot work, or more is asked of it than we have connections for. Null: the statement is wrong. */
export function whyUnavailable(error: unknown): 'DB_UNAVAILABLE' | 'OVERLOADED' | null {
  if (!(error instanceof Error)) return null;
  const code = codeOf(error);
  if (connectionStates.has(code) || connectionClasses.has(code.slice(0, 2)) || socketCodes.has(code) || prismaCodes.has(code))
    return 'DB_UNAVAILABLE';
  if (descriptorCodes.has(code) || poolIsBusy.test(error.message)) return 'OVERLOADED';
  if (driverMessages.test(error.message)) return 'DB_UNAVAILABLE';
  return error.cause === undefined ? null : whyUnavailable(error.cause);
}

/** Whether an error says that the database is away or too slow, rather than that a statement is wrong. */
export const isDatabaseAway = (error: unknown): boolean => whyUnavailable(error) !== null;

/** PostgreSQL's or the system's code. Prisma wraps some of them in codes of its own. */
function codeOf(error: Error): string {
  const wrapped = error instanceof Prisma.PrismaClientKnownRequestError ? driverError.safeParse(error.meta) : null;
  if (wrapped?.success) return wrapped.data.driverAdapterError.cause.originalCode;
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const driverError = z.object({ driverAdapterError: z.object({ cause: z.object({ originalCode: z.string() }) }) });
