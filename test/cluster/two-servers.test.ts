import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { times, until } from '../live/change-log.ts';
import { type Cluster, followChanges, startCluster } from './cluster.ts';
import type { Proxy } from './proxy.ts';

let cluster: Cluster<Proxy>;
beforeAll(async () => {
  cluster = await startCluster(2);
});
afterAll(() => cluster.end());

const urls = (): string[] => cluster.servers.map(({ url }) => url);
const postback = (email: string) => cluster.post('/api/postback', { email, first_name: 'Ann', stage: 'Form Started', source: 'google' });

it('gives one answer, whichever server is asked', async () => {
  const answers = await Promise.all(times(40, (i) => postback(`same${i}@example.com`)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  for (const url of urls()) expect(cluster.proxy.sent.get(url)).toBeGreaterThanOrEqual(20);
  const query = `{
    leads(first: 100) { totalCount nodes { id number email stage { name } submissions { totalCount } } }
    changes(first: 100) { totalCount nodes { id seq type } pageInfo { endCursor } }
  }`;
  const [one, other] = await Promise.all(urls().map((url) => cluster.graphql(query, {}, url)));
  expect(one.leads.totalCount).toBe(40);
  expect(other).toEqual(one);
});

it('shows subscribers of each server what comes in by the other, in the same order', async () => {
  const followed = await Promise.all(
    urls().map(async (url) => {
      const messages = followChanges(url);
      await messages.next();
      return messages;
    }),
  );
  const emails = times(30, (i) => `crossing${i}@example.com`);
  await Promise.all(emails.map(postback));
  const told = await Promise.all(
    followed.map(async (messages) => {
      const seen: { seq: number; email: string | undefined }[] = [];
      for await (const { change } of messages) {
        if (change) seen.push({ seq: change.seq, email: change.lead?.email });
        if (seen.length === emails.length) break;
      }
      return seen;
    }),
  );
  expect(told[0]?.map(({ email }) => email).toSorted()).toEqual(emails.toSorted());
  expect(told[1]).toEqual(told[0]);
});

it('writes once for an idempotency key that both servers are sent at the same moment', async () => {
  const headers = { 'idempotency-key': 'once-over-both' };
  const body = { email: 'once@example.com', stage: 'Form Started' };
  const answers = await Promise.all(times(40, () => cluster.post('/api/postback', body, headers)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
  expect(answers.filter((answer) => answer.headers.get('idempotent-replayed') === null)).toHaveLength(1);
  const { lead } = await cluster.graphql('{ lead(by: { email: "once@example.com" }) { submissions { totalCount } } }');
  expect(lead.submissions.totalCount).toBe(1);
});

it('fires an event once that both servers are sent within two seconds', async () => {
  await cluster.graphql(
    'mutation { createCampaign(input: { cid: "both", events: [{ eventId: "sale", isConversion: true }] }) { __typename } }',
  );
  const { body } = await postback('fired@example.com');
  const fired = { cid: 'both', event_id: 'sale', transaction_id: `txn_${body.lead_id}`, revenue: '9.99' };
  const answers = await Promise.all(times(40, () => cluster.post('/api/event/trigger', fired)));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, ...times(39, () => 403)]);
});

it('shares deliveries between the servers and doubles none', async () => {
  const told: { id: string; email: string }[] = [];
  const receiver = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => (text += part));
    request.on('end', () => {
      told.push({ id: String(request.headers['webhook-id']), email: JSON.parse(text).data.email });
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  await cluster.graphql('mutation ($url: String!) { createWebhook(input: { name: "receiver", url: $url }) { __typename } }', { url });

  const emails = times(400, (i) => `told${i}@example.com`);
  for (let i = 0; i < emails.length; i += 40) await Promise.all(emails.slice(i, i + 40).map(postback));
  await until('everything is delivered', () => new Set(told.map(({ email }) => email)).size >= emails.length, 30_000);
  await until('nothing is under way', async () => (await triesOf(urls())).reduce((sum, tries) => sum + tries, 0) >= told.length);
  expect(told.map(({ email }) => email).toSorted()).toEqual(emails.toSorted());
  expect(new Set(told.map(({ id }) => id)).size).toBe(emails.length);
  for (const tries of await triesOf(urls())) expect(tries).toBeGreaterThan(0);
  receiver.closeAllConnections();
  receiver.close();
});

/** How many tries each server made. */
const triesOf = (servers: readonly string[]): Promise<number[]> =>
  Promise.all(
    servers.map(async (url) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return [...text.matchAll(/^webhook_attempts_total\{.*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
    }),
  );

interface Count {
  readonly counted: number;
  readonly stored: number;
}

async function countOf(url: string): Promise<Count> {
  const { analytics, leads } = await cluster.graphql('{ analytics { overview { totalLeads } } leads { totalCount } }', {}, url);
  return { counted: analytics.overview.totalLeads, stored: leads.totalCount };
}

async function isExact(url: string): Promise<boolean> {
  const { counted, stored } = await countOf(url);
  return counted === stored;
}

it('counts every lead once, also after the server that counted is gone', async () => {
  for (const url of urls()) await until('the numbers are up to date', () => isExact(url));
  for (const server of cluster.servers) {
    await server.kill();
    await cluster.proxy.sees(server.url, false);
    const before = (await countOf(cluster.proxy.url)).stored;
    await Promise.all(times(20, (i) => postback(`counted${before}.${i}@example.com`)));
    await until('the other one counts', () => isExact(cluster.proxy.url));
    expect((await countOf(cluster.proxy.url)).counted).toBe(before + 20);
    await server.start();
    await cluster.proxy.sees(server.url, true);
  }
});
