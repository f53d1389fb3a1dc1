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
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: { readonly properties: object } }>> };
  readonly responses: object;
}

describe('/openapi.json', () => {
  const document = JSON.parse(page('/openapi.json')) as OpenApi;

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
