import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { decodeCursor, encodeCursor } from '../../src/changes/cursor.ts';
import { times, until } from '../live/change-log.ts';
import { createLiveServer, type LiveServer, rootKey } from '../live/live-server.ts';

/** With the limits that it ships with, but for the wait. */
let server: LiveServer;
beforeAll(async () => {
  server = await createLiveServer({ limits: { initWaitMs: 1000, connectionsOfKey: 3, newcomersOfAddress: 6 } });
});
afterAll(() => server.close());

const handshake = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n';

/** A frame as a client sends it: masked, here with zeros. */
function frame(head: number, payload = ''): Buffer {
  return Buffer.concat([Buffer.from([head, 0x80 | payload.length, 0, 0, 0, 0]), Buffer.from(payload)]);
}

const text = 0x81;
const textToBeContinued = 0x01;
const continuation = 0x00;
const ping = 0x89;

interface RawSocket {
  readonly socket: Socket;
  /** The code of the close frame, when the connection has ended. */
  readonly closeCode: Promise<number | null>;
}

async function openRaw(): Promise<RawSocket> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(handshake('/graphql'));
  await once(socket, 'data');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  const closeCode = new Promise<number | null>((resolve) => socket.once('close', () => resolve(codeIn(Buffer.concat(chunks)))));
  return { socket, closeCode };
}

/** Frames of a server are not masked, and all of these are short. */
function codeIn(bytes: Buffer): number | null {
  for (let at = 0; at + 1 < bytes.length; at += 2 + (bytes.readUInt8(at + 1) & 0x7f)) {
    if ((bytes.readUInt8(at) & 0x0f) === 0x08) return bytes.readUInt16BE(at + 2);
  }
  return null;
}

/** Writes again and again, as fast as the server takes it, until it closes the connection or everything was written. */
async function flood({ socket, closeCode }: RawSocket, bytes: Buffer, count: number): Promise<number | null> {
  for (let i = 0; i < count && !socket.destroyed; i += 1) {
    if (!socket.write(bytes)) await Promise.race([once(socket, 'drain').catch(() => undefined), closeCode]);
  }
  return closeCode;
}

const introduction = JSON.stringify({ type: 'connection_init', payload: { 'x-api-key': rootKey } });

describe('row 67: a flood ends its own connection', () => {
  it.each([
    ['a million empty frames', frame(text), 1_000_000, [1008, 1013]],
    ['ten thousand pieces of one byte', frame(continuation, 'x'), 10_000, [1009, 1013]],
    ['a million pings', frame(ping), 1_000_000, [1008]],
    ['a million pings that carry something', frame(ping, 'x'.repeat(100)), 1_000_000, [1008]],
  ])('%s', async (_name, piece, count, codes) => {
    const raw = await openRaw();
    raw.socket.write(frame(text, introduction));
    if (piece.readUInt8(0) === continuation) raw.socket.write(frame(textToBeContinued, '{'));
    const perWrite = 1000;
    const before = process.memoryUsage().rss;
    const code = await flood(raw, Buffer.concat(times(perWrite, () => piece)), count / perWrite);
    expect(codes).toContain(code);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
    await until('it is gone', () => server.sockets.size === 0);
  });

  it.each([
    ['more than 64 KB', (socket: WebSocket) => socket.send('x'.repeat(64 * 1024 + 1)), 1009],
    [
      'an announcement of four gigabytes',
      (socket: WebSocket) => rawOf(socket).write(Buffer.from([text, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])),
      1009,
    ],
    ['a frame without a mask', (socket: WebSocket) => rawOf(socket).write(Buffer.from([text, 1, 0x78])), 1002],
    [
      'bytes that are not UTF-8',
      (socket: WebSocket) => rawOf(socket).write(Buffer.concat([Buffer.from([text, 0x82, 0, 0, 0, 0]), Buffer.from([0xff, 0xff])])),
      1007,
    ],
    ['JSON that is no message', (socket: WebSocket) => socket.send('{"type":"launch"}'), 4400],
    [
      'an operation before its introduction',
      (socket: WebSocket) => socket.send('{"id":"1","type":"subscribe","payload":{"query":"{__typename}"}}'),
      4401,
    ],
  ])('%s', async (_name, send, code) => {
    const socket = new WebSocket(server.webSocketUrl, 'graphql-transport-ws');
    socket.on('error', () => undefined);
    await once(socket, 'open');
    send(socket);
    expect((await once(socket, 'close'))[0]).toBe(code);
    await until('it is gone', () => server.sockets.size === 0);
  });

  it('variables nest no deeper than a body may', async () => {
    const socket = await introduce();
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    socket.send(`{"id":"1","type":"subscribe","payload":{"query":"query ($x: JSON) { __typename }","variables":{"x":${deep}}}}`);
    expect(String((await once(socket, 'message'))[0])).toContain('"PAYLOAD_TOO_COMPLEX"');
    socket.terminate();
    await until('it is gone', () => server.sockets.size === 0);
  });
});

