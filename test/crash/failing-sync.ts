import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { findDatabaseProcesses } from './database-processes.ts';
import type { DiskFault } from './disk-faults.ts';

/**
 * A disk that takes what is written and then cannot say that it is safe: every `fdatasync` of PostgreSQL, and so every flush of its WAL, fails
 * with EIO. PostgreSQL may not go on then: it ends all of its processes, cannot recover, and ends itself. Null where strace is missing, or may
 * not do that.
 */
export function prepareFailingSync(cluster: string): DiskFault | null {
  const tried = spawnSync('strace', ['-f', '-e', 'inject=fdatasync:error=EIO', 'true'], { stdio: 'ignore' });
  if (tried.error !== undefined || tried.status !== 0) return null;
  let tracer: ChildProcess | null = null;
  return {
    complaint: /PANIC: .*could not fdatasync/,
    begin() {
      const found = findDatabaseProcesses(cluster);
      if (!found) throw new Error('there is no PostgreSQL to trace');
      const pids = [found.postmaster, ...found.children].flatMap((pid) => ['-p', `${pid}`]);
      tracer = spawn('strace', ['-f', '-qq', '-o', '/dev/null', '-e', 'inject=fdatasync:error=EIO', ...pids], { stdio: 'ignore' });
    },
    async end() {
      if (!tracer || tracer.exitCode !== null) return;
      const ended = once(tracer, 'exit');
      tracer.kill('SIGTERM');
      await ended;
    },
  };
}
