import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { buildServer, builtServer } from '../../support/build-server.ts';

export interface BenchServer {
  readonly port: number;
  readonly pid: number;
  /** Resident memory, in MB. */
  readonly memoryMb: () => number;
  readonly stop: () => Promise<void>;
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

let isBuilt = false;

/** The command that starts the server as it ships, of the present sources. */
export function leadgraph(nodeOptions: readonly string[] = ['--max-semi-space-size=32']): string[] {
  if (!isBuilt) buildServer();
  isBuilt = true;
  return ['node', ...nodeOptions, builtServer];
}

/** Starts a server as a process of its own and waits until it prints that it is there. */
export async function startServer(command: readonly string[], env: Record<string, string>, ready: RegExp): Promise<BenchServer> {
  const port = await freePort();
  const [program = '', ...args] = command;
  const child: ChildProcess = spawn(program, args, {
    env: { ...process.env, NODE_ENV: 'production', PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${command.join(' ')} ended with ${code} before it was ready`)));
    child.stdout?.on('data', (data: Buffer) => {
      if (ready.test(data.toString())) resolve();
    });
  });
  child.removeAllListeners('exit');
  const pid = child.pid ?? 0;
  return {
    port,
    pid,
    memoryMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
