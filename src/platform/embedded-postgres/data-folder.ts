import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import type { Binaries } from './binaries.ts';
import { dataFolderArgument, inheritedFileArgument, programExit, spawnProgram } from './server-program.ts';
import type { ServerUser } from './server-user.ts';
import { EmbeddedPostgresError, errorCode, errorMessage } from './start-error.ts';

/** Where everything stands under DATA_DIR. */
export interface DataFolder {
  readonly root: string;
  readonly cluster: string;
  readonly passwordFile: string;
  readonly logFile: string;
}

/** The name of PostgreSQL's superuser in the embedded server. */
export const superuser = 'postgres';

/** Makes DATA_DIR if it is not there, and refuses one that we cannot work in. */
export function openDataFolder(dataDir: string): DataFolder {
  const root = path.resolve(dataDir);
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    accessSync(root, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `Cannot work in the data folder ${root} (${errorCode(error) || errorMessage(error)}): make it readable and writable for ${ourselves()}, or set DATA_DIR to another folder`,
    );
  }
  return {
    root,
    cluster: path.join(root, 'postgres'),
    passwordFile: path.join(root, 'postgres.password'),
    logFile: path.join(root, 'postgres.log'),
  };
}

function ourselves(): string {
  return process.getuid ? `the account with uid ${process.getuid()}` : 'this account';
}

/** Leaves a data folder that `binaries` can serve: the one that is there, checked, or a new one. Gives the superuser's password. */
export async function prepareCluster(folder: DataFolder, binaries: Binaries, user: ServerUser | null): Promise<string> {
  if (!hasCluster(folder)) {
    const password = readOrCreatePassword(folder);
    await initialise(folder, binaries, user, password);
    return password;
  }
  checkVersion(folder, binaries);
  ownCluster(folder, user);
  try {
    return readFileSync(folder.passwordFile, 'utf8').trim();
  } catch (error) {
    throw new EmbeddedPostgresError(
      `Cannot read the database password in ${folder.passwordFile} (${errorCode(error)}): restore that file for ${ourselves()}, or move ${folder.cluster} away to start empty`,
    );
  }
}

function hasCluster(folder: DataFolder): boolean {
  try {
    const names = readdirSync(folder.cluster);
    if (names.includes('PG_VERSION')) return true;
    if (names.length === 0) return false;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw unreadable(folder, error);
  }
  throw new EmbeddedPostgresError(`${folder.cluster} is not a PostgreSQL data folder: move it away, or set DATA_DIR to another folder`);
}

function unreadable(folder: DataFolder, error: unknown): EmbeddedPostgresError {
  const owner = lstatSync(folder.cluster, { throwIfNoEntry: false })?.uid ?? 'unknown';
  return new EmbeddedPostgresError(
    `Cannot read the database folder ${folder.cluster} (${errorCode(error)}; its owner has uid ${owner}, we are ${ourselves()}): start as the account that made it, or set DATA_DIR to another folder`,
  );
}

function checkVersion(folder: DataFolder, binaries: Binaries): void {
  let version: string;
  try {
    version = readFileSync(path.join(folder.cluster, 'PG_VERSION'), 'utf8').trim();
  } catch (error) {
    throw unreadable(folder, error);
  }
  if (version === String(binaries.major)) return;
  throw new EmbeddedPostgresError(
    `The data in ${folder.cluster} was written by PostgreSQL ${version}, which PostgreSQL ${binaries.version} cannot read: serve it with PostgreSQL ${version} and set DATABASE_URL, or set DATA_DIR to another folder`,
  );
}

/** Repairs what copying a data folder does to it: PostgreSQL insists that the folder is its own and closed to others. */
function ownCluster(folder: DataFolder, user: ServerUser | null): void {
  const found = statSync(folder.cluster);
  if (!user && process.getuid && found.uid !== process.getuid()) throw unreadable(folder, Object.assign(new Error(), { code: 'EACCES' }));
  if (user && found.uid !== user.uid) {
    const names = readdirSync(folder.cluster, { recursive: true, encoding: 'utf8' });
    for (const name of ['.', ...names]) giveTo(user, path.join(folder.cluster, name));
  }
  if (found.mode & 0o027) chmodSync(folder.cluster, 0o700);
}

