import { closeSync, fstatSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import type { DataFolder } from './data-folder.ts';
import { readPidFile, serverState } from './running-server.ts';
import { dataFolderArgument, programExit, spawnProgram } from './server-program.ts';
import type { ServerUser } from './server-user.ts';
import { EmbeddedPostgresError, errorMessage } from './start-error.ts';

export type Settings = Readonly<Record<string, string>>;

/** Durability (`fsync`, `synchronous_commit`) stays at its default: an acknowledged lead survives a power cut. */
const defaultSettings: Settings = {
  // Loopback TCP only. No Unix socket: its path would have to be short and in a folder that the server's account may write.
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // A server process opens about 25 connections; this leaves room for several and for people with a client.
  max_connections: '200',
  shared_buffers: `${bufferMb()}MB`,
  random_page_cost: '1.1',
  // Our statements are short; compiling a plan costs more than it saves.
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // The server's own life only. Failed statements quote their values, which are people's data; the caller gets the error anyway.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
};

/** An eighth of the machine's memory, within bounds: a million leads have half a gigabyte of words to search. */
function bufferMb(): number {
  return Math.round(Math.min(512, Math.max(128, totalmem() / 2 ** 20 / 8)));
}

/** `raced`: another start of the same folder came first. `port-refused`: the port is taken, or not for this account. */
export type StartOutcome = 'started' | 'raced' | 'port-refused';

const startTimeoutMs = 120_000;
const largestLogBytes = 5_000_000;

/** Starts the server on `port` and waits until it accepts connections. */
export async function startServer(
  folder: DataFolder,
  binaries: Binaries,
  user: ServerUser | null,
  port: number,
  settings: Settings,
): Promise<StartOutcome> {
  const log = openLog(folder.logFile);
  try {
    const logStart = fstatSync(log).size;
    const all = { ...defaultSettings, ...settings, port: String(port) };
    const args = ['-D', dataFolderArgument(folder.cluster), ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    const server = spawnProgram(binaries.postgres, args, user, folder.cluster, [log, log]);
    // The server outlives us, by a crash or on purpose; it must not keep a process of ours alive.
    server.unref();
    let ended: string | null = null;
    programExit(server).then(
      (code) => (ended = `it ended with ${code}`),
      (error: unknown) => (ended = errorMessage(error)),
    );
    for (const deadline = Date.now() + startTimeoutMs; Date.now() < deadline; await sleep(10)) {
      if (ended !== null) return explainEnd(folder, readFileSync(folder.logFile).subarray(logStart).toString(), ended);
      const file = readPidFile(folder.cluster);
      if (file?.ready && file.pid === server.pid) return 'started';
    }
    throw new EmbeddedPostgresError(
      `PostgreSQL was not ready after ${startTimeoutMs / 1000} s: see ${folder.logFile}, or set DATABASE_URL to another server`,
    );
  } finally {
    closeSync(log);
  }
}

function openLog(file: string): number {
  try {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > largestLogBytes) renameSync(file, `${file}.old`);
    return openSync(file, 'a', 0o600);
  } catch (error) {
    throw new EmbeddedPostgresError(`Cannot write PostgreSQL's log ${file} (${errorMessage(error)}): move that file away`);
  }
}

function explainEnd(folder: DataFolder, log: string, reason: string): StartOutcome {
  if (/lock file "postmaster.pid" (already exists|is empty)|pre-existing shared memory block/.test(log)) return 'raced';
  if (/could not bind|could not create any TCP\/IP sockets/.test(log)) return 'port-refused';
  const said = /(?:FATAL|PANIC): +(.*)/.exec(log)?.[1] ?? log.trim().split('\n').at(-1) ?? '';
  const fix = /No space left/.test(log) ? 'free some disk space' : `see ${folder.logFile}, or set DATABASE_URL to another server`;
  throw new EmbeddedPostgresError(`PostgreSQL did not start (${said || reason}): ${fix}`);
}

/** Ends the server the way that keeps everything and waits for nobody ("fast"). False when it is still at it after the deadline. */
export async function stopServer(cluster: string, deadlineMs: number): Promise<boolean> {
  const file = readPidFile(cluster);
  if (!file || serverState(cluster, file.pid) !== 'running') return true;
  process.kill(file.pid, 'SIGINT');
  for (const deadline = Date.now() + deadlineMs; Date.now() < deadline; await sleep(10)) {
    if (serverState(cluster, file.pid) !== 'running') return true;
  }
  return false;
}

/** `wanted` if it is free, else whichever the system gives. Somebody can still take it before the server does; the start is then repeated. */
export async function freePort(wanted: number | null): Promise<number> {
  if (wanted !== null && (await tryPort(wanted)) !== null) return wanted;
  const given = await tryPort(0);
  if (given === null)
    throw new EmbeddedPostgresError('No port of 127.0.0.1 can be opened: allow this machine to listen there, or set DATABASE_URL');
  return given;
}

function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(null));
    probe.listen({ port, host: '127.0.0.1' }, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : null));
    });
  });
}
