import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { decodeCursor, encodeCursor } from '../../src/changes/cursor.ts';
import { times, until, wait } from './change-log.ts';
import { createLiveServer, type LiveServer, rootKey } from './live-server.ts';

let server: LiveServer;
beforeAll(async () => {
  server = await createLiveServer({ patienceMs: 1000, limits: { initWaitMs: 300, framesPerSecond: 400, operations: 10 } });
});
afterAll(() => server.close());

/** A socket that speaks by hand. */
function open(headers: Record<string, string> = {}): WebSocket {
  const socket = new WebSocket(server.webSocketUrl, 'graphql-transport-ws', { headers });
  socket.on('error', () => undefined);
  return socket;
}

async function openAndInit(payload: Record<string, unknown> = { 'x-api-key': rootKey }): Promise<WebSocket> {
  const socket = open();
  await once(socket, 'open');
  say(socket, { type: 'connection_init', payload });
  await once(socket, 'message');
  return socket;
}

const say = (socket: WebSocket, message: unknown): void => socket.send(JSON.stringify(message));

async function closeOf(socket: WebSocket): Promise<[code: number, reason: string]> {
  const [code, reason] = await once(socket, 'close');
  return [code, String(reason)];
}

const subscribeTo = (id: string, query: string, variables = {}) => ({ id, type: 'subscribe', payload: { query, variables } });

/** The status with which a handshake is answered. */
async function statusOf(path: string, headers: Record<string, string>): Promise<number | undefined> {
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-protocol': 'graphql-transport-ws',
  };
  const sent = request(new URL(path, server.url), { headers: { ...upgrade, ...headers } }).end();
  const [response, socket] = await Promise.race([once(sent, 'response'), once(sent, 'upgrade')]);
  if (socket) socket.destroy();
  else response.resume();
  return response.statusCode;
}

function askForHttp2(query: string, connection: string): string {
  const body = JSON.stringify({ query });
  return [
    'POST /graphql HTTP/1.1',
    'Host: localhost',
    `Connection: ${connection}, HTTP2-Settings`,
    'HTTP2-Settings: AAMAAABkAAQAAP__',
    'Upgrade: h2c',
    `X-Api-Key: ${rootKey}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}\r\n\r\n${body}`,
  ].join('\r\n');
}

