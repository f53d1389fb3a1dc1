import { attack } from './attack.ts';
import { runControl } from './control.ts';
import type { Finding } from './finding.ts';
import { type DiskFaultOutcome, runDiskFault } from './disk-faults.ts';
import { prepareFailingSync } from './failing-sync.ts';
import { readArguments } from './plan.ts';
import { conclude, print, printFindings, progress, sumOf, verdictsOf } from './report.ts';
import { mountSmallDisk } from './small-disk.ts';
import { endWorlds, inWorld } from './world.ts';
import { buildServer } from '../support/build-server.ts';

/**
 * `npm run test:crash`: senders that retry until they are acknowledged, a server that is killed at random while they work, and its PostgreSQL too;
 * then a disk that fills up, and one that fails. Everything acknowledged is accounted for (rows 51, 52 and 55 of the list of faults). The control, a database that
 * may forget, must be seen losing.
 */
const longestRunMs = 30 * 60_000;

buildServer();
const { plan, controlOnly, disksOnly, short } = readArguments(process.argv.slice(2));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void giveUp(signal));
setTimeout(() => void giveUp(`not done after ${longestRunMs / 60_000} minutes`), longestRunMs).unref();

const verdicts: boolean[] = [];
const figures: Record<string, number> = {};

if (!controlOnly && !disksOnly) {
  const attacked = await inWorld('crash', (world) => attack(world, plan));
  printFindings('after the kills', attacked.findings);
  verdicts.push(...verdictsOf(attacked.findings));
  const [lost, doubled] = [sumOf(attacked.findings, 'lost'), sumOf(attacked.findings, 'doubled')];
  Object.assign(figures, { ...attacked.figures, lost, doubled });
  judgeControl(attacked.control);
}
if (controlOnly) judgeControl(await inWorld('control', (world) => runControl(world, plan)));
if (disksOnly || (!controlOnly && !short)) {
  await fillDisk();
  await failToSync();
}
conclude('crash', figures, verdicts);

function judgeControl(control: readonly Finding[]): void {
  printFindings('control: a database that may forget', control);
  figures['lostByControl'] = sumOf(control, 'lost');
  verdicts.push(figures['lostByControl'] > 0);
}

async function fillDisk(): Promise<void> {
  const disk = mountSmallDisk();
  if (!disk) return print('a full disk: not tried, because this account may not mount a small one');
  progress('a disk that fills up');
  try {
    judgeDisk('full', await inWorld('disk', (world) => runDiskFault(world, disk, plan), disk.folder));
  } finally {
    disk.remove();
  }
}

async function failToSync(): Promise<void> {
  await inWorld('sync', async (world) => {
    const fault = prepareFailingSync(world.cluster);
    if (!fault) return print('a disk that fails: not tried, because strace is missing or may not trace');
    progress('a disk that takes writes and then fails');
    judgeDisk('failing', await runDiskFault(world, fault, plan));
  });
}

function judgeDisk(fault: 'full' | 'failing', { findings, backAfterMs, refused }: DiskFaultOutcome): void {
  printFindings(`after the disk was ${fault}`, findings);
  verdicts.push(...verdictsOf(findings), refused > 0);
  const name = fault === 'full' ? 'Full' : 'Failing';
  Object.assign(figures, {
    [`refusedWhile${name}`]: refused,
    [`backAfter${name}Ms`]: Math.round(backAfterMs),
    [`lostWhen${name}`]: sumOf(findings, 'lost'),
  });
}

async function giveUp(reason: string): Promise<void> {
  print(reason);
  await endWorlds();
  process.exit(1);
}
