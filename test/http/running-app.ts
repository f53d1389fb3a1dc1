import { connect } from 'node:net';
import { pino } from 'pino';
import { type App, createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { createTestDatabase } from '../support/database.ts';

export const apiKey = 'the-root-key';

/** The whole server over a database of its own. */
export interface RunningApp {
  readonly app: App;
  readonly url: string;
  readonly port: number;
  /** A request with the root key; further headers replace it. */
  readonly send: (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Reply>;
  /** Sends bytes as they are; resolves with all that came back when the server closed the connection. */
  readonly sendRaw: (bytes: string | Buffer) => Promise<string>;
  /** How many leads, stage changes, receipts and log entries there are. */
  readonly countRows: () => Promise<Readonly<Record<string, number>>>;
  /** Everything that was logged so far. */
  readonly logged: () => string;
  readonly close: () => Promise<void>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Any JSON; the tests say what they expect. */
  readonly body: Record<string, unknown>;
}

export async function startApp(env: Readonly<Record<string, string>> = {}): Promise<RunningApp> {
  const database = await createTestDatabase();
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const app = await createApp(loadConfig({ API_KEY: apiKey, ...env }), database.url, log);
  const url = await app.listen('127.0.0.1', 0);
  const port = Number(new URL(url).port);
  return {
    app,
    url,
    port,
    async send(method, path, body, headers = {}) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { 'x-api-key': apiKey, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: toBytes(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === '' ? {} : (JSON.parse(text) as Reply['body']) };
    },
    sendRaw: (bytes) => sendRaw(port, bytes),
    async countRows() {
      const tables = ['Lead', 'StageChange', 'Submission', 'Change', 'IdempotencyRecord'];
      const counts = await Promise.all(
        tables.map((table) => app.services.database.readPool.query<{ readonly n: number }>(`SELECT count(*)::int AS n FROM "${table}"`)),
      );
      return Object.fromEntries(tables.map((table, i) => [table, counts[i]?.rows[0]?.n ?? -1]));
    },
    logged: () => lines.join(''),
    async close() {
      await app.close();
      await database.drop();
    },
  };
}

function toBytes(body: unknown): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
}

export function sendRaw(port: number, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const finish = (): void => resolve(Buffer.concat(chunks).toString('latin1'));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => socket.end());
    socket.on('error', finish);
    socket.on('close', finish);
    socket.setTimeout(3000, () => socket.destroy());
  });
}
