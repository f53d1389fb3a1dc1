import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { oneIn, pick, rest, shuffled } from './chance.ts';
import { findDatabaseProcesses, killAtOnce } from './database-processes.ts';
import type { Ledger } from './ledger.ts';
import type { Plan } from './plan.ts';
import { type Damage, progress } from './report.ts';
import type { World } from './world.ts';

const acknowledgementsBetween = 20;
/** A server that is silent for so long will not come back. */
const silenceMs = 60_000;

/** Kills the server and its database at random moments while the senders work, in an order of chance. */
export async function strike(world: World, plan: Plan, ledger: Ledger): Promise<Damage> {
  const strikes = shuffled([
    ...Array.from({ length: plan.serverKills }, () => 'server' as const),
    ...Array.from({ length: plan.databaseKills }, () => 'database' as const),
  ]);
  const damage = { serverKills: 0, killsWhileStarting: 0, databaseKills: {} as Record<string, number> };
  const serverAwayMs: number[] = [];
  const backAfterDatabaseMs: number[] = [];

  const acknowledgedAgain = async (wanted = 1): Promise<void> => {
    const before = ledger.entries.length;
    const deadline = performance.now() + silenceMs;
    while (ledger.entries.length < before + wanted) {
      if (performance.now() > deadline) throw new Error(`nothing was acknowledged for ${silenceMs / 1000} s`);
      await sleep(5);
    }
  };

  let starting = false;
  for (const target of strikes) {
    if (!starting) await acknowledgedAgain(acknowledgementsBetween);
    if (damage.serverKills % 10 === 9) progress(`${ledger.entries.length} acknowledged`);
    await rest(starting ? 1500 : 700);
    const began = performance.now();
    if (target === 'server') {
      world.server.kill();
      damage.serverKills += 1;
      if (starting) damage.killsWhileStarting += 1;
      // One process in six does not live long enough to serve.
      starting = oneIn(6);
      if (starting) continue;
      await world.server.ready();
      await acknowledgedAgain();
      serverAwayMs.push(performance.now() - began);
    } else {
      const manner = pick(['postmaster', 'everything', 'one backend', 'with the server']);
      damage.databaseKills[manner] = (damage.databaseKills[manner] ?? 0) + 1;
      killDatabase(world, manner);
      starting = false;
      await databaseAccepts(world);
      const up = performance.now();
      if (manner === 'with the server') await world.server.ready();
      await acknowledgedAgain();
      if (manner !== 'with the server') backAfterDatabaseMs.push(performance.now() - up);
    }
  }
  if (starting) await world.server.ready();
  return { ...damage, serverAwayMs, backAfterDatabaseMs };
}

export function killDatabase({ cluster, server }: World, manner: string): void {
  const found = findDatabaseProcesses(cluster);
  if (!found) return;
  if (manner === 'postmaster') killAtOnce([found.postmaster]);
  else if (manner === 'one backend') killAtOnce(shuffled(found.children).slice(0, 1));
  else killAtOnce([found.postmaster, ...found.children]);
  if (manner === 'with the server') server.kill();
}

async function databaseAccepts(world: World): Promise<void> {
  for (;;) {
    const client = new Client({ connectionString: world.databaseUrl(), connectionTimeoutMillis: 1000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('SELECT 1');
      return;
    } catch {
      await sleep(10);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
