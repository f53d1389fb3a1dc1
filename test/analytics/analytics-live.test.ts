import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { until, wait } from '../live/change-log.ts';
import { type Json, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ API_KEY: 'root-key-of-this-test' });
});
afterAll(() => app.end());

const key = { 'x-api-key': 'root-key-of-this-test' };
const post = (body: object) => app.send('POST', '/api/postback', body, key);

interface Watcher {
  readonly messages: { readonly at: number; readonly analytics: Json }[];
  readonly errors: unknown[];
  readonly end: () => Promise<void>;
}

function watch(query: string): Watcher {
  const client = createClient({
    url: `${app.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: key,
    retryAttempts: 0,
  });
  const messages: Watcher['messages'] = [];
  const errors: unknown[] = [];
  client.subscribe<{ analyticsLive: Json }>(
    { query },
    {
      next: ({ data, errors: refused }) => {
        if (refused) errors.push(...refused);
        else messages.push({ at: performance.now(), analytics: data?.analyticsLive });
      },
      error: (error) => errors.push(error),
      complete: () => undefined,
    },
  );
  return { messages, errors, end: async () => client.dispose() };
}

const totals = 'subscription { analyticsLive { seq overview { totalLeads } } }';
const totalOf = ({ messages }: Watcher): unknown => messages.at(-1)?.analytics.overview.totalLeads;

it('sends the numbers at once, and after they moved, at most once a second to each of many', async () => {
  const watchers = Array.from({ length: 5 }, () => watch(totals));
  await until('the first message', () => watchers.every(({ messages }) => messages.length === 1));
  for (let i = 0; i < 40; i++) {
    await post({ email: `live${i}@x.test` });
    await wait(50);
  }
  await until('the last number', () => watchers.every((watcher) => totalOf(watcher) === 40));
  for (const { messages } of watchers) {
    const spanMs = (messages.at(-1)?.at ?? 0) - (messages[0]?.at ?? 0);
    expect(messages.length).toBeLessThanOrEqual(1 + spanMs / 900);
    for (const [i, { at }] of messages.entries()) if (i > 0) expect(at - (messages[i - 1]?.at ?? 0)).toBeGreaterThan(900);
  }
  // Submitted again with nothing new: the log grows, the numbers do not move.
  const before = watchers.map(({ messages }) => messages.length);
  await post({ email: 'live1@x.test' });
  await wait(1800);
  expect(watchers.map(({ messages }) => messages.length)).toEqual(before);
  for (const watcher of watchers) await watcher.end();
});

it('keeps to the filter', async () => {
  const watcher = watch('subscription { analyticsLive(filter: { source: ["only"] }) { overview { totalLeads } } }');
  await until('the first message', () => watcher.messages.length === 1);
  await post({ email: 'other@x.test', source: 'another' });
  await wait(1500);
  expect(watcher.messages).toHaveLength(1);
  await post({ email: 'mine@x.test', source: 'only' });
  await until('its lead', () => totalOf(watcher) === 1);
  await watcher.end();
});

it('refuses a zone that there is not', async () => {
  const watcher = watch('subscription { analyticsLive(timeZone: "Mars/Olympus") { seq } }');
  await until('the refusal', () => watcher.errors.length > 0);
  expect(JSON.stringify(watcher.errors)).toContain('BAD_USER_INPUT');
  await watcher.end();
});
