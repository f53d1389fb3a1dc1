import { accountForEverything } from './accounting.ts';
import { runControl } from './control.ts';
import { type Finding, uncontradicted } from './finding.ts';
import { createLedger } from './ledger.ts';
import type { Plan } from './plan.ts';
import { most, printDamage, progress } from './report.ts';
import { startSenders } from './senders.ts';
import { strike } from './strikes.ts';
import { inWorld, type World } from './world.ts';

export interface Attacked {
  readonly findings: readonly Finding[];
  readonly control: readonly Finding[];
  readonly figures: Readonly<Record<string, number>>;
}

/** Row 52: the server serves again so soon after its database does. */
const backWithinMs = 5000;

/** The senders work, everything is killed again and again, everything acknowledged is accounted for; beside it runs the control. */
export async function attack(world: World, plan: Plan): Promise<Attacked> {
  const began = performance.now();
  const ledger = createLedger();
  progress('the senders begin');
  const senders = startSenders(world.access, plan, ledger);
  const damage = await strike(world, plan, ledger);
  progress('that was the last kill; the senders finish what they began');
  const unfinished = await senders.stop().then(
    () => [],
    (error: unknown) => [String(error)],
  );
  const seconds = Math.round((performance.now() - began) / 1000);
  printDamage(damage, ledger);
  progress('accounting, once what follows the writes has caught up; and the control');
  const [findings, control] = await Promise.all([
    accountForEverything(world, ledger),
    inWorld('control', (other) => runControl(other, plan)),
  ]);
  const late = damage.backAfterDatabaseMs.filter((ms) => ms > backWithinMs).map((ms) => `${Math.round(ms)} ms`);
  return {
    findings: [
      ...findings,
      uncontradicted('every sender was answered in the end', 1, unfinished),
      uncontradicted(`back within ${backWithinMs / 1000} s of PostgreSQL`, damage.backAfterDatabaseMs.length, late),
    ],
    control,
    figures: {
      seconds,
      serverKills: damage.serverKills,
      databaseKills: Object.values(damage.databaseKills).reduce((sum, count) => sum + count, 0),
      sent: ledger.sent(),
      acknowledged: ledger.entries.length,
      replayed: ledger.replayed(),
      serverAwayMs: most(damage.serverAwayMs),
      backAfterDatabaseMs: most(damage.backAfterDatabaseMs),
    },
  };
}
