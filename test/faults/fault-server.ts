import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { inject } from 'vitest';
import { superviseServer, type SupervisedServer } from '../crash/supervised-server.ts';

/** The real server as a process of its own, under limits if need be. */
export interface FaultServer extends SupervisedServer {
  readonly end: () => Promise<void>;
}

export async function startFaultServer(settings: Readonly<Record<string, string>>, under: readonly string[] = []): Promise<FaultServer> {
  const folder = mkdtempSync(path.join(inject('testServer').folder, 'fault-'));
  const server = await superviseServer({ DATA_DIR: folder, ...settings }, `${folder}.log`, under);
  const end = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await server.ready();
  } catch (error) {
    await end();
    throw error;
  }
  return { ...server, end };
}

export const post = (server: Pick<SupervisedServer, 'base'>, email: string, timeoutMs = 10_000): Promise<Response> =>
  fetch(`${server.base}/api/postback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email }),
    signal: AbortSignal.timeout(timeoutMs),
  });
