import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { accountForEverything } from './accounting.ts';
import type { Finding } from './finding.ts';
import { createLedger } from './ledger.ts';
import type { Plan } from './plan.ts';
import { startSenders } from './senders.ts';
import type { World } from './world.ts';

/** A disk of its own that can be full: a small file system in memory. */
export interface SmallDisk {
  readonly folder: string;
  /** Leaves next to no room. */
  readonly fill: () => void;
  readonly free: () => void;
  readonly remove: () => void;
}

const diskMb = 200;
const outageMs = 4000;

/** Null where this account may not mount one. */
export function mountSmallDisk(): SmallDisk | null {
  const mountPoint = mkdtempSync(path.join(os.tmpdir(), 'leadgraph-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m`, 'leadgraph', mountPoint], { stdio: 'ignore' });
  } catch {
    rmSync(mountPoint, { recursive: true });
    return null;
  }
  const folder = path.join(mountPoint, 'data');
  mkdirSync(folder, { mode: 0o755 });
  const ballast = path.join(mountPoint, 'ballast');
  return {
    folder,
    fill() {
      const { bavail, bsize } = statfsSync(mountPoint);
      try {
        writeFileSync(ballast, Buffer.alloc(bavail * bsize));
      } catch {
        // The database took some of the room meanwhile; what is left is full all the same.
      }
    },
    free: () => rmSync(ballast, { force: true }),
    remove() {
      execFileSync('umount', ['--lazy', mountPoint]);
      rmSync(mountPoint, { recursive: true, force: true });
    },
  };
}

/** Row 55: the disk fills up under load, stays full for a while, and has room again. Nobody restarts anything by hand. */
export async function runFullDisk(
  world: World,
  disk: SmallDisk,
  plan: Pick<Plan, 'sendersOfAKind' | 'restMs'>,
): Promise<{ readonly findings: Finding[]; readonly backAfterMs: number; readonly refused: number }> {
  const ledger = createLedger();
  const senders = startSenders(world.access, plan, ledger);
  const acknowledged = async (more: number): Promise<void> => {
    const wanted = ledger.entries.length + more;
    for (const deadline = performance.now() + 60_000; ledger.entries.length < wanted && performance.now() < deadline; ) await sleep(10);
  };
  await acknowledged(200);
  disk.fill();
  await sleep(outageMs);
  const refused = ledger.refusals[503] ?? 0;
  disk.free();
  const freed = performance.now();
  await acknowledged(1);
  const backAfterMs = performance.now() - freed;
  await acknowledged(200);
  await senders.stop();
  return { findings: await accountForEverything(world, ledger), backAfterMs, refused };
}
