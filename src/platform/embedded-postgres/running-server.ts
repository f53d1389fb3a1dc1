import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

/** What `postmaster.pid` says about the server of a data folder. */
export interface PidFile {
  readonly text: string;
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

export function readPidFile(cluster: string): PidFile | null {
  let text: string;
  try {
    text = readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8');
  } catch {
    return null;
  }
  const lines = text.split('\n');
  return { text, pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

/**
 * Whether the process that the file names is this folder's server. A pid alone proves nothing: where process 1 does not reap, a killed
 * server stays as a zombie that looks alive, and after a reboot, or in a new container, the number belongs to somebody else.
 */
export type ServerState = 'running' | 'zombie' | 'gone' | 'someone-else';

export function serverState(cluster: string, pid: number): ServerState {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives under another account.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return 'gone';
  }
  const { state, name } = describeProcess(pid);
  if (state === '') return 'gone';
  if (state === 'Z' || state === 'X') return 'zombie';
  // Where the system does not say where it works, connecting with our password decides.
  return name.includes('postgres') && (worksIn(pid, cluster) ?? true) ? 'running' : 'someone-else';
}

function describeProcess(pid: number): { state: string; name: string } {
  try {
    if (existsSync('/proc/self/stat')) {
      // "pid (name) state ...", and a name may itself hold brackets and spaces.
      const match = /\((.*)\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      return { name: match?.[1] ?? '', state: match?.[2] ?? '' };
    }
    const [state, ...name] = execFileSync('ps', ['-o', 'stat=,comm=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    return { state: state?.[0] ?? '', name: name.join(' ') };
  } catch {
    return { state: '', name: '' };
  }
}

/** A server process works in its data folder. Null where the system does not say. */
function worksIn(pid: number, cluster: string): boolean | null {
  try {
    const there = statSync(`/proc/${pid}/cwd`);
    const here = statSync(cluster);
    return there.ino === here.ino && there.dev === here.dev;
  } catch {
    return null;
  }
}

/** Server processes that outlive their killed parent for a moment: while one does, a second server would damage the data. */
export function hasOrphans(cluster: string): boolean {
  if (!existsSync('/proc/self/stat')) return false;
  return readdirSync('/proc').some((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || !worksIn(pid, cluster)) return false;
    const found = describeProcess(pid);
    return found.name.includes('postgres') && found.state !== 'Z' && found.state !== 'X';
  });
}

/** Removes the file of a dead server that PostgreSQL would take for a living one, unless a new server has just written its own. */
export function removeStalePidFile(cluster: string, stale: PidFile): void {
  if (readPidFile(cluster)?.text === stale.text) rmSync(path.join(cluster, 'postmaster.pid'), { force: true });
}
