import { Registry } from 'prom-client';
import { followLog } from '../../src/changes/follow-log.ts';
import { loadConfig } from '../../src/config.ts';
import { createPipeline } from '../../src/pipeline/stage.ts';
import { createDatabase } from '../../src/platform/database.ts';
import { createLog } from '../../src/platform/log.ts';
import { createWebhooks } from '../../src/webhooks/create-webhooks.ts';

/** A process that does nothing but deliver, so that a test can kill it often. */
const config = loadConfig(process.env);
const log = createLog('info', true);
const database = createDatabase(config.databaseUrl ?? '', log);
const follower = followLog(database, log);
createWebhooks({ config, database, follower, pipeline: createPipeline(config.pipelineStages), registry: new Registry(), log });
setInterval(() => undefined, 60_000);
