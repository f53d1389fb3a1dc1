import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiKey, type RunningApp, startApp } from './running-app.ts';

let server: RunningApp;
beforeAll(async () => {
  server = await startApp();
});
afterAll(() => server.close());

const ask = (query: string, variables?: object, headers?: Readonly<Record<string, string>>) =>
  server.send('POST', '/graphql', { query, ...(variables && { variables }) }, headers);
const modern = { accept: 'application/graphql-response+json' };

describe('/graphql on the whole server', () => {
  it('answers a query with the id of the request', async () => {
    const { status, headers, body } = await ask('{ viewer { kind } }', undefined, { 'x-request-id': 'from-the-caller' });
    expect(status).toBe(200);
    expect(headers.get('x-request-id')).toBe('from-the-caller');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(body).toEqual({ data: { viewer: { kind: 'ROOT' } }, extensions: { cost: { requested: 1, limit: 10_000 } } });
  });

  it('answers a wrong key with 401', async () => {
    const { status, body } = await ask('{ viewer { kind } }', undefined, { 'x-api-key': 'wrong' });
    expect(status).toBe(401);
    expect(body).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED', requestId: expect.any(String) } }] });
  });

  it('row 65: takes no mutation by GET', async () => {
    const query = encodeURIComponent('mutation { deleteLead(input: { leadId: "x" }) { __typename } }');
    const response = await fetch(`${server.url}/graphql?query=${query}`, { headers: { 'x-api-key': apiKey, accept: 'application/json' } });
    expect(response.status).toBe(405);
    expect(await response.json()).toMatchObject({
      errors: [{ extensions: { code: 'METHOD_NOT_ALLOWED', requestId: expect.any(String) } }],
    });
  });

  it('takes a query by GET', async () => {
    const response = await fetch(`${server.url}/graphql?query=%7B__typename%7D`, {
      headers: { 'x-api-key': apiKey, accept: 'application/json' },
    });
    expect(await response.json()).toMatchObject({ data: { __typename: 'Query' } });
  });

  const notAcceptable = {
    errors: [
      {
        message: expect.stringMatching(/`Accept`.*application\/json/),
        extensions: { code: 'NOT_ACCEPTABLE', requestId: expect.any(String) },
      },
    ],
  };

  it.each(['text/html', 'application/xml', 'text/plain', 'image/png', 'application/json;q=0, text/html', '*/*;q=0'])(
    'runs no mutation for who accepts %s only, and says why',
    async (accept) => {
      const before = await server.countRows();
      const mutation = 'mutation { recordPostback(input: { email: "accept@x.test" }) { __typename } }';
      const { status, headers, body } = await ask(mutation, undefined, { accept });
      expect([status, headers.get('content-type'), body]).toEqual([406, 'application/json; charset=utf-8', notAcceptable]);
      expect(body).toMatchObject({ errors: [{ extensions: { requestId: headers.get('x-request-id') } }] });
      expect(await server.countRows()).toEqual(before);
    },
  );

  it('says so to a GET too', async () => {
    const { status, body } = await server.send('GET', '/graphql?query=%7B__typename%7D', undefined, { accept: 'image/png' });
    expect([status, body]).toEqual([406, notAcceptable]);
  });

  it.each([
    ['*/*', 'application/json'],
    ['', 'application/json'],
    ['text/html, */*;q=0.1', 'application/json'],
    ['application/json;charset="utf-8"', 'application/json'],
    ['application/*', 'application/json'],
    ['application/json;q=0.5, application/graphql-response+json', 'application/graphql-response+json'],
    ['application/json;q=0, */*', 'application/graphql-response+json'],
  ])('answers who accepts %j with %s', async (accept, type) => {
    const { status, headers } = await ask('{ __typename }', undefined, { accept });
    expect([status, headers.get('content-type')]).toEqual([200, `${type}; charset=utf-8`]);
  });

  it.each(['text/html', 'text/html,application/xhtml+xml,*/*;q=0.8'])('opens GraphiQL for a browser that asks for %s', async (accept) => {
    const response = await fetch(`${server.url}/graphql`, { headers: { accept } });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html']);
    await response.body?.cancel();
  });

  it('names what is wrong with a document', async () => {
    expect(await ask('{', undefined, modern)).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }] },
    });
    expect(await ask('{ nope }', undefined, modern)).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
    });
    expect((await ask('{ nope }')).status).toBe(200);
  });

  it('says which variable does not fit, and where, and that nothing ran', async () => {
    const query = 'query ($filter: LeadFilter, $first: Int) { leads(first: $first, filter: $filter) { totalCount } }';
    const variables = { filter: { createdFrom: 'yesterday', tags: ['a', 5], nonsense: 'x'.repeat(1000) }, first: 'ten' };
    const { status, body } = await ask(query, variables, modern);
    expect([status, 'data' in body]).toEqual([400, false]);
    expect(body['errors']).toMatchObject([
      { message: expect.stringMatching(/^Variable "\$filter\.createdFrom": DateTime must be /), extensions: { code: 'BAD_USER_INPUT' } },
      { message: expect.stringMatching(/^Variable "\$filter\.tags\[1\]": String cannot represent/) },
      { message: expect.stringMatching(/^Variable "\$filter": Field "nonsense" is not defined/) },
      { message: expect.stringMatching(/^Variable "\$first": Int cannot represent/) },
    ]);
    expect(JSON.stringify(body)).not.toContain('xxxx');
    expect((await ask(query, variables)).status).toBe(200);
  });

  it('marks the answer that a repeat gets', async () => {
    const query =
      'mutation ($input: RecordPostbackInput!) { recordPostback(input: $input) { ... on RecordPostbackSuccess { lead { id } } } }';
    const variables = { input: { email: 'repeat@x.test', idempotencyKey: 'once' } };
    const [first, second] = [await ask(query, variables), await ask(query, variables)];
    expect(second.body).toEqual(first.body);
    expect([first, second].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true']);
  });

  it('row 9: keeps __proto__ in variables as plain data', async () => {
    const query =
      'mutation ($input: RecordPostbackInput!) { recordPostback(input: $input) { ... on RecordPostbackSuccess { lead { customData } } } }';
    const text = `{"query":${JSON.stringify(query)},"variables":{"input":{"customData":{"__proto__":{"admin":true}}}}}`;
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
      body: text,
    });
    expect(await response.text()).toContain('"customData":{"__proto__":{"admin":true}}');
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });
});