const rawOf = (socket: WebSocket): Socket => Reflect.get(socket, '_socket') as Socket;

async function introduce(): Promise<WebSocket> {
  const socket = new WebSocket(server.webSocketUrl, 'graphql-transport-ws');
  socket.on('error', () => undefined);
  await once(socket, 'open');
  const answer = once(socket, 'message');
  const closed = once(socket, 'close');
  socket.send(introduction);
  await Promise.race([answer, closed]);
  return socket;
}

describe('row 67: nobody takes all the places', () => {
  it('a key holds so many connections and no more, until one of them ends', async () => {
    const held = [await introduce(), await introduce(), await introduce()];
    const late = new WebSocket(server.webSocketUrl, 'graphql-transport-ws');
    await once(late, 'open');
    late.send(introduction);
    expect((await once(late, 'close'))[0]).toBe(1013);
    const { token } = await server.createApiKey('VIEWER');
    const other = new WebSocket(server.webSocketUrl, 'graphql-transport-ws');
    await once(other, 'open');
    other.send(JSON.stringify({ type: 'connection_init', payload: { 'x-api-key': token } }));
    expect(String((await once(other, 'message'))[0])).toBe('{"type":"connection_ack"}');
    held[0]?.terminate();
    await until('its place is free', () => server.sockets.size === 3);
    const next = await introduce();
    expect(next.readyState).toBe(WebSocket.OPEN);
    for (const socket of [...held, other, next]) socket.terminate();
    await until('all are gone', () => server.sockets.size === 0);
  });

  it('an address has so many connections that have not shown a key', async () => {
    const silent = await Promise.all(times(6, openRaw));
    const refused = connect(Number(new URL(server.url).port), '127.0.0.1');
    refused.write(handshake('/graphql'));
    expect(String((await once(refused, 'data'))[0])).toMatch(/^HTTP\/1\.1 503 .*\r\nRetry-After: 1\r\n/s);
    expect(await Promise.all(silent.map(({ closeCode }) => closeCode))).toEqual(times(6, () => 4408));
    const next = await introduce();
    expect(next.readyState).toBe(WebSocket.OPEN);
    next.terminate();
    await until('all are gone', () => server.sockets.size === 0);
  });
});

const query = 'subscription ($after: Cursor) { leadChanges(after: $after) { cursor change { seq data } } }';

describe('row 68: ten thousand changes at once', () => {
  it('reach everyone who reads; one who does not is closed with its cursor, and goes on there', async () => {
    const { accountId, token } = await server.createAccount();
    const count = 10_000;
    const variables = { after: encodeCursor(accountId, 0) };
    const readFrom = async (after: string, enough: number): Promise<number[]> => {
      const seqs: number[] = [];
      const client = server.connect({ 'x-api-key': token });
      for await (const { data } of client.iterate<{ leadChanges: { change: { seq: number } | null } }>({ query, variables: { after } })) {
        if (data?.leadChanges.change) seqs.push(data.leadChanges.change.seq);
        if (seqs.length >= enough) break;
      }
      await client.dispose();
      return seqs;
    };

    const stalled = new WebSocket(server.webSocketUrl, 'graphql-transport-ws');
    await once(stalled, 'open');
    stalled.send(JSON.stringify({ type: 'connection_init', payload: { 'x-api-key': token } }));
    await once(stalled, 'message');
    const received: number[] = [];
    stalled.on('message', (data: Buffer) => {
      const seq = JSON.parse(data.toString()).payload?.data?.leadChanges?.change?.seq;
      if (seq) received.push(seq);
    });
    stalled.send(JSON.stringify({ id: 'a', type: 'subscribe', payload: { query, variables } }));
    await until('it is subscribed', () => server.hub.size === 1);
    stalled.pause();

    const other = readFrom(variables.after, count);
    // As fast as the database takes them: each of these is one commit, one notification, and one tick of the server.
    const perCommit = 500;
    for (let i = 0; i < count; i += perCommit) {
      await server.append(
        accountId,
        times(perCommit, () => ({ padding: 'x'.repeat(2000) })),
      );
    }
    expect(await other).toEqual(times(count, (i) => i + 1));
    await until('the hub let go of the stalled one', () => server.hub.size === 0);
    stalled.resume();
    const [code, reason] = await once(stalled, 'close');
    expect(code).toBe(1013);
    const cursor = String(reason);
    expect(decodeCursor(accountId, cursor)).toBe(received.length);
    expect(received).toEqual(times(received.length, (i) => i + 1));
    expect(received.length).toBeLessThan(count);
    const rest = await readFrom(cursor, count - received.length);
    expect([...received, ...rest]).toEqual(times(count, (i) => i + 1));
  });
});
