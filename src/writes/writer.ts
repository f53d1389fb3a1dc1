import type pg from 'pg';
import { IdempotencyKeyReusedError, DomainError, UnavailableError } from '../errors.ts';
import { type Database, isDatabaseAway, isPlanStale, whyUnavailable } from '../platform/database.ts';
import { createGate } from '../platform/gate.ts';
import type { Log } from '../platform/log.ts';
import { decodeAnswer, encodeAnswer } from './answer.ts';
import type { Command } from './draft.ts';
import { WaitingNotLoaded } from './crm-index.ts';
import { loadAnswers, loadFirstRows, loadRows, loadWaiting, takeTurn } from './load.ts';
import type { AnswerRow } from './tables.ts';
import { WorkingSet } from './working-set.ts';
import { sendWrites } from './send-writes.ts';
import { reasonOf } from '../platform/error-reason.ts';

export interface Written<Result> {
  readonly result: Result;
  /** The answer of an earlier request with the same idempotency key. */
  readonly replayed: boolean;
}

export interface Writer {
  /** Resolves after commit. Rejects with the command's own DomainError, or with UnavailableError when the outcome is not known in time. */
  write<Result>(accountId: string, credential: string, command: Command<Result>): Promise<Written<Result>>;
  /** Throws UnavailableError when a command would be refused now: for operations that have not even looked at their input. */
  assertRoom(accountId: string): void;
  /** Settles what is under way, then takes nothing more. */
  close(): Promise<void>;
}

interface Job {
  readonly credential: string;
  readonly command: Command<unknown>;
  readonly deadline: number;
  settled: boolean;
  readonly resolve: (written: Written<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly written: Written<unknown> } | { readonly refused: unknown };

const answerWithinMs = 2300;
/** So that a write which is accepted while too much arrives is answered within a second, unless a single batch takes most of that. */
const maxWaitMs = 250;
const retriesOnConflict = 2;
/** As many connections may have prepared their statements before a migration, and one more has not. */
const retriesOnStalePlan = 9;

export interface WriterOptions {
  /** For tests: in place of the database's clock, which cannot be made to jump. */
  readonly now?: () => Date;
}

/** The one way in for writes: commands of one account form batches, each batch is one transaction. */
export function createWriter(database: Pick<Database, 'writePool'>, log: Log, options: WriterOptions = {}): Writer {
  const open = new Set<Job>();
  let closing = false;

  const gate = createGate<Job>({ maxBatch: 256, maxInFlight: 2, maxWaiting: 8192, patience: { maxWaitMs, shed }, run });

  // One timer for all jobs: a request whose batch is stuck is told so in time, whatever becomes of the batch.
  const overdue = setInterval(() => {
    const now = performance.now();
    for (const job of open) if (job.deadline <= now) settle(job, { refused: new UnavailableError('DB_UNAVAILABLE') });
  }, 100);
  overdue.unref();

  function settle(job: Job, outcome: Outcome): void {
    if (job.settled) return;
    job.settled = true;
    open.delete(job);
    if ('written' in outcome) job.resolve(outcome.written);
    else job.reject(outcome.refused);
  }

  function shed(job: Job): void {
    settle(job, { refused: new UnavailableError('OVERLOADED') });
    gate.leave();
  }

  async function run(accountId: string, all: readonly Job[]): Promise<void> {
    const jobs = all.filter((job) => !job.settled);
    try {
      if (jobs.length > 0) await runTogether(accountId, jobs, 0);
    } catch (error) {
      for (const job of jobs) settle(job, { refused: error });
    } finally {
      for (const _ of all) gate.leave();
    }
  }

  async function runTogether(accountId: string, jobs: readonly Job[], attempt: number): Promise<void> {
    const [first] = jobs;
    const next = jobs.findIndex(({ command }, i) => i > 0 && (command.alone || first?.command.alone));
    if (next > 0) {
      await runTogether(accountId, jobs.slice(0, next), attempt);
      return runTogether(accountId, jobs.slice(next), attempt);
    }
    try {
      const outcomes = await inTransaction(database.writePool, (client) => decideAndWrite(client, accountId, jobs, options.now));
      jobs.forEach((job, i) => settle(job, outcomes[i] ?? { refused: new Error('a batch left a command without outcome') }));
    } catch (error) {
      const unavailable = whyUnavailable(error);
      if (unavailable) {
        log.warn({ reason: reasonOf(error), jobs: jobs.length }, 'write batch could not reach the database');
        for (const job of jobs) settle(job, { refused: new UnavailableError(unavailable) });
      } else if ((isConflict(error) && attempt < retriesOnConflict) || (isPlanStale(error) && attempt < retriesOnStalePlan)) {
        await runTogether(accountId, jobs, attempt + 1);
      } else if (jobs.length > 1) {
        // One command made the whole statement fail; alone, it fails alone.
        for (const job of jobs) await runTogether(accountId, [job], 0);
      } else {
        for (const job of jobs) settle(job, { refused: error });
      }
    }
  }

  return {
    write<Result>(accountId: string, credential: string, command: Command<Result>): Promise<Written<Result>> {
      if (closing) return Promise.reject(new UnavailableError('SHUTTING_DOWN'));
      return new Promise((resolve, reject) => {
        const job: Job = {
          credential,
          command,
          deadline: performance.now() + answerWithinMs,
          settled: false,
          resolve: resolve as (written: Written<unknown>) => void,
          reject,
        };
        if (!gate.add(accountId, job)) return reject(new UnavailableError('OVERLOADED'));
        open.add(job);
      });
    },
    assertRoom(accountId) {
      if (!gate.hasRoom(accountId)) throw new UnavailableError('OVERLOADED');
    },
    async close() {
      closing = true;
      await gate.drained();
      clearInterval(overdue);
    },
  };
}

interface Decided<Result> {
  readonly result: Result;
  /** The statements that were sent for it. */
  readonly writes: readonly Promise<unknown>[];
}

async function inTransaction<Result>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<Decided<Result>>): Promise<Result> {
  const client = await pool.connect();
  try {
    const { result, writes } = await work(client);
    // COMMIT does not wait for the answers: after a statement that failed, PostgreSQL takes it for ROLLBACK.
    await Promise.all([...writes, client.query('COMMIT')]);
    client.release();
    return result;
  } catch (error) {
    // A connection whose answer did not come in time is not reused: its answer may still arrive.
    if (isDatabaseAway(error) || isPlanStale(error)) client.release(true);
    else {
      const broken = await client.query('ROLLBACK').then(
        () => false,
        () => true,
      );
      client.release(broken);
    }
    throw error;
  }
}

