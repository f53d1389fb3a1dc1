import type pg from 'pg';
import type { ApiKeyScope } from '../../prisma/generated/client/client.ts';
import { createBatchedLookup } from '../platform/batched-lookup.ts';
import type { Log } from '../platform/log.ts';
import { reasonOf } from '../platform/error-reason.ts';

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

interface Row extends ActiveApiKey {
  readonly hash: string;
  readonly useIsNews: boolean;
}

const columns = `"id", "accountId", "scope", "name", encode("hash", 'hex') AS "hash",
  ("lastUsedAt" IS NULL OR "lastUsedAt" < now() - interval '1 minute') AS "useIsNews"`;

const statements = {
  hash: `SELECT ${columns} FROM "ApiKey" WHERE "hash" = ANY (SELECT decode(unnest($1::text[]), 'hex')) AND "revokedAt" IS NULL`,
  id: `SELECT ${columns} FROM "ApiKey" WHERE "id" = ANY ($1::uuid[]) AND "revokedAt" IS NULL`,
} as const;

/** Looks API keys up. Uses the writers' pool, so that a heavy report cannot keep a lead waiting at the door. */
export function createApiKeyLookup(pool: pg.Pool, log: Log): ApiKeyLookup {
  const notes = new Set<Promise<unknown>>();
  const lookups = { hash: lookUp('hash'), id: lookUp('id') };

  function lookUp(column: keyof typeof statements) {
    return createBatchedLookup<Row>(
      async (values) => {
        const { rows } = await pool.query<Row>(statements[column], [values]);
        noteUse(rows.filter((row) => row.useIsNews).map((row) => row.id));
        return rows;
      },
      (row) => row[column],
    );
  }

  /** In the background and at most once a minute per key, whichever process saw it: no request waits for it or fails with it. */
  function noteUse(ids: readonly string[]): void {
    if (ids.length === 0) return;
    const note = pool
      .query(
        `UPDATE "ApiKey" SET "lastUsedAt" = now() WHERE "id" = ANY ($1::uuid[]) AND ("lastUsedAt" IS NULL OR "lastUsedAt" < now() - interval '1 minute')`,
        [ids],
      )
      .catch((error: unknown) => log.warn({ keys: ids.length, reason: reasonOf(error) }, 'last use of API keys not noted'))
      .finally(() => notes.delete(note));
    notes.add(note);
  }

  return {
    byHash: lookups.hash.find,
    byId: lookups.id.find,
    async drained() {
      await Promise.all([lookups.hash.drained(), lookups.id.drained()]);
      await Promise.all(notes);
    },
  };
}
