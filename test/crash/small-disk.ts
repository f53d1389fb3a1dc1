import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { DiskFault } from './disk-faults.ts';

/** A disk of its own that can be full: a small file system in memory. */
export interface SmallDisk extends DiskFault {
  readonly folder: string;
  readonly remove: () => void;
}

const diskMb = 200;

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
    // Its log is on the same disk.
    complaint: null,
    begin() {
      const { bavail, bsize } = statfsSync(mountPoint);
      try {
        writeFileSync(ballast, Buffer.alloc(bavail * bsize));
      } catch {
        // The database took some of the room meanwhile; what is left is full all the same.
      }
    },
    end: () => rmSync(ballast, { force: true }),
    remove() {
      execFileSync('umount', ['--lazy', mountPoint]);
      rmSync(mountPoint, { recursive: true, force: true });
    },
  };
}
