import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

/** What graphql-cop looks for, as statements about this server in production. */
const key = 'the-root-key';
let app: TestApp;
beforeAll(async () => {
  app = await startApp({ NODE_ENV: 'production', API_KEY: key });
});
afterAll(() => app.end());

const authorised = { 'x-api-key': key };

async function send(body: unknown, headers: Record<string, string> = authorised, init: RequestInit = {}) {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}

async function get(search: Record<string, string>, headers: Record<string, string> = authorised) {
  const response = await fetch(`${app.url}/graphql?${new URLSearchParams(search)}`, {
    headers: { accept: 'application/json', ...headers },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const type = (name: string) => ({ 'content-type': name });

const times = (count: number, part: (i: number) => string): string => Array.from({ length: count }, (_, i) => part(i)).join(' ');

describe('in production', () => {
  it('1, alias overloading: a field under a hundred names is refused', async () => {
    expect((await send({ query: `query cop { ${times(101, (i) => `alias${i}:__typename`)} }` })).text).toContain('"OPERATION_TOO_COMPLEX"');
  });

  it('2, array batching: several operations in one request are refused', async () => {
    const { status, text } = await send(Array.from({ length: 10 }, () => ({ query: 'query cop { __typename }' })));
    expect(status).toBe(400);
    expect(text).toContain('"BATCHING_DISABLED"');
  });

  it('3, directive overloading: ten directives at one place get one answer, not ten', async () => {
    const { text } = await send({ query: 'query cop { __typename @aa@aa@aa@aa@aa@aa@aa@aa@aa@aa }' });
    expect(JSON.parse(text).errors).toHaveLength(1);
    expect(text).toContain('"OPERATION_TOO_COMPLEX"');
  });

  it('4, circular introspection: types of fields of types are refused, with a key too', async () => {
    const query = `query cop { __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } }`;
    const { text } = await send({ query: `${query} }` });
    expect(text).toContain('"GRAPHQL_VALIDATION_FAILED"');
    expect(text).not.toContain('"data"');
  });

  it('5, field duplication: one field five hundred times is refused', async () => {
    expect((await send({ query: `query cop { ${times(500, () => '__typename')} }` })).text).toContain('"OPERATION_TOO_COMPLEX"');
  });

  it('6, mutation by GET: it is refused and nothing happens', async () => {
    const query = 'mutation cop { recordPostback(input: { email: "cop@example.com" }) { __typename } }';
    const { status, headers } = await get({ query });
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe('POST');
    expect((await send({ query: '{ leads { totalCount } }' })).text).toContain('"totalCount":0');
  });

  it('7, query by GET: it needs a key in a header, and no page of another site may read it', async () => {
    const { text, headers } = await get({ query: '{ leads { totalCount } }' }, { origin: 'https://evil.example' });
    expect(text).toContain('"UNAUTHENTICATED"');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    const asked = await get(
      { query: '{ leads { totalCount } }' },
      { ...authorised, origin: 'https://evil.example', cookie: `x-api-key=${key}` },
    );
    expect(asked.text).toContain('"totalCount":0');
    expect(asked.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await fetch(`${app.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-api-key' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('8, unhandled errors: no answer carries a trace or a path', async () => {
    const wrong = [
      'qwerty cop { abc }',
      '{',
      '',
      '{ leads(first: "x") { totalCount } }',
      'query ($a: Nope) { leads(first: $a) { totalCount } }',
    ];
    for (const query of [...wrong, '\u0000', '{ node(id: "lead_x") { id } }']) {
      const { text } = await send({ query });
      expect(text, query).not.toMatch(/stack|exception|node_modules|\.ts\b|\.js\b|at async/i);
    }
    for (const body of ['{"query":1}', '{"query":"{__typename}","variables":[]}', '{"query":"{__typename}","operationName":{}}', 'null']) {
      const { status, text } = await send(body);
      expect(status, body).toBe(400);
      expect(text, body).toMatch(/"code":"[A-Z_]+"/);
      expect(text, body).not.toMatch(/stack|exception|node_modules/i);
    }
  });

  it('9, field suggestions: errors name nothing of the schema that was not asked', async () => {
    const guesses = [
      { query: '{ lead_ }' },
      { query: '{ leads { nodes { emai } } }' },
      { query: '{ leads(firs: 1) { totalCount } }' },
      { query: '{ leads(orderBy: NEWES) { totalCount } }' },
      { query: '{ ... on Querry { __typename } }' },
      { query: 'query ($f: LeadFilter) { leads(filter: $f) { totalCount } }', variables: { f: { sourc: 'x' } } },
      { query: 'query ($o: LeadOrder) { leads(orderBy: $o) { totalCount } }', variables: { o: 'NEWES' } },
    ];
    for (const guess of guesses) {
      const { text } = await send(guess);
      expect(text, guess.query).toContain('"errors"');
      expect(text, guess.query).not.toContain('Did you mean');
    }
  });

  it('10, GraphiQL: there is none', async () => {
    const { text, headers } = await get({}, { accept: 'text/html' });
    expect(text).not.toMatch(/graphiql|playground|<html/i);
    expect(headers.get('content-type') ?? '').not.toContain('text/html');
  });

  it('11, introspection: without a key it is refused, with one it is answered', async () => {
    const query = getIntrospectionQuery();
    for (const asked of [
      query,
      '{ __schema { queryType { name } } }',
      '{ __type(name: "Lead") { name } }',
      'query { ...F } fragment F on Query { s: __schema { types { name } } }',
    ]) {
      const { status, text } = await send({ query: asked }, {});
      expect([status, text.includes('"UNAUTHENTICATED"'), text.includes('"data"')]).toEqual([401, true, false]);
    }
    expect((await get({ query: '{ __schema { queryType { name } } }' }, {})).status).toBe(401);
    expect(JSON.parse((await send({ query })).text).data.__schema.types.length).toBeGreaterThan(100);
    expect((await send({ query: '{ __typename }' }, {})).text).toBe('{"data":{"__typename":"Query"}}');
  });

  it('12, forms: a body that a page can send without asking is refused', async () => {
    for (const [body, headers] of [
      ['query=query+cop+%7B__typename%7D', type('application/x-www-form-urlencoded')],
      [
        '--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"{__typename}"}\r\n--x--',
        type('multipart/form-data; boundary=x'),
      ],
      ['{"query":"{__typename}"}', type('text/plain')],
      ['{__typename}', type('application/graphql')],
    ] as const) {
      const { status, text } = await send(body, { ...authorised, ...headers });
      expect([status, text.includes('"UNSUPPORTED_MEDIA_TYPE"')]).toEqual([415, true]);
    }
  });

  it('13, tracing: answers tell what they cost and nothing else', async () => {
    const { text } = await send(
      { query: '{ viewer { kind } }', extensions: { tracing: true } },
      { ...authorised, 'x-apollo-tracing': '1' },
    );
    expect(JSON.parse(text).extensions).toEqual({ cost: { requested: 1, limit: 10_000 } });
  });
});
