import { describe, expect, it } from 'vitest';
import { createRestCompat, endpoints } from '../../rest-compat/rest-compat.ts';

const { pages } = createRestCompat(() => Promise.reject(new Error('the documentation runs nothing')));
const page = (path: string): string => pages.find((candidate) => candidate.path === path)?.body ?? '';

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly security?: readonly object[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, { readonly schema: { readonly properties: object } }>>;
  };
  readonly responses: object;
}

describe('/openapi.json', () => {
  const document = JSON.parse(page('/openapi.json')) as OpenApi;

  const operationAt = (method: string, path: string): Operation => {
    const operation = document.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
    if (!operation) throw new Error(`${method} ${path} is not described`);
    return operation;
  };

  it('describes every endpoint', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual(endpoints.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`).sort());
  });

  it('gives the postback its documented fields, as JSON and as a form', () => {
    const { content } = document.paths['/api/postback']?.['post']?.requestBody ?? {};
    expect(Object.keys(content ?? {})).toEqual(['application/json', 'application/x-www-form-urlencoded']);
    expect(Object.keys(content?.['application/json']?.schema.properties ?? {})).toHaveLength(27);
  });

  it('names both ways of paging', () => {
    const parameters = document.paths['/api/leads']?.['get']?.parameters ?? [];
    expect(parameters.map(({ name }) => name)).toEqual(['stage', 'search', 'source', 'campaign', 'from', 'to', 'page', 'limit', 'after']);
  });

  it('says that every write takes an Idempotency-Key, and how a bad one is answered', () => {
    for (const { method, path, writesOnGet } of endpoints) {
      const { parameters, responses } = operationAt(method, path);
      const takesKey = parameters.some(({ name }) => name === 'Idempotency-Key');
      expect(takesKey, `${method} ${path}`).toBe(method !== 'GET' || writesOnGet);
      if (takesKey) expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '422']));
    }
  });

  it('says that the fields of a global event may stand in the address', () => {
    const { parameters, requestBody } = operationAt('POST', '/api/event/global/:orgId');
    expect(requestBody?.required).toBe(false);
    const inQuery = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
    expect(inQuery).toEqual(expect.arrayContaining(['event_id', 'transaction_id', 'pid', 'revenue', 'amount', 'sub5', 'min_price']));
  });

  it('says what a caller proves itself with', () => {
    expect(operationAt('POST', '/webhooks/crm/lead').security).toEqual([{ apiKey: [] }, { bearer: [] }]);
    expect(operationAt('POST', '/leads').security).toEqual([{ sourceId: [], sourceKey: [] }, { bearer: [] }]);
    expect(operationAt('POST', '/api/event/trigger').security).toEqual([]);
    expect(operationAt('POST', '/api/postback').security).toBeUndefined();
  });

  it('has unique operation ids and answers for each', () => {
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(endpoints.length);
    for (const { responses } of operations) expect(Object.keys(responses)).toEqual(expect.arrayContaining(['500', '503']));
    const open = Object.entries(document.paths).filter(([, item]) => Object.values(item).some(({ responses }) => !('401' in responses)));
    expect(open.map(([path]) => path)).toEqual(['/api/event/trigger', '/api/event/{campaignId}', '/api/event/global/{orgId}']);
  });
});

describe('/docs', () => {
  const html = page('/docs');

  it('works offline and without scripts', () => {
    expect(html).not.toMatch(/<script|onload=|(?:src|href)="https?:/);
    expect(page('/docs.css')).not.toMatch(/@import|url\(/);
  });

  it('shows every endpoint and the documented examples', () => {
    for (const { path } of endpoints) expect(html).toContain(path);
    expect(html).toContain('curl -X POST http://localhost:3000/api/postback \\');
    expect(html).toContain('&quot;campaign&quot;: &quot;llc-spring-2026&quot;,');
    expect(html).toContain('Example — Application Submitted');
  });

  it('gives examples that the endpoints take', () => {
    for (const { body, docs } of endpoints) {
      for (const example of docs.examples) if (body && example.body !== undefined) expect(body.safeParse(example.body).success).toBe(true);
      for (const answer of docs.answers)
        if (answer.example !== undefined) expect(answer.schema.safeParse(answer.example).error).toBeUndefined();
    }
  });
});
