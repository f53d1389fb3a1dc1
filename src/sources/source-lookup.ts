import type pg from 'pg';
import { createBatchedLookup } from '../platform/batched-lookup.ts';
import type { Log } from '../platform/log.ts';
import type { ActiveSource } from './source.ts';
import { reasonOf } from '../platform/error-reason.ts';

/** A source together with one of its keys that counts now. */
export interface KeyedSource extends ActiveSource {
  /** SHA-256 of the key, in hex. */
  readonly hash: string;
}

export interface SourceLookup {
  /** Null: no source has this key, or not any more. Rejects with UnavailableError when the database does not answer in time. */
  readonly byKeyHash: (hash: string) => Promise<KeyedSource | null>;
  readonly byId: (id: string) => Promise<ActiveSource | null>;
  /** Resolves when no statement is under way. */
  readonly drained: () => Promise<void>;
}

interface KeyRow extends KeyedSource {
  readonly useIsNews: boolean;
}

const columns = `s."id", s."accountId", s."name", s."enabled", s."complianceApproved", s."requiresTrustedForm",
  s."allowedStates", s."allowedProducts", s."defaultTags", s."costPerLead"`;

/** Looks sources up, on the writers' pool: a heavy report cannot keep a lead waiting at the door. */
export function createSourceLookup(pool: pg.Pool, log: Log): SourceLookup {
  const byKey = createBatchedLookup<KeyRow>(
    async (hashes) => {
      const { rows } = await pool.query<KeyRow>({
        name: 'sources-by-key',
        text: `SELECT ${columns}, encode(k."hash", 'hex') AS "hash",
            (k."lastUsedAt" IS NULL OR k."lastUsedAt" < now() - interval '1 minute') AS "useIsNews"
          FROM "SourceKey" k JOIN "Source" s ON s."id" = k."sourceId"
          WHERE k."hash" = ANY (SELECT decode(unnest($1::text[]), 'hex')) AND (k."expiresAt" IS NULL OR k."expiresAt" > now())`,
        values: [hashes],
      });
      await noteUse(rows.filter((row) => row.useIsNews).map((row) => row.hash));
      return rows;
    },
    (row) => row.hash,
  );
  const byId = createBatchedLookup<ActiveSource>(
    async (ids) => {
      const text = `SELECT ${columns} FROM "Source" s WHERE s."id" = ANY ($1::uuid[])`;
      return (await pool.query<ActiveSource>({ name: 'sources-by-id', text, values: [ids] })).rows;
    },
    (row) => row.id,
  );

  /** At most once a minute per key; a lead does not fail with it. */
  async function noteUse(hashes: readonly string[]): Promise<void> {
    if (hashes.length === 0) return;
    const text = `UPDATE "SourceKey" SET "lastUsedAt" = now() WHERE "hash" = ANY (SELECT decode(unnest($1::text[]), 'hex'))`;
    await pool.query(text, [hashes]).catch((error: unknown) => {
      log.warn({ keys: hashes.length, reason: reasonOf(error) }, 'last use of source keys not noted');
    });
  }

  return {
    byKeyHash: byKey.find,
    byId: byId.find,
    async drained() {
      await Promise.all([byKey.drained(), byId.drained()]);
    },
  };
}
