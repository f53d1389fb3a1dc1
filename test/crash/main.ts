import { accountForEverything } from './accounting.ts';
import { runControl } from './control.ts';
import { type Finding, uncontradicted } from './finding.ts';
import { createLedger } from './ledger.ts';
import { type Plan, readArguments } from './plan.ts';
import { conclude, most, print, printDamage, printFindings, sumOf, verdictsOf } from './report.ts';
import { startSenders } from './senders.ts';
import { type Damage, strike } from './strikes.ts';
import { createWorld, type World } from './world.ts';

/**
 * `npm run test:crash`: senders that retry until they are acknowledged, a server that is killed at random while they work, and its PostgreSQL too.
 * Then everything acknowledged is accounted for (rows 51 and 52 of the list of faults). The control, a database that may forget, must be seen losing.
 */
const longestRunMs = 30 * 60_000;
/** Row 52: the server serves again so soon after its database does. */
const backWithinMs = 5000;

const { plan, controlOnly } = readArguments(process.argv.slice(2));
setTimeout(() => {
  print(`not done after ${longestRunMs / 60_000} minutes`);
  process.exit(1);
}, longestRunMs).unref();

if (controlOnly) {
  const control = await inWorld('control', (world) => runControl(world, plan));
  printFindings('control: a database that may forget', control);
  conclude({ control: true, lost: sumOf(control, 'lost') }, [sumOf(control, 'lost') > 0]);
} else {
  const { findings, damage, control, figures } = await inWorld('crash', (world) => attack(world, plan));
  printFindings('after the attacks', findings);
  printFindings('control: a database that may forget', control);
  const back = most(damage.backAfterDatabaseMs);
  const verdicts = [...verdictsOf(findings), back <= backWithinMs, sumOf(control, 'lost') > 0];
  conclude(
    { ...figures, lost: sumOf(findings, 'lost'), doubled: sumOf(findings, 'doubled'), lostByControl: sumOf(control, 'lost') },
    verdicts,
  );
}

interface Outcome {
  readonly findings: readonly Finding[];
  readonly control: readonly Finding[];
  readonly damage: Damage;
  readonly figures: Readonly<Record<string, unknown>>;
}

async function attack(world: World, plan: Plan): Promise<Outcome> {
  const began = performance.now();
  const ledger = createLedger();
  const senders = startSenders(world.access, plan, ledger);
  const damage = await strike(world, plan, ledger);
  const unfinished = await senders.stop().then(
    () => [],
    (error: unknown) => [String(error)],
  );
  const seconds = Math.round((performance.now() - began) / 1000);
  printDamage(damage, ledger);
  // The control runs while what follows the writes catches up.
  const [findings, control] = await Promise.all([
    accountForEverything(world, ledger),
    inWorld('control', (other) => runControl(other, plan)),
  ]);
  const figures = {
    seconds,
    serverKills: damage.serverKills,
    databaseKills: Object.values(damage.databaseKills).reduce((sum, count) => sum + count, 0),
    acknowledged: ledger.entries.length,
    replayed: ledger.replayed(),
    serverAwayMs: most(damage.serverAwayMs),
    backAfterDatabaseMs: most(damage.backAfterDatabaseMs),
  };
  return { findings: [...findings, uncontradicted('every sender was answered in the end', 1, unfinished)], control, damage, figures };
}

async function inWorld<Result>(name: string, work: (world: World) => Promise<Result>): Promise<Result> {
  const world = await createWorld(name);
  try {
    return await work(world);
  } finally {
    await world.end();
  }
}