describe('who may connect', () => {
  it.each([
    ['x-api-key', { 'x-api-key': rootKey }],
    ['authorization', { authorization: `Bearer ${rootKey}` }],
    ['Authorization', { Authorization: `Bearer ${rootKey}` }],
  ])('one who shows a key as %s', async (_name, payload) => {
    const socket = await openAndInit(payload);
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.close();
  });

  it.each([
    ['a wrong key', { 'x-api-key': 'wrong' }],
    ['no key', {}],
  ])('nobody with %s', async (_name, payload) => {
    const socket = open();
    await once(socket, 'open');
    say(socket, { type: 'connection_init', payload });
    expect(await closeOf(socket)).toEqual([4403, 'Forbidden']);
  });

  it('a program that sends its key as a header', async () => {
    const socket = open({ 'x-api-key': rootKey });
    await once(socket, 'open');
    say(socket, { type: 'connection_init' });
    expect(String((await once(socket, 'message'))[0])).toBe('{"type":"connection_ack"}');
    socket.close();
  });

  it('anybody who asks for HTTP/2 on the way, as Java does, and is served as ever', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const received: string[] = [];
    socket.setEncoding('latin1').on('data', (text: string) => received.push(text));
    const answers = (): string[] => received.join('').split(/(?=HTTP\/1\.1 )/);
    // More often than an emitter takes listeners without a warning.
    for (const turn of times(12, (i) => i + 1)) {
      socket.write(askForHttp2(`{ turn${turn}: __typename }`, 'Upgrade'));
      await until(`answer ${turn}`, () => received.join('').includes(`"turn${turn}":"Query"}`));
    }
    socket.write(askForHttp2('{ last: __typename }', 'Upgrade, close'));
    await once(socket, 'close');
    expect(answers()).toHaveLength(13);
    for (const answer of answers()) expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it('row 65: no page of another site', async () => {
    for (const origin of ['https://evil.example', 'null', `${new URL(server.url).origin}0`]) {
      expect(await statusOf('/graphql', { origin })).toBe(403);
    }
    expect(await statusOf('/graphql', { origin: new URL(server.url).origin })).toBe(101);
    expect(await statusOf('/graphql', { origin: 'https://leads.example', 'x-forwarded-host': 'leads.example' })).toBe(101);
    expect(await statusOf('/graphql?after=1', {})).toBe(101);
  });

  it('nowhere but at /graphql', async () => {
    expect(await statusOf('/', {})).toBe(404);
    expect(await statusOf('/graphql/more', {})).toBe(404);
  });

  it('only a speaker of graphql-transport-ws', async () => {
    const socket = new WebSocket(server.webSocketUrl);
    expect(await closeOf(socket)).toEqual([4406, 'Subprotocol not acceptable']);
  });
});

describe('row 67: a client that breaks the rules', () => {
  it('is closed when it does not introduce itself', async () => {
    expect(await closeOf(open())).toEqual([4408, 'Connection initialisation timeout']);
  });

  it.each([
    ['bad JSON', 4400, '{'],
    ['a second introduction', 4429, '{"type":"connection_init"}'],
    ['more than 64 KB', 1009, 'x'.repeat(64 * 1024 + 1)],
    ['an empty message', 1008, ''],
  ])('is closed for %s', async (_name, code, text) => {
    const socket = await openAndInit();
    socket.send(text);
    expect((await closeOf(socket))[0]).toBe(code);
  });

  it('is asked whether it is there, like all others but not with all of them at once', async () => {
    const asking = await createLiveServer({ limits: { pingEveryMs: 1200 } });
    const pingedAt: number[][] = [];
    for (const times of Array.from({ length: 24 }, () => [] as number[])) {
      pingedAt.push(times);
      const socket = new WebSocket(asking.webSocketUrl, 'graphql-transport-ws');
      socket.on('ping', () => times.push(performance.now()));
      await once(socket, 'open');
    }
    await until('everybody was asked twice', () => pingedAt.every((times) => times.length >= 2));
    await asking.close();
    const first = pingedAt.map(([at = 0]) => at);
    const together = first.map((at) => first.filter((other) => Math.abs(other - at) < 25).length);
    expect(Math.max(...together)).toBeLessThanOrEqual(8);
  });

  it('is closed for one id used twice', async () => {
    const socket = await openAndInit();
    for (const _ of [1, 2]) say(socket, subscribeTo('a', 'subscription { leadChanges { cursor } }'));
    expect((await closeOf(socket))[0]).toBe(4409);
  });

  it('is closed for a message in thousands of pieces', async () => {
    const socket = await openAndInit();
    for (let i = 0; i < 10_000; i += 1) socket.send('x', { fin: false });
    expect((await closeOf(socket))[0]).toBe(1009);
  });

  it('is closed for a flood of pings', async () => {
    const socket = await openAndInit();
    for (let i = 0; i < 5000; i += 1) socket.ping();
    expect(await closeOf(socket)).toEqual([1008, 'Too many frames']);
  });

  it('is told when one connection carries too many operations', async () => {
    const socket = await openAndInit();
    const answers: string[] = [];
    socket.on('message', (data: Buffer) => answers.push(data.toString()));
    for (let i = 0; i < 11; i += 1) say(socket, subscribeTo(`${i}`, 'subscription { leadChanges { cursor } }'));
    await until('an error', () => answers.some((answer) => answer.includes('"error"')));
    expect(answers.filter((answer) => answer.includes('"error"'))).toEqual([expect.stringMatching(/"id":"10".*"OVERLOADED"/)]);
    socket.close();
    await until('its streams are gone', () => server.hub.size === 0);
  });
});

describe('operations', () => {
  it('may be queries, and fail with the codes that HTTP gives', async () => {
    const client = server.connect();
    const ask = async (query: string) => {
      const { value } = await client.iterate({ query }).next();
      return JSON.parse(JSON.stringify(value));
    };
    expect((await ask('{ viewer { kind } }')).data).toEqual({ viewer: { kind: 'ROOT' } });
    await expect(ask('{ viewer { nonsense } }')).rejects.toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
    await expect(ask('{')).rejects.toMatchObject([{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }]);
  });
});

const withData = 'subscription ($after: Cursor) { leadChanges(after: $after) { cursor change { seq data } } }';

/** Enough to fill every buffer between the server and a client that does not read. */
const bulky = times(1500, () => ({ padding: 'x'.repeat(20_000) }));

async function readAll(accountId: string, token: string, count: number): Promise<number[]> {
  const seqs: number[] = [];
  for await (const { data } of server.connect({ 'x-api-key': token }).iterate<{ leadChanges: { change: { seq: number } | null } }>({
    query: withData,
    variables: { after: encodeCursor(accountId, 0) },
  })) {
    if (data?.leadChanges.change) seqs.push(data.leadChanges.change.seq);
    if (seqs.length === count) break;
  }
  return seqs;
}

describe('row 68: a client that stops reading', () => {
  it('is closed with a cursor behind everything that it was sent, while others get all of it', async () => {
    const { accountId, token } = await server.createAccount();
    const stalled = await openAndInit({ 'x-api-key': token });
    const received: number[] = [];
    stalled.on('message', (data: Buffer) => {
      const { payload } = JSON.parse(data.toString());
      const seq = payload?.data?.leadChanges?.change?.seq;
      if (seq) received.push(seq);
    });
    say(stalled, subscribeTo('a', withData, { after: encodeCursor(accountId, 0) }));
    await until('it is subscribed', () => server.hub.size === 1);
    stalled.pause();
    const others = times(3, () => readAll(accountId, token, bulky.length));
    for (let i = 0; i < bulky.length; i += 100) await server.append(accountId, bulky.slice(i, i + 100));
    for (const seqs of await Promise.all(others)) expect(seqs).toEqual(times(bulky.length, (i) => i + 1));

    await until('the hub let go of it', () => server.hub.size === 0);
    stalled.resume();
    const [code, cursor] = await closeOf(stalled);
    expect(code).toBe(1013);
    expect(received).toEqual(times(received.length, (i) => i + 1));
    expect(decodeCursor(accountId, cursor)).toBe(received.length);
    expect(received.length).toBeLessThan(bulky.length);
  });

  it('learns over server-sent events where to go on', async () => {
    const { accountId, token } = await server.createAccount();
    await server.append(accountId, bulky);
    const socket = await stalledEventStream(accountId, token);
    await until('the hub took it in', () => server.hub.size === 1);
    await until('the hub let go of it', () => server.hub.size === 0);
    let text = '';
    socket.on('data', (data) => (text += data.toString()));
    socket.resume();
    await until('the stream ends', () => text.includes('event: complete'));
    socket.destroy();
    const seqs = [...text.matchAll(/"seq":(\d+)/g)].map(([, seq]) => Number(seq));
    expect(seqs).toEqual(times(seqs.length, (i) => i + 1));
    expect(text).toContain('"code":"SLOW_SUBSCRIBER"');
    const cursor = text.match(/"cursor":"([^"]+)","code":"SLOW_SUBSCRIBER"/)?.[1] ?? '';
    expect(decodeCursor(accountId, cursor)).toBe(seqs.length);
    expect(seqs.length).toBeLessThan(bulky.length);
  });
});

/** Sends the request and then reads nothing. */
async function stalledEventStream(accountId: string, token: string): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  const body = JSON.stringify({ query: withData, variables: { after: encodeCursor(accountId, 0) } });
  socket.write(
    `POST /graphql HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\naccept: text/event-stream\r\nx-api-key: ${token}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  socket.pause();
  return socket;
}

it('tells its clients when it goes away', async () => {
  const other = await createLiveServer();
  const socket = new WebSocket(other.webSocketUrl, 'graphql-transport-ws');
  await once(socket, 'open');
  say(socket, { type: 'connection_init', payload: { 'x-api-key': rootKey } });
  await once(socket, 'message');
  say(socket, subscribeTo('a', 'subscription { leadChanges { cursor } }'));
  const [first] = await once(socket, 'message');
  expect(String(first)).toContain('"type":"next"');
  const messages: string[] = [];
  socket.on('message', (data: Buffer) => messages.push(data.toString()));
  const [close] = await Promise.all([closeOf(socket), other.close()]);
  expect(close).toEqual([1001, 'Going away']);
  await wait(20);
  // Not "complete": that would tell the client that there is nothing more to come.
  expect(messages).toEqual([]);
});
