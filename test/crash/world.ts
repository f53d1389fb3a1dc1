import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { superuser } from '../../src/platform/embedded-postgres/data-folder.ts';
import { applicationUrl, connectionUrl } from '../../src/platform/embedded-postgres/lease.ts';
import { readPidFile } from '../../src/platform/embedded-postgres/running-server.ts';
import { type Access, senderSettings, setUpSenders } from './access.ts';
import { findDatabaseProcesses, killAtOnce } from './database-processes.ts';
import { print } from './report.ts';
import { startToldLog, type ToldLog } from './told-log.ts';
import { superviseServer, type SupervisedServer } from './supervised-server.ts';

/** A server with an embedded PostgreSQL of its own, set up for the senders, and a receiver that it tells every change. */
export interface World {
  readonly server: SupervisedServer;
  readonly told: ToldLog;
  readonly access: Access;
  /** Holds PostgreSQL's data. */
  readonly cluster: string;
  readonly databaseUrl: () => string;
  /** For what only PostgreSQL's own administrator may do. */
  readonly superuserUrl: () => string;
  /** The log of the server process. */
  readonly logFile: string;
  readonly end: () => Promise<void>;
}

const worlds = new Set<World>();
/** Enough to see what a server did that was not there in time: its folder goes with it. */
const lastLines = 100;

/** Runs `work` in a world of its own, whose data may stand in a folder that is given. */
export async function inWorld<Result>(name: string, work: (world: World) => Promise<Result>, dataFolder?: string): Promise<Result> {
  const world = await createWorld(name, dataFolder);
  worlds.add(world);
  try {
    return await work(world);
  } catch (error) {
    print(`the server's last words:\n${readFileSync(world.logFile, 'utf8').split('\n').slice(-lastLines).join('\n')}`);
    throw error;
  } finally {
    worlds.delete(world);
    await world.end();
  }
}

/** Servers outlive whoever started them: before a process ends early, it ends them. */
export async function endWorlds(): Promise<void> {
  await Promise.all(Array.from(worlds, (world) => world.end()));
}

async function createWorld(name: string, dataFolder?: string): Promise<World> {
  const folder = mkdtempSync(path.join(os.tmpdir(), `leadgraph-${name}-`));
  const dataDir = dataFolder ?? path.join(folder, 'data');
  mkdirSync(dataDir, { recursive: true });
  const cluster = path.join(dataDir, 'postgres');
  const logFile = path.join(folder, 'server.log');
  const told = await startToldLog();
  const server = await superviseServer({ DATA_DIR: dataDir, ...senderSettings }, logFile);
  const password = (): string => readFileSync(path.join(dataDir, 'postgres.password'), 'utf8').trim();
  const port = (): number => readPidFile(cluster)?.port ?? 0;
  const end = async (): Promise<void> => {
    await server.stop();
    await told.close();
    const left = findDatabaseProcesses(cluster);
    if (left) killAtOnce([left.postmaster, ...left.children]);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  try {
    await server.ready();
    const access = await setUpSenders(server.base, told.url);
    return {
      server,
      told,
      access,
      cluster,
      databaseUrl: () => applicationUrl(password(), port()),
      superuserUrl: () => connectionUrl(superuser, password(), port(), 'leadgraph'),
      logFile,
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}
