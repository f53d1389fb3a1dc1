import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { createAudiences, type MakeResult } from '../../src/live/audience.ts';
import type { ChangeItem } from '../../src/live/change-source.ts';
import { EventStream } from '../../src/live/event-stream.ts';
import { LiveResults } from '../../src/live/live-results.ts';
import type { Stream } from '../../src/live/stream.ts';
import { createTurns } from '../../src/live/turns.ts';
import { times, until, wait } from './change-log.ts';
import { createLiveServer, rootKey } from './live-server.ts';
import { useChangeLog } from './use-change-log.ts';

const log = useChangeLog();

const seqOf: MakeResult = (delivery) => ({ data: { seq: 'item' in delivery ? (delivery.item as ChangeItem).seq : 0 } });

/** The body of a subscription's answer, read by hand. */
async function subscribe(make: MakeResult = seqOf, commentEveryMs = 60_000) {
  const accountId = await log.newAccount();
  const hub = log.newHub();
  const viewer = { kind: 'API_KEY', accountId, scopes: ['VIEWER'], credential: 'key', actor: 'key' } as const;
  const stream = (await hub.followChanges({ viewer, accountId, carrier: null }, { after: 0, filter: {} })) as Stream<unknown>;
  const audience = createAudiences().join('all', () => make);
  const failures: unknown[] = [];
  const results = new LiveResults({ stream, audience, finish: (result) => result, lineUp: createTurns() });
  const body = new EventStream(results, (error) => failures.push(error), commentEveryMs);
  const append = (count: number) =>
    log.append(
      accountId,
      times(count, () => ({})),
    );
  return { hub, body, append, failures, read: () => String(body.read() ?? '') };
}

const seqsIn = (text: string): number[] =>
  [...text.matchAll(/^event: next\ndata: \{"data":\{"seq":(\d+)\}\}\n\n/gm)].map(([, seq]) => Number(seq));

it('a reader that stops stops the results; what waits for it then leaves together, in order', async () => {
  const { body, append, read } = await subscribe();
  expect(read()).toBe(':\n\n');
  await append(1);
  await until('the first is there', () => body.readableLength > 0);
  await append(40);
  await wait(50);
  const pieces: number[][] = [];
  while (pieces.flat().length < 41) {
    const seqs = seqsIn(read());
    if (seqs.length > 0) pieces.push(seqs);
    else await wait(1);
  }
  expect(pieces.flat()).toEqual(times(41, (i) => i + 1));
  expect(pieces.map(({ length }) => length)).toEqual([1, 16, 16, 8]);
});

it('a silence is broken by comments, none while something is unread', async () => {
  const { body, read } = await subscribe(seqOf, 20);
  expect(read()).toBe(':\n\n');
  await wait(100);
  expect(read()).toBe(':\n\n');
  await until('the next', () => body.readableLength > 0);
});

it('an answer that nobody reads takes nothing', async () => {
  const { body, append } = await subscribe(seqOf, 20);
  await append(3);
  await wait(100);
  expect(body.readableLength).toBe(0);
});

it('clients that hang up at any moment leave no stream behind', async () => {
  const server = await createLiveServer();
  const { hostname, port } = new URL(server.url);
  const body = JSON.stringify({ query: 'subscription { leadChanges { cursor } }' });
  const head = `POST /graphql HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\ncontent-type: application/json\r\nx-api-key: ${rootKey}`;
  const hangUpAfter = async (ms: number): Promise<void> => {
    const socket = connect(Number(port), hostname);
    socket.write(`${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    await wait(ms);
    socket.destroy();
  };
  for (let round = 0; round < 20; round += 1) await Promise.all(times(20, hangUpAfter));
  await until('no stream is left', () => server.hub.size === 0);
  await server.close();
});

it('who hangs up leaves nothing behind', async () => {
  const { hub, body, append, read } = await subscribe();
  read();
  await append(3);
  await until('something is there', () => body.readableLength > 0);
  body.destroy();
  await until('its stream is gone', () => hub.size === 0);
});

it('results that cannot be made end the answer, and are told to the operator', async () => {
  const { hub, body, append, failures, read } = await subscribe(() => Promise.reject(new Error('no database')));
  read();
  await append(1);
  await until('it is over', () => body.destroyed && hub.size === 0);
  expect(failures).toEqual([new Error('no database')]);
});

it('a stream that ends says why, then that it is complete', async () => {
  const { hub, body, read } = await subscribe();
  read();
  await hub.close();
  let text = '';
  body.on('data', (data) => (text += data));
  await until('it is complete', () => body.readableEnded);
  expect(text).toBe('event: next\ndata: {"data":{"seq":0}}\n\nevent: complete\ndata:\n\n');
});