function giveTo(user: ServerUser, file: string): void {
  try {
    chownSync(file, user.uid, user.gid);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `PostgreSQL refuses to run as root, and ${file} cannot be given to the account with uid ${user.uid} (${errorCode(error)}): start as an ordinary account, or set DATA_DIR to a folder on a local disk`,
    );
  }
}

/** One password for ever, even when two processes start at the same moment: the name is given to a complete file, once. */
function readOrCreatePassword(folder: DataFolder): string {
  const draft = `${folder.passwordFile}.${randomBytes(6).toString('hex')}`;
  writeDurably(draft, randomBytes(24).toString('hex'));
  try {
    linkSync(draft, folder.passwordFile);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  return readFileSync(folder.passwordFile, 'utf8').trim();
}

function writeDurably(file: string, text: string): void {
  const fd = openSync(file, 'wx', 0o600);
  writeSync(fd, text);
  fsyncSync(fd);
  closeSync(fd);
}

/** Made beside its place and moved there whole: a start that is killed half way leaves nothing that looks like a database. */
async function initialise(folder: DataFolder, binaries: Binaries, user: ServerUser | null, password: string): Promise<void> {
  removeLeftovers(folder);
  const draft = mkdtempSync(`${folder.cluster}.new-`);
  try {
    if (user) giveTo(user, draft);
    let failure = await initdb(draft, binaries, user, password, 'C.UTF-8');
    // Old C libraries do not know C.UTF-8; there the trigram search leaves letters outside ASCII to the final comparison.
    if (failure?.includes('invalid locale name')) failure = await initdb(draft, binaries, user, password, 'C');
    if (failure)
      throw new EmbeddedPostgresError(
        `The database could not be created in ${folder.root} (${failure}): set DATA_DIR to a folder with room that every account may enter, or set DATABASE_URL`,
      );
    renameSync(draft, folder.cluster);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another process that started at the same moment was first; its folder has the same password.
    if (!existsSync(path.join(folder.cluster, 'PG_VERSION'))) throw error;
  }
}

/** Text sorts by code point and upper case is Unicode's, the same on every machine and after every system upgrade. */
function localeArguments(major: number, ctype: string): string[] {
  const builtin = major >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : [];
  return ['--encoding=UTF8', '--locale=C', `--lc-ctype=${ctype}`, ...builtin];
}

/** Null, or why it failed. */
async function initdb(dir: string, binaries: Binaries, user: ServerUser | null, password: string, ctype: string): Promise<string | null> {
  const passwordFile = `${dir}.password`;
  const logFile = `${dir}.log`;
  const log = openSync(logFile, 'wx', 0o600);
  writeDurably(passwordFile, password);
  if (user) giveTo(user, passwordFile);
  const opened = openSync(passwordFile, 'r');
  try {
    const args = [
      '-D',
      dataFolderArgument(dir),
      '-U',
      superuser,
      '--auth=scram-sha-256',
      `--pwfile=${inheritedFileArgument(passwordFile)}`,
    ];
    const program = spawnProgram(binaries.initdb, [...args, ...localeArguments(binaries.major, ctype)], user, dir, [log, log, opened]);
    const code = await programExit(program);
    if (code === 0) return null;
    const lines = readFileSync(logFile, 'utf8').split('\n');
    return lines.find((line) => /error|fatal|could not|invalid/i.test(line))?.trim() ?? `initdb ended with ${code}`;
  } catch (error) {
    return errorMessage(error);
  } finally {
    closeSync(opened);
    closeSync(log);
    rmSync(passwordFile);
    rmSync(logFile);
  }
}

/** What starts that were killed left behind; ten minutes old, so that it is nobody's work in progress. */
function removeLeftovers(folder: DataFolder): void {
  for (const name of readdirSync(folder.root).filter((name) => name.startsWith('postgres.new-'))) {
    const file = path.join(folder.root, name);
    const found = statSync(file, { throwIfNoEntry: false });
    if (found && Date.now() - found.mtimeMs > 600_000) rmSync(file, { recursive: true, force: true });
  }
}
