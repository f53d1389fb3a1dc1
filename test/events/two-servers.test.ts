import { afterAll, beforeAll, expect, it } from 'vitest';
import { createServerProcess, type ServerProcess } from '../live/server-process.ts';
import { type RestAnswer, startApp, type TestApp } from '../support/app.ts';
import { mutate, newLead, passTime } from './store.ts';

const apiKey = 'root-key-of-this-test';
const key = { 'x-api-key': apiKey };
let app: TestApp;
let other: ServerProcess;
beforeAll(async () => {
  app = await startApp({ API_KEY: apiKey });
  other = await createServerProcess(app.database.url, apiKey);
  await other.start();
  const events = [{ eventId: 'sale', isConversion: true, payout: { fixed: '2' } }];
  await mutate(app, 'createCampaign', { cid: 'race', events }, 'campaign { id }', key);
});
afterAll(async () => {
  await other.kill();
  await app.end();
});

async function post(url: string, body: object): Promise<Pick<RestAnswer, 'status' | 'body'>> {
  const response = await fetch(`${url}/api/event/trigger`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

it('row 47: counts one of a hundred simultaneous copies over two server processes, and refuses the later repeat', async () => {
  const { id, transactionId } = await newLead(app, {}, key);
  const body = { cid: 'race', event_id: 'sale', transaction_id: transactionId, revenue: '18.505' };
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => post(i % 2 === 0 ? app.url : other.url, body)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  const refused = answers.filter(({ status }) => status === 403);
  expect(refused).toHaveLength(99);
  expect(new Set(refused.map((answer) => answer.body.message))).toEqual(new Set(['Event is already being processed']));

  await passTime(app, 3000);
  for (const url of [app.url, other.url])
    expect(await post(url, body)).toMatchObject({ status: 400, body: { message: 'Duplicate event' } });
  const { data } = await app.graphql(
    'query ($id: ID!) { lead(by: { id: $id }) { revenue payout events { totalCount } timeline { nodes { type } } } }',
    { id },
    key,
  );
  expect(data.lead).toEqual({
    revenue: '18.505',
    payout: '2',
    events: { totalCount: 1 },
    timeline: { nodes: [{ type: 'event.converted' }, { type: 'lead.created' }] },
  });
});
