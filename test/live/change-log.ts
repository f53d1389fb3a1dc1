import { randomUUID } from 'node:crypto';
import { createDatabase, type Database } from '../../src/platform/database.ts';
import { createLog } from '../../src/platform/log.ts';
import { createTestDatabase } from '../support/database.ts';

export const silent = createLog('silent', true);

/** A database with change logs that a test writes by hand, in the order of statements in which the writer does. */
export interface ChangeLog {
  readonly database: Database;
  readonly url: string;
  newAccount(): Promise<string>;
  /** Appends changes in one commit. */
  append(accountId: string, changes: readonly NewTestChange[]): Promise<void>;
  close(): Promise<void>;
}

export interface NewTestChange {
  readonly type?: string;
  readonly leadId?: string;
  readonly stage?: string;
  readonly sourceName?: string;
  readonly campaignName?: string | null;
  readonly occurredAt?: Date;
  readonly padding?: string;
  /** What the fields that it changed held before. */
  readonly previous?: Readonly<Record<string, string>>;
}

export async function createChangeLog(): Promise<ChangeLog> {
  const empty = await createTestDatabase();
  const database = createDatabase(empty.url, silent);
  return {
    database,
    url: empty.url,
    async newAccount() {
      const id = randomUUID();
      await database.writePool.query('INSERT INTO "Account" (id, name) VALUES ($1, $2)', [id, id]);
      await database.writePool.query('INSERT INTO "LogHead" ("accountId") VALUES ($1)', [id]);
      return id;
    },
    async append(accountId, changes) {
      const client = await database.writePool.connect();
      try {
        await client.query('BEGIN');
        const { rows } = await client.query<{ seq: bigint }>('SELECT seq FROM "LogHead" WHERE "accountId" = $1 FOR UPDATE', [accountId]);
        const head = Number(rows[0]?.seq);
        const made = changes.map((change, i) => toRow(accountId, head + i + 1, change));
        await client.query('INSERT INTO "Change" SELECT * FROM json_populate_recordset(NULL::"Change", $1)', [JSON.stringify(made)]);
        await client.query('UPDATE "LogHead" SET seq = $2 WHERE "accountId" = $1', [accountId, head + changes.length]);
        await client.query(`SELECT pg_notify('leadgraph_changes', $1)`, [`${accountId} ${head + changes.length}`]);
        await client.query('COMMIT');
      } finally {
        client.release();
      }
    },
    async close() {
      await database.close();
      await empty.drop();
    },
  };
}

function toRow(accountId: string, seq: number, change: NewTestChange) {
  const { type = 'lead.updated', leadId = randomUUID(), occurredAt = new Date(), previous = null, ...lead } = change;
  const data = { lead: { id: leadId, ...lead } };
  const times = { occurredAt, recordedAt: new Date() };
  return { accountId, seq, id: randomUUID(), type, leadId, origin: 'test', actor: 'test', summary: type, data, previous, ...times };
}

export const times = <Value>(count: number, make: (i: number) => Value): Value[] => Array.from({ length: count }, (_, i) => make(i));

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until the condition holds; fails with its name after some seconds. */
export async function until(name: string, holds: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${name}`);
    await wait(10);
  }
}
