import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createDatabase, type Database } from '../../src/platform/database.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { silent, times, until, wait } from './change-log.ts';
import { createServerProcess, type ServerProcess } from './server-process.ts';

const apiKey = 'a-key-for-this-test';
let empty: TestDatabase;
let database: Database;
let server: ServerProcess;

beforeAll(async () => {
  empty = await createTestDatabase();
  database = createDatabase(empty.url, silent);
  server = await createServerProcess(empty.url, apiKey);
});
afterAll(async () => {
  await server.kill();
  await database.close();
  await empty.drop();
});

interface Message {
  readonly leadChanges: { readonly cursor: string; readonly change: { readonly id: string; readonly seq: number } | null };
}

/** Follows the log over one connection after another, each from the last cursor on, and keeps every change that it is sent. */
function followThroughFailures() {
  const received: string[] = [];
  let cursor: string | null = null;
  let connections = 0;
  const over = new AbortController();

  async function follow(): Promise<void> {
    while (!over.signal.aborted) {
      const client = createClient({
        url: `${server.url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { 'x-api-key': apiKey },
        retryAttempts: 0,
      });
      const query = 'subscription ($after: Cursor) { leadChanges(after: $after) { cursor change { id seq } } }';
      try {
        for await (const { data } of client.iterate<Message>({ query, variables: { after: cursor } })) {
          if (over.signal.aborted) break;
          if (!data) continue;
          cursor = data.leadChanges.cursor;
          const { change } = data.leadChanges;
          if (change) received.push(`${change.seq} ${change.id}`);
        }
      } catch {
        // The server is gone: come back when it is.
        await wait(50);
      }
      connections += 1;
      await client.dispose();
    }
  }

  const running = follow();
  return {
    received,
    isFollowing: () => cursor !== null,
    connections: () => connections,
    async stop() {
      over.abort();
      await server.kill();
      await running;
    },
  };
}

/** Posts leads as fast as they are taken, some of them twice, and keeps the ids of those that were acknowledged. */
function postLeads() {
  const acknowledged: string[] = [];
  let number = 0;
  const over = new AbortController();

  async function post(): Promise<void> {
    while (!over.signal.aborted) {
      const email = `person${(number += 1) % 5000}@example.com`;
      try {
        const response = await fetch(`${server.url}/api/postback`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
          body: JSON.stringify({ email, stage: number % 2 === 0 ? 'Form Started' : 'Paid', custom_data: { number } }),
        });
        const answer = JSON.parse(await response.text());
        if (response.ok) acknowledged.push(String(answer.lead_id));
      } catch {
        await wait(50);
      }
    }
  }

  const running = Promise.all(times(16, post));
  return {
    acknowledged,
    async stop() {
      over.abort();
      await running;
    },
  };
}

it('row 51: sends a subscriber that resumes exactly the log, though the server is killed under load again and again', async () => {
  await server.start();
  const subscriber = followThroughFailures();
  await until('it follows', subscriber.isFollowing);
  const load = postLeads();
  for (const _ of [1, 2, 3]) {
    const before = load.acknowledged.length;
    await until('leads arrive', () => load.acknowledged.length > before + 300);
    await server.kill();
    await server.start();
  }
  const before = subscriber.received.length;
  await until('changes arrive again', () => subscriber.received.length > before + 100);
  await load.stop();

  const { rows } = await database.readPool.query<{ entry: string; leadId: string }>(
    `SELECT seq || ' ' || 'chg_' || id AS entry, "leadId" FROM "Change" ORDER BY seq`,
  );
  const log = rows.map(({ entry }) => entry);
  await until('the subscriber is up to date', () => subscriber.received.length >= log.length);
  await wait(100);
  expect(subscriber.received).toEqual(log);
  expect(subscriber.connections()).toBeGreaterThanOrEqual(3);
  expect(log.length).toBeGreaterThan(1000);
  expect(log.map((entry) => Number(entry.split(' ')[0]))).toEqual(times(log.length, (i) => i + 1));

  const changed = new Set(rows.map(({ leadId }) => leadId));
  expect(load.acknowledged.filter((leadId) => !changed.has(leadId))).toEqual([]);
  await subscriber.stop();
}, 90_000);
