import { createClient, type FormattedExecutionResult } from 'graphql-ws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { mutate, newLead } from '../events/store.ts';
import { type Json, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
/** Another process: it hears of the erasure from the database alone. */
let second: TestApp;
beforeAll(async () => {
  app = await startApp();
  second = await startApp({}, app.database);
});
afterAll(async () => {
  await second.end();
  await app.end();
});

type Results = AsyncIterableIterator<FormattedExecutionResult<Record<string, Json>, unknown>>;

function subscribe(server: TestApp, query: string): Results {
  const url = `${server.url.replace('http', 'ws')}/graphql`;
  const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: { 'x-api-key': 'changeme' } });
  return client.iterate<Record<string, Json>>({ query });
}

const erase = (leadId: string) => mutate(app, 'eraseLead', { leadId }, 'leadIds');

it('row 69: closes with 4403 within five seconds when the lead that is watched is erased, and sends nothing of it after that', async () => {
  const { id } = await newLead(app, { email: 'watched@example.com' });
  const watching = [app, second].map((server) => subscribe(server, `subscription { leadLive(id: "${id}") { email } }`));
  for (const results of watching) expect((await results.next()).value).toEqual({ data: { leadLive: { email: 'watched@example.com' } } });
  const ends = watching.map((results) =>
    results.next().then(
      ({ value }) => value,
      (closed: unknown) => closed,
    ),
  );
  const began = performance.now();
  await erase(id);
  expect(await Promise.all(ends)).toMatchObject([
    { code: 4403, reason: 'Forbidden' },
    { code: 4403, reason: 'Forbidden' },
  ]);
  expect(performance.now() - began).toBeLessThan(5000);
  // Who asks now learns no more than of a lead that never was.
  const late = subscribe(app, `subscription { leadLive(id: "${id}") { email } }`);
  expect((await late.next()).value).toEqual({ data: { leadLive: null } });
  expect((await late.next()).done).toBe(true);
});

it('tells those who follow the log that a lead was erased, without a word of it', async () => {
  const { id } = await newLead(app, { email: 'told@example.com' });
  const query = `subscription { leadChanges(filter: { leadId: "${id}" }) { change { type summary leadId lead { id } data previous stageChange { id } submission { id } } } }`;
  const results = subscribe(second, query);
  await results.next();
  await erase(id);
  const { value } = await results.next();
  const number = value.data.leadChanges.change.data.lead.number;
  expect(value).toEqual({
    data: {
      leadChanges: {
        change: {
          type: 'lead.erased',
          summary: 'Lead erased',
          leadId: id,
          lead: null,
          data: { lead: { id: id.slice('lead_'.length), number, stage: 'Form Started', createdAt: expect.any(String) } },
          previous: null,
          stageChange: null,
          submission: null,
        },
      },
    },
  });
  await results.return?.();
});
