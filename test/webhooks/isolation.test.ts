import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../live/change-log.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { type Receiver, startReceiver } from './receiver.ts';

let app: TestApp;
let quick: Receiver;
let hanging: Receiver;

beforeAll(async () => {
  [quick, hanging] = await Promise.all([startReceiver(), startReceiver()]);
  app = await startApp({ WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8', SECRETS_KEY: 'a key for this test only' });
});
afterAll(async () => {
  await Promise.all([quick.close(), hanging.close()]);
  await app.end();
});

async function createWebhook(name: string, url: string): Promise<string> {
  const query =
    'mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { ... on CreateWebhookSuccess { webhook { id } } } }';
  return (await app.graphql(query, { input: { name, url } })).data.createWebhook.webhook.id;
}

it('shows deliveries live, and an endpoint that hangs keeps no other waiting', async () => {
  hanging.answer = () => undefined;
  const hangingId = await createWebhook('Hanging', hanging.url);
  const quickId = await createWebhook('Quick', quick.url);
  const client = createClient({ url: `${app.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 });
  const seenWebhooks = new Set<string>();
  // One delivery may be shown twice in the same state: whoever is told reads its latest.
  const delivered = new Set<string>();
  const query = 'subscription ($id: ID) { deliveriesLive(webhookId: $id) { id status attempts { statusCode } webhook { id } } }';
  void (async () => {
    for await (const { data } of client.iterate<{ deliveriesLive: { id: string; status: string; webhook: { id: string } } }>({
      query,
      variables: { id: quickId },
    })) {
      if (!data) continue;
      const { id, status, webhook } = data.deliveriesLive;
      seenWebhooks.add(webhook.id);
      if (status === 'DELIVERED') delivered.add(id);
    }
  })().catch(() => undefined);
  await until('somebody listens', async () => {
    const { rows } = await app.services.database.readPool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle' AND query LIKE 'LISTEN "leadgraph_deliveries"%'`,
    );
    return rows.length > 0;
  });
  const latencies: number[] = [];
  for (let i = 0; i < 60; i += 1) {
    const before = performance.now();
    await app.send('POST', '/api/postback', { email: `person${i}@example.com` });
    await until('it is told', () => quick.calls.length === i + 1);
    latencies.push(performance.now() - before);
  }
  expect(hanging.calls.length).toBeGreaterThan(20);
  expect(hanging.calls.length).toBeLessThanOrEqual(32);
  expect(latencies.toSorted((a, b) => a - b)[30]).toBeLessThan(500);
  await until('all are shown as delivered', () => delivered.size === 60);
  expect(seenWebhooks).toEqual(new Set([quickId]));
  const metrics = await (await fetch(`${app.url}/metrics`)).text();
  expect(metrics).toMatch(new RegExp(`webhook_attempts_total\\{webhook="${quickId.slice(4)}",outcome="delivered"\\} 60`));
  expect(metrics).toMatch(new RegExp(`webhook_deliveries_pending\\{webhook="${hangingId.slice(4)}"\\} 60`));
  expect(metrics).toMatch(/webhook_oldest_pending_seconds\{webhook="[^"]+"\} \d/);
  await client.dispose();
});
