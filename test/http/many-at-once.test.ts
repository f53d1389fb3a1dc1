import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BareServer, startBareServer } from './bare-server.ts';

let server: BareServer;
beforeAll(async () => {
  server = await startBareServer();
});
afterAll(() => server.close());

/** When no more may wait, the system drops a connection's first packet, and sends it again after a second, or three. */
const lostMs = 1000;

/** What the system itself lets wait. */
function mostWaiting(): number {
  try {
    return Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));
  } catch {
    return 128;
  }
}

it('a thousand callers that come at the same moment are all connected at once', async () => {
  const connected = Array.from({ length: Math.min(1000, mostWaiting()) }, () => {
    const began = performance.now();
    const socket = connect({ port: server.port, host: '127.0.0.1' });
    return new Promise<number>((resolve, reject) => {
      socket.once('error', reject).once('connect', () => {
        socket.destroy();
        resolve(performance.now() - began);
      });
    });
  });
  expect(Math.max(...(await Promise.all(connected)))).toBeLessThan(lostMs);
});
