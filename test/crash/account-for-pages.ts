import { Client } from 'pg';
import { type Finding, uncontradicted } from './finding.ts';

/** What `pg_amcheck --heapallindexed` asks, for every table and index of ours: the pages are sound, and each row is in each index. */
export async function accountForPages(superuserUrl: string): Promise<Finding> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query('CREATE EXTENSION IF NOT EXISTS amcheck');
    const { rows } = await client.query<{ name: string; kind: string }>(
      `SELECT c.oid::regclass::text AS name, CASE c.relkind WHEN 'r' THEN 'table' ELSE 'index' END AS kind
        FROM pg_class c LEFT JOIN pg_am a ON a.oid = c.relam
        WHERE c.relnamespace = 'public'::regnamespace AND c.relpersistence = 'p' AND (c.relkind = 'r' OR (c.relkind = 'i' AND a.amname = 'btree'))`,
    );
    const wrong: string[] = [];
    for (const { name, kind } of rows) {
      try {
        if (kind === 'index') await client.query('SELECT bt_index_check($1::regclass, true)', [name]);
        else {
          const damage = await client.query<{ msg: string }>('SELECT msg FROM verify_heapam($1::regclass)', [name]);
          wrong.push(...damage.rows.map(({ msg }) => `${name}: ${msg}`));
        }
      } catch (error) {
        wrong.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return uncontradicted('pages of tables and indexes', rows.length, wrong);
  } finally {
    await client.end();
  }
}
