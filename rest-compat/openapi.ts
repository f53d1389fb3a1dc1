import { z } from 'zod';
import { type Endpoint, isWrite } from './endpoint.ts';

type Json = Record<string, unknown>;

/** OpenAPI 3.1 for the endpoints, out of the very schemas that check their requests. */
export function toOpenApi(endpoints: readonly Endpoint[]): Json {
  const paths: Record<string, Json> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: toOperation(endpoint) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Leadgraph REST',
      version: '1.0.0',
      description: 'The documented REST endpoints. Each of them runs an operation of the GraphQL graph at /graphql, which offers more.',
    },
    security: [{}, { apiKey: [] }, { bearer: [] }],
    tags: [...new Map(endpoints.map(({ dialect }) => [dialect.name, { name: dialect.name, description: dialect.title }])).values()],
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'Optional while the server runs with API_KEY=changeme.' },
        bearer: { type: 'http', scheme: 'bearer' },
        sourceId: { type: 'apiKey', in: 'header', name: 'X-Leadping-Source-Id' },
        sourceKey: { type: 'apiKey', in: 'header', name: 'X-Leadping-Source-Key' },
      },
      schemas: Object.fromEntries(
        endpoints.map(({ dialect }) => [refusalName(dialect.name), toJsonSchema(dialect.refusalSchema, 'output')]),
      ),
    },
  };
}

/** The JSON Schema of what a caller sends (`input`) or gets (`output`). */
export function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  // Values of a caller's own making have no schema of ours; what is known of them stands in their metadata.
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

function toOperation(endpoint: Endpoint): Json {
  const { method, path, dialect, docs, body, queryInBody } = endpoint;
  return {
    operationId: operationId(method, path),
    tags: [dialect.name],
    summary: docs.summary,
    description: docs.description,
    ...(dialect.security && { security: dialect.security }),
    parameters: toParameters(endpoint),
    ...(body && { requestBody: { required: !queryInBody, content: toContent(endpoint, body) } }),
    responses: toResponses(endpoint),
  };
}

function toParameters(endpoint: Endpoint): readonly Json[] {
  const { path, query, body, queryInBody } = endpoint;
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const inAddress = query ?? (queryInBody ? body : null);
  const properties = inAddress ? toJsonSchema(inAddress, 'input')['properties'] : {};
  const inQuery = Object.entries(properties ?? {}).map(([name, schema]: [string, Json]) => {
    const { description, ...rest } = schema;
    return { name, in: 'query', required: false, ...(typeof description === 'string' && { description }), schema: rest };
  });
  return [...inPath, ...inQuery, ...(isWrite(endpoint) ? [idempotencyKey] : [])];
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Makes a repeat harmless: for 7 days the same key with the same input gets the stored answer and `Idempotent-Replayed: true`.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

function toContent({ accepts, docs }: Endpoint, body: z.ZodType): Json {
  const schema = toJsonSchema(body, 'input');
  const examples = docs.examples.flatMap(({ title, body: value }) => (value === undefined ? [] : [[title, { value }]]));
  return {
    'application/json': { schema, ...(examples.length > 0 && { examples: Object.fromEntries(examples) }) },
    ...(accepts.includes('form') && { 'application/x-www-form-urlencoded': { schema } }),
  };
}

function toResponses(endpoint: Endpoint): Json {
  const { dialect, docs } = endpoint;
  const schema = { $ref: `#/components/schemas/${refusalName(dialect.name)}` };
  const answers = docs.answers.map(({ status, description, schema: body, example }) => [
    String(status),
    { description, content: { 'application/json': { schema: toJsonSchema(body, 'output'), ...(example !== undefined && { example }) } } },
  ]);
  const refusals = refusalsOf(endpoint).map(([status, description]) => [
    status,
    { description, content: { [dialect.refusalType ?? 'application/json']: { schema } } },
  ]);
  return Object.fromEntries([...answers, ...refusals]);
}

/** Every refusal that an endpoint may answer: its own, and those of all. */
export function refusalsOf(endpoint: Endpoint): readonly (readonly [status: string, meaning: string])[] {
  const { accepts, docs, dialect } = endpoint;
  return Object.entries({ ...commonRefusals(dialect.isPublic ?? false, accepts.length > 0, isWrite(endpoint)), ...docs.refusals });
}

const commonRefusals = (isPublic: boolean, takesBody: boolean, writes: boolean): Readonly<Record<string, string>> => ({
  ...(!isPublic && { 401: 'The API key is missing or not known.', 403: 'The API key does not allow this.' }),
  ...(takesBody && {
    413: 'The body is larger than 256 KB.',
    415: 'The body has a type, charset or encoding that is not taken.',
  }),
  ...(writes && {
    400: 'The Idempotency-Key is not 1 to 255 printable ASCII characters without spaces.',
    422: 'The Idempotency-Key was used before with a different input.',
  }),
  500: 'Our fault; the request id finds it in our log.',
  503: 'Temporarily unavailable; try again after Retry-After.',
});

const operationId = (method: string, path: string): string =>
  [method.toLowerCase(), ...path.split('/').filter(Boolean)].map((part) => part.replaceAll(/\W/g, '')).join('_');

const refusalName = (dialect: string): string => `${dialect.charAt(0).toUpperCase()}${dialect.slice(1)}Error`;
