import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { ServerUser } from './server-user.ts';

const execFileAsync = promisify(execFile);

/**
 * How a PostgreSQL program names its working directory. As root, the account it runs as often cannot enter the folders above DATA_DIR
 * (a clone in root's own home). We enter the data folder while still root, give up root, and start the program there; through this
 * link it reaches the folder it stands in without crossing any of them. So the data stays in DATA_DIR wherever that is. Null where
 * the system has no such link (macOS); the plain path is used then.
 */
const workingDirectoryLink = existsSync('/proc/self/cwd') ? '/proc/self/cwd' : null;

export function dataFolderArgument(clusterDir: string): string {
  return workingDirectoryLink ?? clusterDir;
}

/** The same trick for one file: opened by us, read by the program as its descriptor 3. */
export function inheritedFileArgument(file: string): string {
  return workingDirectoryLink ? '/proc/self/fd/3' : file;
}

/** Our environment holds secrets, and PG* variables that would change the server's mind: its programs get none of it. */
function options(user: ServerUser | null, cwd: string) {
  return { ...user, cwd, env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' } };
}

/** Runs one of PostgreSQL's short programs as `user` and gives what it printed. */
export async function runProgram(program: string, args: readonly string[], user: ServerUser | null): Promise<string> {
  const { stdout } = await execFileAsync(program, args, { ...options(user, '/'), timeout: 10_000 });
  return stdout.trim();
}

/** Starts a program in `cwd`; `files` become its descriptors 1, 2 and 3. In a session of its own: Ctrl-C is for us, not for it. */
export function spawnProgram(
  program: string,
  args: readonly string[],
  user: ServerUser | null,
  cwd: string,
  files: readonly number[],
): ChildProcess {
  return spawn(program, args, { ...options(user, cwd), detached: true, stdio: ['ignore', ...files] });
}

/** Waits for the end of a program; rejects when it could not be started. */
export function programExit(program: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    program.once('error', reject);
    program.once('exit', (code) => resolve(code));
  });
}
