import path from 'node:path';
import { type App, createApp } from './app.ts';
import { type Config, loadConfig } from './config.ts';
import { createLog, type Log } from './platform/log.ts';
import { describeError } from './platform/error-reason.ts';
import { startEmbeddedPostgres } from './platform/embedded-postgres/start.ts';

/** The process: settings, database, server; and the way out. */
const giveUpAfterMs = 10_000;
const lastWordsMs = 500;

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const log = createLog(config.logLevel, config.production);
  // Node would print the error as it is, with the values that a driver adds to it.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: describeError(error) }, 'stopping after a fault that nobody handled');
    exit(log, 1, 'stopped');
  });
  const embedded = config.databaseUrl === null ? await startEmbeddedPostgres({ dataDir: path.resolve(config.dataDir), log }) : null;
  const { app, address } = await serve(config, config.databaseUrl ?? embedded?.url ?? '', log).catch(async (error: unknown) => {
    await embedded?.stop();
    throw error;
  });

  if (config.open) log.warn('API_KEY is "changeme": whoever reaches this port may read and change every lead');
  log.info(
    { dashboard: `${address}/`, graphiql: config.graphiql ? `${address}/graphql` : 'off', docs: `${address}/docs` },
    `listening at ${address}`,
  );

  const stop = once(async (signal: string) => {
    log.info({ signal, drainSeconds: config.drainSeconds }, 'stopping');
    app.leave();
    await new Promise((resolve) => setTimeout(resolve, config.drainSeconds * 1000));
    setTimeout(() => exit(log, 1, 'could not stop in time'), giveUpAfterMs).unref();
    await app.close();
    await embedded?.stop();
    exit(log, 0, 'stopped');
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
}

async function serve(config: Config, databaseUrl: string, log: Log): Promise<{ readonly app: App; readonly address: string }> {
  const app = await createApp(config, databaseUrl, log);
  try {
    return { app, address: await app.listen(config.host, config.port) };
  } catch (error) {
    await app.close();
    throw isPortTaken(error) ? new Error(`Port ${config.port} is in use. Stop the other program, or set PORT.`) : error;
  }
}

const isPortTaken = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';

function once<Argument>(work: (argument: Argument) => Promise<void>): (argument: Argument) => Promise<void> {
  let running: Promise<void> | null = null;
  return (argument) => (running ??= work(argument));
}

function exit(log: Log, code: number, message: string): void {
  log.info(message);
  // Nobody may be there any more to read the log: then a flush never ends.
  setTimeout(() => process.exit(code), lastWordsMs);
  log.flush(() => process.exit(code));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
