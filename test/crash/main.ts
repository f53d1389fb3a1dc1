import { attack } from './attack.ts';
import { runControl } from './control.ts';
import type { Finding } from './finding.ts';
import { mountSmallDisk, runFullDisk } from './full-disk.ts';
import { readArguments } from './plan.ts';
import { conclude, print, printFindings, progress, sumOf, verdictsOf } from './report.ts';
import { endWorlds, inWorld } from './world.ts';
import { buildServer } from '../support/build-server.ts';

/**
 * `npm run test:crash`: senders that retry until they are acknowledged, a server that is killed at random while they work, and its PostgreSQL too;
 * then a disk that fills up. Everything acknowledged is accounted for (rows 51, 52 and 55 of the list of faults). The control, a database that
 * may forget, must be seen losing.
 */
const longestRunMs = 30 * 60_000;

buildServer();
const { plan, controlOnly, fullDiskOnly, short } = readArguments(process.argv.slice(2));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void giveUp(signal));
setTimeout(() => void giveUp(`not done after ${longestRunMs / 60_000} minutes`), longestRunMs).unref();

const verdicts: boolean[] = [];
const figures: Record<string, number> = {};

if (!controlOnly && !fullDiskOnly) {
  const attacked = await inWorld('crash', (world) => attack(world, plan));
  printFindings('after the kills', attacked.findings);
  verdicts.push(...verdictsOf(attacked.findings));
  const [lost, doubled] = [sumOf(attacked.findings, 'lost'), sumOf(attacked.findings, 'doubled')];
  Object.assign(figures, { ...attacked.figures, lost, doubled });
  judgeControl(attacked.control);
}
if (controlOnly) judgeControl(await inWorld('control', (world) => runControl(world, plan)));
if (fullDiskOnly || (!controlOnly && !short)) await fillDisk();
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
    const { findings, backAfterMs, refused } = await inWorld('disk', (world) => runFullDisk(world, disk, plan), disk.folder);
    printFindings('after the disk was full', findings);
    verdicts.push(...verdictsOf(findings), refused > 0);
    Object.assign(figures, { refusedWhileFull: refused, backAfterRoomMs: Math.round(backAfterMs), lostWhenFull: sumOf(findings, 'lost') });
  } finally {
    disk.remove();
  }
}

async function giveUp(reason: string): Promise<void> {
  print(reason);
  await endWorlds();
  process.exit(1);
}
