import path from 'node:path';
import { migrationsFolder } from '../app.ts';
import { loadConfig } from '../config.ts';
import { startEmbeddedPostgres } from '../platform/embedded-postgres/start.ts';
import { createLog } from '../platform/log.ts';
import { migrate } from '../platform/migrate.ts';
import { rebuildRollups } from './rebuild-rollups.ts';

/** `npm run rollups:rebuild`: counts the numbers of all accounts anew while the server goes on serving the old ones. */
const config = loadConfig(process.env);
const log = createLog(config.logLevel, config.production);
const embedded = config.databaseUrl === null ? await startEmbeddedPostgres({ dataDir: path.resolve(config.dataDir), log }) : null;
const url = config.databaseUrl ?? embedded?.url ?? '';
try {
  await migrate(url, migrationsFolder);
  await rebuildRollups(url, (rebuilt) => log.info(rebuilt, 'numbers rebuilt'));
} finally {
  await embedded?.stop();
}
