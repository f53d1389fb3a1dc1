import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { framesOf } from '../../src/live/frames.ts';
import { until } from './change-log.ts';

let server: WebSocketServer;
let stream: Duplex;
let client: WebSocket;
const received: string[] = [];
beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.once('connection', (_socket, request) => (stream = request.socket));
  await once(server, 'listening');
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  client.on('message', (data: Buffer) => received.push(data.toString()));
  await once(client, 'open');
});
afterAll(async () => {
  client.close();
  await once(client, 'close');
  server.close();
});

it('a client reads the messages that were written, however long, in any script', async () => {
  // A frame's head has another form from 126 and from 65,536 bytes on.
  const ofLength = fc.constantFrom(0, 1, 124, 125, 126, 127, 65_535, 65_536, 70_000).map((length) => 'x'.repeat(length));
  const anyScript = fc.tuple(fc.string({ unit: 'grapheme' }), fc.nat({ max: 300 })).map(([text, count]) => text.repeat(count));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(ofLength, anyScript), { maxLength: 16 }), async (messages) => {
      received.length = 0;
      stream.write(framesOf(messages));
      await until('all of them are read', () => received.length === messages.length);
      expect(received).toEqual(messages.map((message) => message.toWellFormed()));
    }),
    { numRuns: 60 },
  );
});
