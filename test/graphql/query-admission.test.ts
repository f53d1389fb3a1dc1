import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../live/change-log.ts';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let keeper: pg.Client;
beforeAll(async () => {
  app = await startApp({ API_KEY: 'k'.repeat(32) });
  keeper = new pg.Client({ connectionString: app.database.url });
  await keeper.connect();
});
afterAll(async () => {
  await keeper.end();
  await app.end();
});

const key = { 'x-api-key': 'k'.repeat(32) };
const ask = (query: string) => () =>
  fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { ...key, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
const askForPage = () => fetch(`${app.url}/api/leads`, { headers: key });

/** Nobody can read the table until it is let go. More ask than a first burst may be; gives the answers that come at once, and all. */
async function askWhileHeld(table: string, read: () => Promise<Response>, count = 540) {
  await keeper.query(`BEGIN; LOCK TABLE "${table}" IN ACCESS EXCLUSIVE MODE`);
  const early: Response[] = [];
  const all = Array.from({ length: count }, async () => {
    const response = await read();
    early.push(response);
    return response;
  });
  await until('some were answered', () => early.length >= 30);
  const letGo = async () => {
    await keeper.query('COMMIT');
    return Promise.all(all);
  };
  return { early: [...early], letGo };
}

it.each([
  ['the graph', ask('{ leads(first: 1) { nodes { number } } }')],
  ['a documented endpoint', askForPage],
])('refuses reads of %s at once that would wait too long', async (_name, read) => {
  const { early, letGo } = await askWhileHeld('Lead', read);
  expect(early.map(({ status }) => status)).toEqual(early.map(() => 503));
  expect(early[0]?.headers.get('retry-after')).toBe('1');
  expect(await early[0]?.text()).toContain('More requests are waiting than can be served in time.');
  const answers = await letGo();
  expect(answers.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
  expect((await read()).status).toBe(200);
});

it('takes leads meanwhile, over the graph as well', async () => {
  const { early, letGo } = await askWhileHeld('Webhook', ask('{ webhooks { nodes { id } } }'));
  expect(early[0]?.status).toBe(503);
  const { data } = await app.graphql('mutation { recordPostback(input: { email: "a@example.com" }) { __typename } }', {}, key);
  expect(data).toEqual({ recordPostback: { __typename: 'RecordPostbackSuccess' } });
  await letGo();
});
