import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { builtServer } from '../support/build-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let child: ChildProcess | null = null;
let database: TestDatabase | null = null;
afterEach(async () => {
  if (child?.exitCode === null) child.kill('SIGKILL');
  await database?.drop();
});

/** The real process, as `npm start` runs it. */
async function start(
  env: Record<string, string>,
): Promise<{ readonly url: string; readonly output: () => string; readonly exit: Promise<number | null> }> {
  database = await createTestDatabase();
  const started = spawn(process.execPath, [builtServer], {
    env: { PATH: process.env['PATH'], DATABASE_URL: database.url, PORT: '0', NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = started;
  let output = '';
  for (const stream of [started.stdout, started.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  const exit = once(started, 'exit').then(([code]) => code as number | null);
  const deadline = Date.now() + 12_000;
  let url: string | undefined;
  while (url === undefined && Date.now() < deadline && started.exitCode === null) {
    url = /listening at (http:\S+?)"/.exec(output)?.[1];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { url: url ?? '', output: () => output, exit };
}

it('finishes the request in flight, closes sockets with 1001 and ends with 0 on SIGTERM', async () => {
  const server = await start({});
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  const closed = once(socket, 'close').then(([code]) => code as number);

  // Half a request: its other half comes after the signal.
  const body = JSON.stringify({ email: 'in.flight@example.com' });
  const post = request(`${server.url}/api/postback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': body.length },
  });
  const answered = once(post, 'response').then(([response]) => response.statusCode as number);
  post.write(body.slice(0, 10));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const began = performance.now();
  child?.kill('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 300));
  post.end(body.slice(10));

  expect(await answered).toBe(201);
  expect(await closed).toBe(1001);
  expect(await server.exit).toBe(0);
  expect(performance.now() - began).toBeLessThan(10_000);
});

it('refuses to serve strangers while the key is the shipped one, in one clear line', async () => {
  const server = await start({ HOST: '0.0.0.0' });
  expect(await server.exit).toBe(1);
  expect(server.output()).toMatch(/^HOST=0\.0\.0\.0 would offer every lead .* Set API_KEY/);
  expect(server.output().trim().split('\n')).toHaveLength(1);
});

it('says when the port is taken, and how to go on', async () => {
  const taken = createServer();
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const server = await start({ PORT: String(port) });
  expect(await server.exit).toBe(1);
  expect(server.output()).toContain(`Port ${port} is in use. Stop the other program, or set PORT.`);
  taken.close();
});

it('says every wrong setting at once', async () => {
  const server = await start({ PORT: 'http', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://nope' });
  expect(await server.exit).toBe(1);
  for (const name of ['PORT', 'LOG_LEVEL', 'DATABASE_URL']) expect(server.output()).toContain(`  ${name}: `);
});
