import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

const key = 'the-root-key';
let app: TestApp;
beforeAll(async () => {
  app = await startApp({ NODE_ENV: 'production', API_KEY: key });
});
afterAll(() => app.end());

const fetchWithKey: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  headers.set('x-api-key', key);
  return fetch(input, { ...init, headers });
};

const audits = serverAudits({ url: () => `${app.url}/graphql`, fetchFn: fetchWithKey });

describe('GraphQL over HTTP, in production and with a key', () => {
  it('is audited in 61 ways', () => {
    expect(audits).toHaveLength(61);
  });

  it.each(audits.map((audit) => [audit.id, audit.name, audit] as const))('%s %s', async (_id, _name, audit) => {
    const result = await audit.fn();
    expect([result.status, 'reason' in result ? result.reason : undefined]).toEqual(['ok', undefined]);
  });
});
