import { Socket } from 'node:net';
import { Client, escapeIdentifier } from 'pg';
import type { Log } from '../platform/log.ts';
import { reasonOf } from '../platform/error-reason.ts';

export interface Listener {
  close(): void;
}

export interface ListenerOptions {
  readonly url: string;
  readonly channel: string;
  readonly log: Log;
  readonly onNotify: (payload: string) => void;
  /** Called after each (re)connection: what was said in between was missed. */
  readonly onListening: () => void;
}

const connectTimeoutMs = 2000;
const firstRetryMs = 100;
const longestRetryMs = 5000;
/** A connection whose packets are swallowed says nothing by itself: it is asked this often. */
const checkEveryMs = 10_000;

/** Keeps one connection that listens on a channel, and replaces it when it breaks. */
export function listen({ url, channel, log, onNotify, onListening }: ListenerOptions): Listener {
  let closed = false;
  let retryMs = firstRetryMs;
  let timer: NodeJS.Timeout | undefined;
  let drop: (() => void) | null = null;

  function connect(): void {
    // Our own socket, so that a dead connection can be dropped without its consent.
    const socket = new Socket();
    const client = new Client({
      connectionString: url,
      application_name: 'leadgraph listener',
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: connectTimeoutMs,
      keepAlive: true,
      stream: () => socket,
    });
    let lost = false;
    const dropThis = () => {
      lost = true;
      socket.destroy();
    };
    drop = dropThis;
    const onLost = (reason: string) => {
      if (lost) return;
      dropThis();
      if (!closed) retry(reason);
    };
    client.on('error', (error) => onLost(reasonOf(error)));
    client.on('end', () => onLost('connection ended'));
    client.on('notification', ({ payload }) => onNotify(payload ?? ''));
    const begin = async () => {
      await client.connect();
      await client.query(`LISTEN ${escapeIdentifier(channel)}`);
      if (lost) return;
      retryMs = firstRetryMs;
      onListening();
      check();
    };
    const check = () => {
      timer = setTimeout(() => void client.query('SELECT 1').then(check, (error: unknown) => onLost(reasonOf(error))), checkEveryMs);
      timer.unref();
    };
    begin().catch((error: unknown) => onLost(reasonOf(error)));
  }

  function retry(reason: string): void {
    log.warn({ channel, reason, retryMs }, 'listening to the change log was interrupted');
    clearTimeout(timer);
    timer = setTimeout(connect, retryMs);
    timer.unref();
    retryMs = Math.min(retryMs * 2, longestRetryMs);
  }

  connect();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      drop?.();
    },
  };
}
