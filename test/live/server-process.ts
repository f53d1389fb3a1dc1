import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { builtServer } from '../support/build-server.ts';

/** The real server as a process of its own, which can be killed and started again at the same port. */
export interface ServerProcess {
  readonly url: string;
  readonly start: () => Promise<void>;
  /** As a power cut would end it: nothing is finished, nothing is said. */
  readonly kill: () => Promise<void>;
  /** As an operator ends it, or as the signal would; resolves with its exit code. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>;
  /** Holds it as it is (SIGSTOP), or lets it go on (SIGCONT). */
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Everything that it has written to its two outputs. */
  readonly output: () => string;
}

export async function createServerProcess(
  databaseUrl: string,
  apiKey: string,
  settings: Record<string, string> = {},
  { args = [builtServer], cwd }: { readonly args?: readonly string[]; readonly cwd?: string } = {},
): Promise<ServerProcess> {
  const port = await findFreePort();
  const env = {
    PATH: process.env['PATH'],
    DATABASE_URL: databaseUrl,
    API_KEY: apiKey,
    PORT: `${port}`,
    LOG_LEVEL: 'info',
    NODE_ENV: 'production',
    ...settings,
  };
  let running: ChildProcess | null = null;
  let output = '';

  async function kill(): Promise<void> {
    const killed = running;
    running = null;
    if (!killed || killed.exitCode !== null) return;
    killed.kill('SIGKILL');
    await once(killed, 'exit');
  }

  return {
    url: `http://127.0.0.1:${port}`,
    async start() {
      const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'], ...(cwd !== undefined && { cwd }) });
      running = child;
      await new Promise<void>((resolve, reject) => {
        const before = output.length;
        const read = (data: Buffer) => {
          output += data.toString();
          if (output.includes('listening at', before)) resolve();
        };
        child.stdout.on('data', read);
        child.stderr.on('data', read);
        child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${output.slice(before)}`)));
      });
    },
    kill,
    async stop(signal = 'SIGTERM') {
      const stopped = running;
      running = null;
      if (!stopped) return null;
      stopped.kill(signal);
      if (stopped.exitCode === null) await once(stopped, 'exit');
      return stopped.exitCode;
    },
    signal: (signal) => void running?.kill(signal),
    output: () => output,
  };
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('a server that listens has an address');
  return address.port;
}
