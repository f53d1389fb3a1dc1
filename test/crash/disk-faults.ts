import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { accountForEverything } from './accounting.ts';
import { askAmcheck } from './ask-amcheck.ts';
import { type Finding, uncontradicted } from './finding.ts';
import { createLedger } from './ledger.ts';
import type { Plan } from './plan.ts';
import { startSenders } from './senders.ts';
import type { World } from './world.ts';

/** What goes wrong with a disk, and is over again. Nobody restarts anything by hand. */
export interface DiskFault {
  readonly begin: () => void;
  readonly end: () => void | Promise<void>;
  /** What PostgreSQL writes to its log when it meets it; null where it cannot. */
  readonly complaint: RegExp | null;
}

export interface DiskFaultOutcome {
  readonly findings: Finding[];
  /** From the end of the fault to the next acknowledgement. */
  readonly backAfterMs: number;
  /** Requests that were answered 503 meanwhile. */
  readonly refused: number;
}

const faultMs = 4000;

/** Row 55: a fault of the disk under load. Everything acknowledged before, during and after it is accounted for. */
export async function runDiskFault(
  world: World,
  fault: DiskFault,
  plan: Pick<Plan, 'sendersOfAKind' | 'restMs'>,
): Promise<DiskFaultOutcome> {
  const ledger = createLedger();
  const senders = startSenders(world.access, plan, ledger);
  const acknowledged = async (more: number): Promise<void> => {
    const wanted = ledger.entries.length + more;
    for (const deadline = performance.now() + 60_000; ledger.entries.length < wanted && performance.now() < deadline; ) await sleep(10);
  };
  await acknowledged(200);
  fault.begin();
  await sleep(faultMs);
  const refused = ledger.refusals[503] ?? 0;
  await fault.end();
  const over = performance.now();
  await acknowledged(1);
  const backAfterMs = performance.now() - over;
  await acknowledged(200);
  await senders.stop();
  const wasMet = fault.complaint === null || fault.complaint.test(readFileSync(path.join(world.cluster, '../postgres.log'), 'utf8'));
  const findings = [
    uncontradicted('PostgreSQL met the fault', 1, wasMet ? [] : ['its log says nothing of it']),
    ...(await accountForEverything(world, ledger)),
    ...(await askAmcheck(world.superuserUrl())),
  ];
  return { findings, backAfterMs, refused };
}