/**
 * One batch: load what it touches, decide in arrival order, write everything. The caller commits. What is asked for first travels with the
 * account's turn, and COMMIT with the writes, so that a batch waits for the database twice, however busy this process is in between.
 */
async function decideAndWrite(
  client: pg.ClientBase,
  accountId: string,
  jobs: readonly Job[],
  now?: () => Date,
): Promise<Decided<Outcome[]>> {
  const touches = jobs.map((job) => job.command.touches);
  const [head, first, known] = await Promise.all([
    takeTurn(client, accountId),
    loadFirstRows(client, accountId, touches),
    loadKnownAnswers(client, accountId, jobs),
  ]);
  const set = new WorkingSet({ seq: Number(head.seq), leadNumber: head.leadNumber, now: now?.() ?? head.now });
  await loadRows(client, accountId, touches, first, set);
  const answers: AnswerRow[] = [];

  const decide = (job: Job): Outcome | WaitingNotLoaded => {
    const { command, credential } = job;
    try {
      const recordKey = command.idempotency && toRecordKey(credential, command.operation, command.idempotency.key);
      const earlier = recordKey === null ? undefined : known.get(recordKey);
      if (earlier && command.idempotency && !set.isRemoved(earlier.leadId)) {
        if (earlier.requestHash !== command.idempotency.requestHash) throw new IdempotencyKeyReusedError();
        return { written: { result: decodeAnswer(earlier.answer), replayed: true } };
      }
      const result = set.run(command.apply);
      if (recordKey !== null && command.idempotency) {
        const row: AnswerRow = {
          accountId,
          credential,
          operation: command.operation,
          ...command.idempotency,
          answer: encodeAnswer(result),
          leadId: leadIdOf(result),
          createdAt: set.now,
        };
        answers.push(row);
        known.set(recordKey, { ...row, answer: JSON.parse(row.answer) });
      }
      return { written: { result, replayed: false } };
    } catch (error) {
      if (error instanceof DomainError) return { refused: error };
      if (error instanceof WaitingNotLoaded) return error;
      throw error;
    }
  };
  const outcomes: Outcome[] = [];
  for (const job of jobs) {
    let outcome = decide(job);
    // It gives a lead a CRM id that its touches did not name. Deciding is pure, so it decides again once the rest is there.
    while (outcome instanceof WaitingNotLoaded) {
      await loadWaiting(client, accountId, [outcome.crmLeadId], set);
      outcome = decide(job);
    }
    outcomes.push(outcome);
  }

  // The answer that shows a lead goes with it, also within the batch that removes it.
  const kept = answers.filter((row) => !set.isRemoved(row.leadId));
  return { result: outcomes, writes: set.isChanged || kept.length > 0 ? await sendWrites(client, accountId, set, kept) : [] };
}

interface KnownAnswer {
  readonly requestHash: string;
  readonly answer: unknown;
  readonly leadId: string | null;
}

const toRecordKey = (credential: string, operation: string, key: string): string => JSON.stringify([credential, operation, key]);

async function loadKnownAnswers(client: pg.ClientBase, accountId: string, jobs: readonly Job[]): Promise<Map<string, KnownAnswer>> {
  const keys = jobs.flatMap(({ credential, command: { operation, idempotency } }) =>
    idempotency ? [{ credential, operation, key: idempotency.key }] : [],
  );
  const rows = await loadAnswers(client, accountId, keys);
  return new Map(rows.map((row) => [toRecordKey(row.credential, row.operation, row.key), row]));
}

/** The lead that an answer shows, so that erasing the lead erases the answer. */
function leadIdOf(result: unknown): string | null {
  if (typeof result !== 'object' || result === null || !('lead' in result)) return null;
  const { lead } = result;
  return typeof lead === 'object' && lead !== null && 'id' in lead && typeof lead.id === 'string' ? lead.id : null;
}

const isConflict = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && ['23505', '40001', '40P01'].includes(error.code);
