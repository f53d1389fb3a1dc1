import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type Database, isDatabaseAway } from '../platform/database.ts';
import { reasonOf } from '../platform/error-reason.ts';
import type { Log } from '../platform/log.ts';
import { setBit } from './find-candidates.ts';
import { bucketKey, bucketsOf, everyLead, leadsPerBlock } from './search-buckets.ts';

const everyMs = 2000;
/** A search looks at every stale lead, so many of them are not left; a few wait for the passes that tidy up. */
const mostStale = 100;
const tidyEvery = 30;
/** So much is read at once that neither the database nor this process is kept for long. */
const leadsAtOnce = 1024;
const rowsAtOnce = 100;
const restMs = 20;
const bytesPerBlock = leadsPerBlock / 8;

export interface SearchBlockKeeper {
  /** Resolves when every full block has its bits, and no bit is stale but those of the latest writes. */
  readonly runNow: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Makes the bits of blocks that became full, and keeps them true. Any number of processes may do so: one at a time does. */
export function keepSearchBlocks({ writePool }: Pick<Database, 'writePool'>, log: Log): SearchBlockKeeper {
  let stopped = false;
  let passes = 0;
  let running: Promise<void> = Promise.resolve();
  let waiting = 0;

  async function pass(least: number): Promise<void> {
    if (stopped) return;
    await withLock(writePool, async (client) => {
      for (const block of await findDue(client, least)) {
        if (stopped) return;
        await refresh(client, block);
        await sleep(restMs);
      }
    });
  }

  /** One pass after another. */
  function run(least: number): Promise<void> {
    waiting += 1;
    running = running
      .then(() => pass(least))
      .catch((error: unknown) => {
        if (!stopped) log[isDatabaseAway(error) ? 'warn' : 'error']({ reason: reasonOf(error) }, 'search blocks could not be kept');
      })
      .finally(() => {
        waiting -= 1;
      });
    return running;
  }

  const timer = setInterval(() => {
    if (waiting === 0) void run(passes++ % tidyEvery === 0 ? 1 : mostStale);
  }, everyMs);
  timer.unref();
  return {
    runNow: () => run(1),
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}

interface Block {
  readonly accountId: string;
  readonly block: number;
  readonly isNew: boolean;
}

/** The blocks that became full, and those with at least so many stale leads. */
async function findDue(client: pg.ClientBase, leastStale: number): Promise<Block[]> {
  const { rows } = await client.query<Block>({
    name: 'due-search-blocks',
    text: `SELECT h."accountId", n.block, true AS "isNew" FROM "LogHead" h CROSS JOIN LATERAL generate_series(
          (SELECT coalesce(max(block) + 1, 0) FROM "SearchBlock" WHERE "accountId" = h."accountId" AND bucket = ${everyLead}),
          (h."leadNumber" + 1) / ${leadsPerBlock} - 1) AS n(block)
        WHERE h."leadNumber" >= ${leadsPerBlock - 1}
      UNION ALL
      SELECT "accountId", number / ${leadsPerBlock}, false FROM "SearchStale" GROUP BY 1, 2 HAVING count(*) >= $1::int
      ORDER BY 1, 2, 3 DESC`,
    values: [leastStale],
  });
  return rows;
}

const lock = `hashtext('leadgraph search blocks')`;

/** Taken before any snapshot is: what another process wrote until it let go is seen. Does nothing while another has it. */
async function withLock(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  let broken = true;
  try {
    const { rows } = await client.query<{ taken: boolean }>(`SELECT pg_try_advisory_lock(${lock}) AS taken`);
    if (rows[0]?.taken) {
      await work(client);
      await client.query(`SELECT pg_advisory_unlock(${lock})`);
    }
    broken = false;
  } finally {
    // A connection that failed is not reused: closing it ends its transaction, and gives back the lock.
    client.release(broken);
  }
}

/** The leads of a block by bucket, a bit for each. */
type Buckets = Map<number, Buffer>;

/**
 * Brings a block's bits up to date: all of them, or those of stale leads. What it reads is of one moment; leads that change after it are stale
 * again, by rows that this did not see and does not delete.
 */
async function refresh(client: pg.ClientBase, { accountId, block, isNew }: Block): Promise<void> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  const { rows: stale } = await client.query<{ id: bigint; number: number }>({
    name: 'stale-leads',
    text: `SELECT id, number FROM "SearchStale" WHERE "accountId" = $1 AND number / ${leadsPerBlock} = $2`,
    values: [accountId, block],
  });
  const buckets: Buckets = new Map();
  if (isNew) {
    buckets.set(everyLead, Buffer.alloc(bytesPerBlock));
    for (let first = block * leadsPerBlock; first < (block + 1) * leadsPerBlock; first += leadsAtOnce)
      await addLeads(client, accountId, buckets, `number BETWEEN ${first} AND ${first + leadsAtOnce - 1}`, []);
    await writeBuckets(client, accountId, block, buckets, null);
  } else {
    const numbers = [...new Set(stale.map(({ number }) => number))];
    const theirs = Buffer.alloc(bytesPerBlock);
    for (const number of numbers) setBit(theirs, number % leadsPerBlock, true);
    await addLeads(client, accountId, buckets, 'number = ANY($2::int[])', [numbers]);
    await writeBuckets(client, accountId, block, buckets, theirs);
    await clearOtherBuckets(client, accountId, block, buckets, theirs);
  }
  await client.query({
    name: 'forget-stale-leads',
    text: 'DELETE FROM "SearchStale" WHERE "accountId" = $1 AND id = ANY($2::bigint[])',
    values: [accountId, stale.map(({ id }) => id)],
  });
  await client.query('COMMIT');
}

/** Adds leads of a block to the buckets of their words. */
async function addLeads(
  client: pg.ClientBase,
  accountId: string,
  buckets: Buckets,
  which: string,
  values: readonly unknown[],
): Promise<void> {
  // An array of numbers takes ten times as long to read as two bytes for each.
  const { rows } = await client.query<{ word: string; places: Buffer }>(
    `SELECT word, string_agg(int2send((number % ${leadsPerBlock})::int2), '') AS places FROM (
        SELECT number, ${bucketKey('lexeme')} AS word FROM "LeadSearch" CROSS JOIN LATERAL unnest(tsvector_to_array(words)) AS lexeme
        WHERE "accountId" = $1 AND ${which}) w GROUP BY word`,
    [accountId, ...values],
  );
  for (const { word, places } of rows) {
    for (const bucket of [everyLead, ...bucketsOf(word)]) {
      const bits = buckets.get(bucket) ?? Buffer.alloc(bytesPerBlock);
      buckets.set(bucket, bits);
      for (let i = 0; i < places.length; i += 2) setBit(bits, places.readUInt16BE(i), true);
    }
  }
}

/** `theirs`: the leads of which the bits are; null: of all. */
async function writeBuckets(
  client: pg.ClientBase,
  accountId: string,
  block: number,
  buckets: Buckets,
  theirs: Buffer | null,
): Promise<void> {
  const rows = [...buckets];
  const mask = toBits(theirs ?? Buffer.alloc(bytesPerBlock, 255));
  for (let i = 0; i < rows.length; i += rowsAtOnce) {
    const some = rows.slice(i, i + rowsAtOnce);
    await client.query({
      name: 'write-search-block',
      text: `INSERT INTO "SearchBlock" AS b ("accountId", bucket, block, bits)
        SELECT $1, bucket, $2, ('x' || bits)::bit(${leadsPerBlock}) FROM unnest($3::smallint[], $4::text[]) AS r(bucket, bits)
        ON CONFLICT ("accountId", bucket, block) DO UPDATE SET bits = (b.bits & ~('x' || $5)::bit(${leadsPerBlock})) | excluded.bits
          WHERE b.bits & ('x' || $5)::bit(${leadsPerBlock}) <> excluded.bits`,
      values: [accountId, block, some.map(([bucket]) => bucket), some.map(([, bits]) => toBits(bits)), mask],
    });
  }
}

/** These leads are in no other bucket. */
async function clearOtherBuckets(client: pg.ClientBase, accountId: string, block: number, buckets: Buckets, theirs: Buffer): Promise<void> {
  await client.query({
    name: 'clear-search-block',
    text: `UPDATE "SearchBlock" SET bits = bits & ~('x' || $4)::bit(${leadsPerBlock})
      WHERE "accountId" = $1 AND block = $2 AND bucket <> ALL($3::smallint[])
        AND bits & ('x' || $4)::bit(${leadsPerBlock}) <> repeat('0', ${leadsPerBlock})::bit(${leadsPerBlock})`,
    values: [accountId, block, [...buckets.keys()], toBits(theirs)],
  });
}

const toBits = (bits: Buffer): string => bits.toString('hex');
