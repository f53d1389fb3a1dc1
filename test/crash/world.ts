import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { superuser } from '../../src/platform/embedded-postgres/data-folder.ts';
import { applicationUrl, connectionUrl } from '../../src/platform/embedded-postgres/lease.ts';
import { readPidFile } from '../../src/platform/embedded-postgres/running-server.ts';
import type { Json } from '../support/app.ts';
import { findDatabaseProcesses, killAtOnce } from './database-processes.ts';
import { startToldLog, type ToldLog } from './told-log.ts';
import { superviseServer, type SupervisedServer } from './supervised-server.ts';

export const cid = 'crash';
const rootKey = 'the key of this run';
const crmSecret = 'the secret of this run';

/** What senders need to be let in. */
export interface Access {
  readonly base: string;
  readonly rootKey: Readonly<Record<string, string>>;
  readonly source: Readonly<Record<string, string>>;
  readonly crm: Readonly<Record<string, string>>;
}

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

/** Runs `work` in a world of its own, whose data may stand in a folder that is given. */
export async function inWorld<Result>(name: string, work: (world: World) => Promise<Result>, dataFolder?: string): Promise<Result> {
  const world = await createWorld(name, dataFolder);
  worlds.add(world);
  try {
    return await work(world);
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
  const settings = {
    DATA_DIR: dataDir,
    API_KEY: rootKey,
    CRM_WEBHOOK_SECRET: crmSecret,
    SOURCE_RATE_LIMIT_PER_MINUTE: '0',
    WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8',
  };
  const server = await superviseServer(settings, logFile);
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
    const access = await setUp(server.base, told.url);
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

async function setUp(base: string, receiver: string): Promise<Access> {
  const asRoot = { 'x-api-key': rootKey };
  const mutate = async (field: string, input: object, selection: string): Promise<Json> => {
    const type = field.charAt(0).toUpperCase() + field.slice(1);
    const query = `mutation ($input: ${type}Input!) { ${field}(input: $input) { __typename ... on ${type}Success { ${selection} } ... on Error { message } } }`;
    const response = await fetch(`${base}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...asRoot },
      body: JSON.stringify({ query, variables: { input } }),
    });
    const answer: Json = await response.json();
    if (answer.data?.[field]?.__typename !== `${type}Success`) throw new Error(`${field}: ${JSON.stringify(answer)}`);
    return answer.data[field];
  };
  await mutate('createEventType', { eventId: 'sale', isConversion: true, allowRepeats: true }, 'eventType { id }');
  await mutate('createEventType', { eventId: 'quote', allowRepeats: true }, 'eventType { id }');
  await mutate('createCampaign', { cid }, 'campaign { id }');
  const { key, source } = await mutate('createSource', { name: 'Crash', complianceApproved: true }, 'key source { id }');
  await mutate('createWebhook', { name: 'Crash', url: receiver, events: changeTypes, payloadFormat: 'full' }, 'webhook { id }');
  return {
    base,
    rootKey: asRoot,
    source: { 'x-leadping-source-id': source.id, 'x-leadping-source-key': key },
    crm: { authorization: `Bearer ${crmSecret}` },
  };
}

const changeTypes = [
  'lead.created',
  'lead.updated',
  'lead.deleted',
  'stage.changed',
  'submission.received',
  'event.fired',
  'event.converted',
  'crm.activity',
  'crm.linked',
];
