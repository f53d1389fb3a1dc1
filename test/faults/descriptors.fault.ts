import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../live/change-log.ts';
import { type FaultServer, post, startFaultServer } from './fault-server.ts';

const most = 160;
let database: TestDatabase;
let server: FaultServer;
beforeAll(async () => {
  database = await createTestDatabase();
  server = await startFaultServer({ DATABASE_URL: database.url }, ['sh', '-c', `ulimit -n ${most} && exec "$@"`, 'sh']);
});
afterAll(async () => {
  await server.end();
  await database.drop();
});

const open = (): Socket => {
  const { hostname, port } = new URL(server.base);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  return socket;
};

/** One request over a connection that stays. */
async function ask(socket: Socket, request: string): Promise<string> {
  const answered = once(socket, 'data', { signal: AbortSignal.timeout(5000) });
  socket.write(request);
  const [data] = await answered;
  return String(data).slice(0, 12);
}

const health = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

function lead(email: string): string {
  const body = JSON.stringify({ email });
  return `POST /api/postback HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

it('row 56: refuses new connections when descriptors run out, serves those it has, and recovers', async () => {
  expect((await post(server, 'before@example.com')).status).toBe(201);
  const kept = open();
  expect(await ask(kept, health)).toBe('HTTP/1.1 200');

  const flood = Array.from({ length: 3 * most }, open);
  const refused = () => flood.filter((socket) => socket.closed).length;
  await until('most are refused', () => refused() >= most, 10_000);
  expect(refused()).toBeLessThan(flood.length);

  for (const request of [health, health]) expect(await ask(kept, request)).toBe('HTTP/1.1 200');
  expect(await ask(kept, lead('during@example.com'))).toBe('HTTP/1.1 201');
  expect(await ask(kept, 'GET /api/leads HTTP/1.1\r\nHost: localhost\r\n\r\n')).toBe('HTTP/1.1 200');

  for (const socket of flood) socket.destroy();
  const recovered = performance.now() + 10_000;
  let status = 0;
  while (status !== 201 && performance.now() < recovered) {
    status = await post(server, 'after@example.com').then(
      (response) => response.status,
      () => 0,
    );
  }
  expect(status).toBe(201);
  expect((await fetch(`${server.base}/api/leads`)).status).toBe(200);
  expect(server.crashes()).toEqual([]);
  kept.destroy();
});
