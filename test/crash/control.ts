import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { accountForWrites } from './account-for-writes.ts';
import type { Finding } from './finding.ts';
import { createLedger } from './ledger.ts';
import type { Plan } from './plan.ts';
import { startSenders } from './senders.ts';
import { killDatabase } from './strikes.ts';
import type { World } from './world.ts';

/**
 * The negative control: a server that acknowledges before anything is safe. With `synchronous_commit=off` a commit stays in PostgreSQL's own
 * memory until the WAL writer takes it along, here after ten seconds; killing all of its processes loses it. (What PostgreSQL has handed to the
 * operating system survives a kill, so without that delay there would be next to nothing to lose.) A harness that reports no loss here is blind.
 */
export async function runControl(world: World, plan: Pick<Plan, 'sendersOfAKind' | 'restMs'>): Promise<Finding[]> {
  await acknowledgeTooEarly(world.superuserUrl());
  const ledger = createLedger();
  const senders = startSenders(world.access, plan, ledger);
  const waiting = performance.now() + 60_000;
  while (ledger.entries.length < 300 && performance.now() < waiting) await sleep(10);
  killDatabase(world, 'everything');
  // What is lost is not only missed: a retry may hit on it, like an event whose lead is gone, and is then refused for ever.
  senders.abandon();
  await world.server.ready();
  const client = new Client({ connectionString: world.databaseUrl() });
  await client.connect();
  try {
    return await accountForWrites(client, ledger.entries);
  } finally {
    await client.end();
  }
}

async function acknowledgeTooEarly(superuserUrl: string): Promise<void> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    for (const setting of [`synchronous_commit = 'off'`, `wal_writer_delay = '10s'`, `wal_writer_flush_after = '1GB'`]) {
      await client.query(`ALTER SYSTEM SET ${setting}`);
    }
    await client.query('SELECT pg_reload_conf()');
    // Whatever was set up before stays.
    await client.query('CHECKPOINT');
  } finally {
    await client.end();
  }
}
