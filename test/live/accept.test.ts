import { afterAll, beforeAll, expect, it } from 'vitest';
import { apiKey, type RunningApp, startApp } from '../http/running-app.ts';
import { times, until } from './change-log.ts';

let server: RunningApp;
let query: string;
beforeAll(async () => {
  server = await startApp({ GRAPHIQL: 'false' });
  const mutation = 'mutation { recordPostback(input: { email: "quiet@x.test" }) { ... on RecordPostbackSuccess { lead { id } } } }';
  const { body } = await server.send('POST', '/graphql', { query: mutation });
  const { id } = (body as { data: { recordPostback: { lead: { id: string } } } }).data.recordPostback.lead;
  query = `subscription { leadLive(id: "${id}") { number } }`;
});
afterAll(() => server.close());

const openStreams = () => server.app.services.hub.size;
const noStream = {
  errors: [
    {
      message: expect.stringMatching(/`Accept: text\/event-stream`.*WebSocket/),
      extensions: { code: 'NOT_ACCEPTABLE', requestId: expect.any(String) },
    },
  ],
};

async function subscribe(accept: string) {
  const abort = new AbortController();
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': apiKey, accept },
    body: JSON.stringify({ query }),
    signal: abort.signal,
  });
  return { response, hangUp: () => abort.abort() };
}

it.each(['application/json', 'application/graphql-response+json', 'application/*', 'application/json, text/event-stream;q=0'])(
  'a subscription is refused before it begins for who accepts %s: no stream',
  async (accept) => {
    const answers = await Promise.all(times(10, () => subscribe(accept)));
    for (const { response } of answers) {
      expect(response.status).toBe(406);
      expect(await response.json()).toEqual(noStream);
    }
    expect(openStreams()).toBe(0);
  },
);

it.each([
  ['*/*', 'text/event-stream'],
  ['text/event-stream', 'text/event-stream'],
  ['application/json, text/event-stream, multipart/mixed', 'text/event-stream'],
  ['multipart/mixed;boundary="graphql";subscriptionSpec=1.0, application/json', 'multipart/mixed; boundary="-"'],
  ['text/event-stream;q=0, */*', 'multipart/mixed; boundary="-"'],
])('a subscription for who accepts %s is answered with %s', async (accept, type) => {
  const { response, hangUp } = await subscribe(accept);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
  expect(openStreams()).toBe(1);
  hangUp();
  await until('no stream is left', () => openStreams() === 0);
});

it('a browser that GraphiQL is not served to is told what to send', async () => {
  for (const asked of ['{ __typename }', query]) {
    const { status, body } = await server.send('GET', `/graphql?query=${encodeURIComponent(asked)}`, undefined, { accept: 'text/html' });
    expect([status, body]).toMatchObject([406, { errors: [{ extensions: { code: 'NOT_ACCEPTABLE', requestId: expect.any(String) } }] }]);
  }
  expect(openStreams()).toBe(0);
});

it('a live result that nobody can write ends', async () => {
  const init = { method: 'POST', headers: { 'content-type': 'application/json', 'x-api-key': apiKey, accept: 'application/json' } };
  const response = await server.app.yoga.fetch(
    'http://x/graphql',
    { ...init, body: JSON.stringify({ query }) },
    { notes: { replayed: false } },
  );
  expect(response.status).toBe(406);
  await until('no stream is left', () => openStreams() === 0);
});
