import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BareServer, startBareServer } from '../http/bare-server.ts';

const large = 'x'.repeat(8 * 1024 * 1024);
const patience = { headersMs: 500, requestMs: 1500, answerMs: 1500 };
let server: BareServer;
beforeAll(async () => {
  server = await startBareServer({ patience, pages: [{ path: '/large', contentType: 'text/plain', body: large }] });
});
afterAll(() => server.close());

interface SlowCaller {
  readonly socket: Socket;
  readonly received: () => string;
  readonly closed: Promise<void>;
}

function call(bytes: string): SlowCaller {
  const chunks: Buffer[] = [];
  const socket = connect(server.port, '127.0.0.1');
  // At once, so that nothing can be queued before it.
  socket.write(bytes);
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => undefined);
  return {
    socket,
    received: () => Buffer.concat(chunks).toString('latin1'),
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
  };
}

const callers = 200;
const callMany = (bytes: string): readonly SlowCaller[] => Array.from({ length: callers }, () => call(bytes));

/** Sends a little every now and then, as long as anybody listens. */
function drip(slow: readonly SlowCaller[], bit: string): () => void {
  const timer = setInterval(() => {
    for (const { socket } of slow) if (socket.writable) socket.write(bit);
  }, 100);
  return () => clearInterval(timer);
}

/** Takes a little of a large answer every now and then: so much by count, because by time a busy machine would read all of it at once. */
function readSlowly(): { readonly received: () => number; readonly stop: () => void } {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n');
  let received = 0;
  const timer = setInterval(() => {
    const chunk: Buffer | null = socket.read(16 * 1024) ?? socket.read();
    received += chunk?.length ?? 0;
  }, 100);
  return {
    received: () => received,
    stop: () => {
      clearInterval(timer);
      socket.destroy();
    },
  };
}

/** Resolves once the server has accepted its next `count` connections, with what resolves once it has let go of all of them. */
function cutConnections(count: number): Promise<{ readonly all: Promise<unknown> }> {
  const closed: Promise<void>[] = [];
  return new Promise((resolve) => {
    server.server.on('connection', function accept(socket: Socket) {
      closed.push(new Promise((close) => socket.once('close', () => close())));
      if (closed.length < count) return;
      server.server.off('connection', accept);
      resolve({ all: Promise.all(closed) });
    });
  });
}

/** Over a connection of its own, which ends with it. */
const askForHealth = (): Promise<readonly [status: number | undefined, body: string]> =>
  new Promise((resolve, reject) => {
    get(`${server.url}/healthz`, { agent: false }, (response) => {
      text(response).then((body) => resolve([response.statusCode, body]), reject);
    }).on('error', reject);
  });

/** Requests that behave, one after the other, until the slow ones are gone. Every one is answered. */
async function countHealthy(until: Promise<unknown>): Promise<number> {
  const state = { done: false };
  void until.then(() => (state.done = true));
  let answered = 0;
  while (!state.done) {
    expect(await askForHealth()).toEqual([200, '{"status":"ok"}']);
    answered += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return answered;
}

describe('row 62: two hundred callers that take their time are cut while others are served', () => {
  it.each([
    ['to send their headers', 'GET /healthz HTTP/1.1\r\nHost: x\r\n', 'X-A: b\r\n'],
    ['to send their body', 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n\r\n{"a":"', 'x'],
    [
      'to send a body in chunks',
      'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n',
      '1\r\n \r\n',
    ],
  ])('%s: with 408', async (_name, bytes, bit) => {
    const slow = callMany(bytes);
    const stop = drip(slow, bit);
    const gone = Promise.all(slow.map(({ closed }) => closed));
    expect(await countHealthy(gone)).toBeGreaterThan(0);
    stop();
    for (const { received } of slow) {
      expect(received()).toMatch(/^HTTP\/1\.1 408 /);
      expect(received()).toMatch(/"code":"REQUEST_TIMEOUT".*"request_id":"/);
    }
  });

  it('to read their answer', async () => {
    const before = process.memoryUsage.rss();
    const cut = cutConnections(40);
    const slow = Array.from({ length: 40 }, readSlowly);
    const gone = (await cut).all;
    await askForHealth();
    // Forty copies would be 320 MB.
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 * 1024);
    expect(await countHealthy(gone)).toBeGreaterThan(0);
    for (const { stop, received } of slow) {
      expect(received()).toBeGreaterThan(0);
      expect(received()).toBeLessThan(large.length);
      stop();
    }
  });

  it('but one who reads in time gets all of it', async () => {
    expect((await (await fetch(`${server.url}/large`)).text()).length).toBe(large.length);
  });
});
