import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { findBinaries } from './binaries.ts';
import { type DataFolder, openDataFolder, prepareCluster } from './data-folder.ts';
import { applicationUrl, type Lease, takeLease } from './lease.ts';
import { hasOrphans, type PidFile, readPidFile, removeStalePidFile, serverState } from './running-server.ts';
import { freePort, type Settings, type StartOutcome, startServer, stopServer } from './server-process.ts';
import { serverUserFor } from './server-user.ts';
import { EmbeddedPostgresError, errorMessage } from './start-error.ts';

export interface EmbeddedPostgresOptions {
  /** DATA_DIR: gets `postgres/` (the data), `postgres.password` and `postgres.log`. */
  readonly dataDir: string;
  readonly log: Log;
  /** Server settings over ours. Only for a database that may be lost, such as a test's. */
  readonly settings?: Settings;
}

export interface EmbeddedPostgres {
  readonly url: string;
  /** Whether the server was running already: another process uses it, or one of ours crashed. */
  readonly adopted: boolean;
  /** Stops the server unless another process still uses it. Close every connection first; call it once on the way out. */
  stop(): Promise<void>;
}

interface Running {
  readonly port: number;
  readonly adopted: boolean;
  readonly lease: Lease;
}

/** Starting after a crash replays the log, which is bounded by its size on disk and takes seconds; this is far beyond. */
const bringUpTimeoutMs = 180_000;
/** A process has ten seconds to end; the requests in flight had the first of them. */
const stopTimeoutMs = 6000;
/** For a server that is just being brought back while we want to end. */
const supervisionTimeoutMs = 2000;
const zombieTimeoutMs = 3000;
const slowestRetryMs = 5000;
const mostPortRefusals = 5;

/** Brings up the real PostgreSQL that lives under `dataDir`: makes it, starts it, or adopts the one that is running; restarts it when it dies. */
export async function startEmbeddedPostgres({ dataDir, log, settings = {} }: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  if (process.platform === 'win32') {
    throw new EmbeddedPostgresError('The embedded database does not run on Windows: use WSL or Docker, or set DATABASE_URL');
  }
  const folder = openDataFolder(dataDir);
  const user = serverUserFor(folder.cluster);
  const binaries = await findBinaries(folder.root, user, log);
  const password = await prepareCluster(folder, binaries, user);

  const start = (port: number) => startServer(folder, binaries, user, port, settings);
  let running = await bringUp(folder, password, start);
  const { port, adopted } = running;
  log.info({ port, adopted, version: binaries.version, dir: folder.cluster }, 'embedded PostgreSQL is ready');

  const stopping = new AbortController();
  const supervision = supervise();

  async function supervise(): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      stopping.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    while (!stopping.signal.aborted) {
      await Promise.race([running.lease.lost, stopped]);
      if (!stopping.signal.aborted) log.warn({ port }, 'embedded PostgreSQL is away; bringing it back');
      for (let delayMs = 100; !stopping.signal.aborted; delayMs = Math.min(delayMs * 2, slowestRetryMs)) {
        try {
          running = await bringUp(folder, password, start, port);
          if (running.port !== port)
            log.error({ port: running.port, expected: port }, 'embedded PostgreSQL came back on another port: restart this process');
          break;
        } catch (error) {
          log.error({ reason: errorMessage(error) }, 'embedded PostgreSQL did not come back');
          await Promise.race([sleep(delayMs, undefined, { ref: false }), stopped]);
        }
      }
    }
  }

  return {
    url: applicationUrl(password, port),
    adopted,
    async stop() {
      stopping.abort();
      await Promise.race([supervision, sleep(supervisionTimeoutMs, undefined, { ref: false })]);
      const alone = await running.lease.release();
      if (!alone) log.info({}, 'embedded PostgreSQL left running: another process uses it');
      else if (!(await stopServer(folder.cluster, stopTimeoutMs))) log.warn({}, 'embedded PostgreSQL is still stopping');
      await running.lease.close();
    },
  };
}

type Start = (port: number) => Promise<StartOutcome>;

/**
 * Ends with a server that we hold a lease on. Several processes may do this at once, for one folder: each looks again after whatever
 * went wrong, and PostgreSQL's own lock file decides who starts it.
 */
async function bringUp(folder: DataFolder, password: string, start: Start, wantedPort: number | null = null): Promise<Running> {
  let started = false;
  let refusals = 0;
  for (const deadline = Date.now() + bringUpTimeoutMs; Date.now() < deadline; await sleep(20)) {
    const file = readPidFile(folder.cluster);
    if (file && serverState(folder.cluster, file.pid) === 'running') {
      const lease = file.ready ? await takeLease(file.port, password) : null;
      if (lease) return { port: file.port, adopted: !started, lease };
      continue;
    }
    await clearRemains(folder.cluster, file);
    // The port it had: whoever was connected finds it again.
    const port = await freePort(refusals === 0 ? (wantedPort ?? file?.port ?? null) : null);
    const outcome = await start(port);
    started = outcome === 'started';
    if (outcome === 'port-refused' && ++refusals > mostPortRefusals) {
      throw new EmbeddedPostgresError(
        `PostgreSQL may not listen on any port of 127.0.0.1: see ${folder.logFile}, allow it, or set DATABASE_URL`,
      );
    }
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL was not ready after ${bringUpTimeoutMs / 1000} s: see ${folder.logFile}, or set DATABASE_URL to another server`,
  );
}

async function clearRemains(cluster: string, file: PidFile | null): Promise<void> {
  for (const deadline = Date.now() + zombieTimeoutMs; Date.now() < deadline; await sleep(50)) {
    const waiting = (file && serverState(cluster, file.pid) === 'zombie') || hasOrphans(cluster);
    if (!waiting) break;
  }
  // Of a dead pid PostgreSQL itself clears the file away, after checks of its own.
  if (file && serverState(cluster, file.pid) !== 'gone' && !hasOrphans(cluster)) removeStalePidFile(cluster, file);
}
