import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readPidFile } from '../../src/platform/embedded-postgres/running-server.ts';

export interface DatabaseProcesses {
  /** The parent of all others. */
  readonly postmaster: number;
  /** One for each connection, and PostgreSQL's own: WAL writer, checkpointer and so on. */
  readonly children: readonly number[];
}

/** The processes of the server that serves a data folder; null when there is none. */
export function findDatabaseProcesses(cluster: string): DatabaseProcesses | null {
  const postmaster = readPidFile(cluster)?.pid;
  if (postmaster === undefined || !isAlive(postmaster)) return null;
  return { postmaster, children: parents().flatMap(([pid, parent]) => (parent === postmaster ? [pid] : [])) };
}

/** Stopped first, all of them: none can write or tell the others while we are killing. */
export function killAtOnce(pids: readonly number[]): void {
  for (const name of ['SIGSTOP', 'SIGKILL'] as const) for (const pid of pids) signal(pid, name);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

const isAlive = (pid: number): boolean => signal(pid, 0);

function parents(): (readonly [pid: number, parent: number])[] {
  if (!existsSync('/proc/self/stat')) {
    const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
    return lines.map((line) => {
      const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
      return [pid, parent];
    });
  }
  return readdirSync('/proc').flatMap((name) => {
    try {
      // "pid (name) state parent ..."
      const parent = /\) \S (\d+)/.exec(readFileSync(`/proc/${Number(name)}/stat`, 'utf8'))?.[1];
      return parent === undefined ? [] : [[Number(name), Number(parent)] as const];
    } catch {
      return [];
    }
  });
}
