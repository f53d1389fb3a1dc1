import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/platform/embedded-postgres/server-process.ts';
import { builtServer } from '../support/build-server.ts';

/** The real server, started again whenever it ends, as a service manager would. */
export interface SupervisedServer {
  readonly base: string;
  /** Of the present process. */
  readonly pid: () => number;
  /** As a power cut would end it. */
  readonly kill: () => void;
  /** Resolves as soon as the present process serves with its database. */
  readonly ready: () => Promise<void>;
  /** What it said last, each time it ended though nobody asked for it. */
  readonly crashes: () => readonly string[];
  /** Ends it the way operators do. */
  readonly stop: () => Promise<void>;
}

const lastLines = 12;
const lastWords = (logFile: string): string => readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lastLines).join('\n');

const startTimeoutMs = 120_000;

/** `under` is a command that runs the server as its last arguments, under limits for example. */
export async function superviseServer(
  settings: Readonly<Record<string, string>>,
  logFile: string,
  under: readonly string[] = [],
): Promise<SupervisedServer> {
  const port = await freePort(null);
  const base = `http://127.0.0.1:${port}`;
  const env = { PATH: process.env['PATH'], NODE_ENV: 'production', LOG_LEVEL: 'info', PORT: String(port), ...settings };
  let stopping = false;
  const crashes: string[] = [];
  const killed = new WeakSet<ChildProcess>();
  let child = start();

  function start(): ChildProcess {
    const log = openSync(logFile, 'a');
    const [program, ...args] = [...under, process.execPath, builtServer];
    const started = spawn(program, args, { env, stdio: ['ignore', log, log] });
    closeSync(log);
    started.once('exit', (code, signal) => {
      if (stopping) return;
      if (!killed.has(started)) crashes.push(`${signal ?? code}: ${lastWords(logFile)}`);
      child = start();
    });
    return started;
  }

  return {
    base,
    pid: () => child.pid ?? 0,
    kill() {
      killed.add(child);
      child.kill('SIGKILL');
    },
    async ready() {
      const deadline = performance.now() + startTimeoutMs;
      while (!(await isReady(base))) {
        if (performance.now() > deadline) throw new Error(`the server is not ready after ${startTimeoutMs / 1000} s: see ${logFile}`);
        await sleep(20);
      }
    },
    crashes: () => crashes,
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
}

async function isReady(base: string): Promise<boolean> {
  try {
    return (await fetch(`${base}/readyz`, { signal: AbortSignal.timeout(3000) })).ok;
  } catch {
    return false;
  }
}
