import type pg from 'pg';
import type { ApiKeyScope } from '../../prisma/generated/client/client.ts';
import { UnavailableError } from '../errors.ts';
import { isDatabaseAway } from '../platform/database.ts';
import { createGate } from '../platform/gate.ts';
import type { Log } from '../platform/log.ts';

/** A key that counts: known and not revoked. */
export interface ActiveApiKey {
  readonly id: string;
  readonly accountId: string;
  readonly scope: ApiKeyScope;
  readonly name: string;
}

export interface ApiKeyLookup {
  /** `hash` in hex. Null: unknown or revoked. Rejects with UnavailableError when the database does not answer in time. */
  readonly byHash: (hash: string) => Promise<ActiveApiKey | null>;
  readonly byId: (id: string) => Promise<ActiveApiKey | null>;
  /** Resolves when no statement is under way. */
  readonly drained: () => Promise<void>;
}

type Column = 'hash' | 'id';

interface Question {
  readonly value: string;
  readonly resolve: (key: ActiveApiKey | null) => void;
  readonly reject: (error: unknown) => void;
}

interface Row extends ActiveApiKey {
  readonly hash: string;
  readonly useIsNews: boolean;
}

const answerWithinMs = 2000;

const columns = `"id", "accountId", "scope", "name", encode("hash", 'hex') AS "hash",
  ("lastUsedAt" IS NULL OR "lastUsedAt" < now() - interval '1 minute') AS "useIsNews"`;

const statements: Record<Column, string> = {
  hash: `SELECT ${columns} FROM "ApiKey" WHERE "hash" = ANY (SELECT decode(unnest($1::text[]), 'hex')) AND "revokedAt" IS NULL`,
  id: `SELECT ${columns} FROM "ApiKey" WHERE "id" = ANY ($1::uuid[]) AND "revokedAt" IS NULL`,
};

/**
 * Looks API keys up in batches, one statement at a time: a flood of unknown keys takes one connection, not all of them.
 * Uses the writers' pool, so that a heavy report cannot keep a lead waiting at the door.
 */
export function createApiKeyLookup(pool: pg.Pool, log: Log): ApiKeyLookup {
  const notes = new Set<Promise<unknown>>();
  const gates = { hash: createLane('hash'), id: createLane('id') };

  function createLane(column: Column) {
    return createGate<Question>({
      maxBatch: 256,
      maxInFlight: 1,
      maxWaiting: 4096,
      run: (_lane, questions) => answer(column, questions).finally(() => questions.forEach(() => gates[column].leave())),
    });
  }

  async function answer(column: Column, questions: readonly Question[]): Promise<void> {
    try {
      const { rows } = await pool.query<Row>(statements[column], [questions.map((question) => question.value)]);
      const found = new Map(rows.map((row) => [row[column], row]));
      for (const question of questions) question.resolve(found.get(question.value) ?? null);
      noteUse(rows.filter((row) => row.useIsNews).map((row) => row.id));
    } catch (error) {
      const reason = isDatabaseAway(error) ? new UnavailableError('DB_UNAVAILABLE') : error;
      for (const question of questions) question.reject(reason);
    }
  }

  /** In the background and at most once a minute per key, whichever process saw it: no request waits for it or fails with it. */
  function noteUse(ids: readonly string[]): void {
    if (ids.length === 0) return;
    const note = pool
      .query(
        `UPDATE "ApiKey" SET "lastUsedAt" = now() WHERE "id" = ANY ($1::uuid[]) AND ("lastUsedAt" IS NULL OR "lastUsedAt" < now() - interval '1 minute')`,
        [ids],
      )
      .catch((error: unknown) =>
        log.warn({ keys: ids.length, reason: error instanceof Error ? error.message : 'unknown' }, 'last use of API keys not noted'),
      )
      .finally(() => notes.delete(note));
    notes.add(note);
  }

  function ask(column: Column, value: string): Promise<ActiveApiKey | null> {
    return new Promise((resolve, reject) => {
      const overdue = setTimeout(() => reject(new UnavailableError('DB_UNAVAILABLE')), answerWithinMs);
      const settled =
        <Outcome>(settle: (outcome: Outcome) => void) =>
        (outcome: Outcome) => {
          clearTimeout(overdue);
          settle(outcome);
        };
      const question = { value, resolve: settled(resolve), reject: settled(reject) };
      if (!gates[column].add(column, question)) question.reject(new UnavailableError('OVERLOADED'));
    });
  }

  return {
    byHash: (hash) => ask('hash', hash),
    byId: (id) => ask('id', id),
    async drained() {
      await Promise.all([gates.hash.drained(), gates.id.drained()]);
      await Promise.all(notes);
    },
  };
}
