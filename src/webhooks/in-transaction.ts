import type pg from 'pg';
import { isDatabaseAway, isPlanStale } from '../platform/database.ts';

/** Statements go by keys, row by row: the ways to join whole tables are switched off, which statistics of a young table would choose. */
const begin = 'BEGIN; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_bitmapscan = off';

/** Runs `work` in a transaction of its own. A connection that failed is not used again where its answer may still arrive. */
export async function inTransaction<Result>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    broken =
      isDatabaseAway(error) ||
      isPlanStale(error) ||
      (await client.query('ROLLBACK').then(
        () => false,
        () => true,
      ));
    throw error;
  } finally {
    client.release(broken);
  }
}
