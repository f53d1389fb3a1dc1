import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startApp, type TestApp } from '../support/app.ts';

/** Stands between the server and its database: passes everything on, swallows everything, or hangs up. */
interface Wire {
  readonly port: number;
  readonly swallow: () => void;
  readonly hangUp: () => void;
  readonly mend: () => void;
  readonly close: () => Promise<void>;
}

async function wireTo(host: string, port: number): Promise<Wire> {
  let mode: 'pass' | 'swallow' | 'refuse' = 'pass';
  const pairs = new Set<readonly [Socket, Socket]>();
  const cut = (): void => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
    pairs.clear();
  };
  const server: Server = createServer((near) => {
    if (mode === 'refuse') {
      near.destroy();
      return;
    }
    const far = connect(port, host);
    pairs.add([near, far]);
    near.on('data', (data) => mode === 'pass' && far.write(data));
    far.on('data', (data) => mode === 'pass' && near.write(data));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    swallow: () => (mode = 'swallow'),
    hangUp() {
      mode = 'refuse';
      cut();
    },
    mend() {
      mode = 'pass';
      // What was swallowed is gone, as after a network that came back.
      cut();
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

let database: TestDatabase;
let wire: Wire;
let app: TestApp;
beforeAll(async () => {
  database = await createTestDatabase();
  const url = new URL(database.url);
  wire = await wireTo(url.hostname, Number(url.port));
  url.port = String(wire.port);
  app = await startApp({}, { ...database, url: url.href });
});
afterAll(async () => {
  wire.mend();
  await app.end();
  await wire.close();
  await database.drop();
});

const post = (email: string) => app.send('POST', '/api/postback', { email });

async function timed<Value>(work: Promise<Value>): Promise<{ readonly value: Value; readonly ms: number }> {
  const began = performance.now();
  return { value: await work, ms: performance.now() - began };
}

async function healsWithin(ms: number): Promise<void> {
  const deadline = performance.now() + ms;
  while ((await post('healed@example.com')).status >= 500) expect(performance.now()).toBeLessThan(deadline);
  expect((await app.send('GET', '/api/leads')).status).toBe(200);
}

it.each([
  ['row 52', 'hangUp'],
  ['row 53', 'swallow'],
] as const)('%s: answers 503 within 2.5 s when the database goes away (%s), and heals by itself', async (_row, fault) => {
  expect((await post('before@example.com')).status).toBeLessThan(300);
  wire[fault]();
  const [write, read, graph, ready] = await Promise.all([
    timed(post('during@example.com')),
    timed(app.send('GET', '/api/leads')),
    timed(app.graphql('{ leads { nodes { id } } }')),
    timed(fetch(`${app.url}/readyz`)),
  ]);
  for (const { ms } of [write, read, graph, ready]) expect(ms).toBeLessThan(2500);
  for (const { value } of [write, read]) {
    expect(value).toMatchObject({ status: 503, body: { code: 'DB_UNAVAILABLE' } });
    expect(value.headers.get('retry-after')).toBe('1');
  }
  expect(graph.value).toMatchObject({ status: 503, errors: [{ extensions: { code: 'DB_UNAVAILABLE', retryAfterSeconds: 1 } }] });
  expect(ready.value.status).toBe(503);
  expect((await fetch(`${app.url}/healthz`)).status).toBe(200);

  wire.mend();
  await healsWithin(5000);
});

it('a server that starts while the database is away waits for it', async () => {
  wire.hangUp();
  const starting = startApp({}, app.database);
  await new Promise((resolve) => setTimeout(resolve, 700));
  wire.mend();
  const other = await starting;
  expect((await other.send('GET', '/api/leads')).status).toBe(200);
  await other.close();
});

it('a server that the database does not let in says so at once', async () => {
  const url = new URL(app.database.url);
  url.pathname = '/no-such-database';
  const { value, ms } = await timed(startApp({}, { ...app.database, url: url.href }).catch((error: Error) => error.message));
  expect(value).toBe('database "no-such-database" does not exist');
  expect(ms).toBeLessThan(2500);
});
