import type { Dialect } from './dialect.ts';
import { stylesheet } from './docs-style.ts';
import type { Endpoint } from './endpoint.ts';
import { refusalsOf, toJsonSchema } from './openapi.ts';
import type { Page } from './route.ts';

/** A readable page of every endpoint, and its stylesheet. No scripts: it works without a network and under the strictest policy. */
export function createDocsPages(endpoints: readonly Endpoint[]): readonly Page[] {
  return [
    { path: '/docs', contentType: 'text/html; charset=utf-8', body: toPage(endpoints) },
    { path: '/docs.css', contentType: 'text/css; charset=utf-8', body: stylesheet },
  ];
}

function toPage(endpoints: readonly Endpoint[]): string {
  const dialects = [...new Map(endpoints.map(({ dialect }) => [dialect.name, dialect])).values()];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Leadgraph REST</title>
<link rel="stylesheet" href="/docs.css">
</head>
<body>
<header>
<h1>Leadgraph REST</h1>
<p>The documented REST endpoints. Each of them runs an operation of the GraphQL graph at <a href="/graphql">/graphql</a>, which offers more. Machines read <a href="/openapi.json">/openapi.json</a>.</p>
</header>
<nav><ul>${endpoints.map((endpoint) => `<li><a href="#${anchor(endpoint)}"><b>${endpoint.method}</b> ${escape(endpoint.path)}</a></li>`).join('')}</ul></nav>
<main>
${toIntro()}
${dialects
  .map(
    ({ name, title, credentialHelp, checks }) =>
      `<h2>${escape(title)}</h2>\n${toDialectIntro(credentialHelp, checks)}${endpoints
        .filter(({ dialect }) => dialect.name === name)
        .map(toSection)
        .join('\n')}`,
  )
  .join('\n')}
</main>
</body>
</html>
`;
}

const toIntro = (): string => `<section>
<h2>For every endpoint</h2>
<p><b>Key.</b> Send <code>x-api-key: YOUR_API_KEY</code> or <code>Authorization: Bearer YOUR_API_KEY</code>. It is optional while the server runs with <code>API_KEY=changeme</code>. A key in the address is never read.</p>
<p><b>Repeats.</b> With <code>Idempotency-Key</code> a write happens once: for 7 days the same key with the same input gets the stored answer and <code>Idempotent-Replayed: true</code>; with another input it is refused.</p>
<p><b>Request id.</b> Every answer carries <code>X-Request-Id</code>, every refusal has it as <code>request_id</code>. Send your own to follow a request through both logs.</p>
<p><b>Limits.</b> Bodies up to 256 KB, 32 levels and 500 keys; texts up to 4,096 characters; custom_data up to 64 KB.</p>
<h3>Refusals</h3>
${table(
  ['Code', 'Status', 'Cause and cure'],
  [
    ['INVALID_JSON', '400', 'The body is not JSON, or empty.'],
    ['VALIDATION_FAILED', '400', 'Fields break a rule; <code>issues</code> names each of them.'],
    ['UNKNOWN_STAGE', '400', 'The pipeline has no such stage; <code>stages</code> lists those there are.'],
    ['PAYLOAD_TOO_COMPLEX', '400', 'More than 32 levels or 500 keys.'],
    ['IDEMPOTENCY_KEY_INVALID', '400', 'The key must have 1 to 255 printable ASCII characters without spaces.'],
    ['UNAUTHENTICATED', '401', 'The API key is missing or not known.'],
    ['FORBIDDEN', '403', 'The API key does not allow this.'],
    ['LEAD_NOT_FOUND', '404', 'There is no such lead in your account.'],
    ['PAYLOAD_TOO_LARGE', '413', 'The body is larger than 256 KB.'],
    ['UNSUPPORTED_MEDIA_TYPE', '415', 'Send <code>Content-Type: application/json</code> in UTF-8.'],
    ['UNSUPPORTED_ENCODING', '415', 'Send the body without Content-Encoding.'],
    ['IDEMPOTENCY_KEY_REUSED', '422', 'The key was used before with a different input. Use a new one.'],
    ['INTERNAL_SERVER_ERROR', '500', 'Our fault; the request id finds it in our log.'],
    ['DB_UNAVAILABLE, OVERLOADED', '503', 'Temporary. Try again after <code>Retry-After</code> seconds.'],
  ],
)}
</section>`;

function toDialectIntro(credentialHelp: string | undefined, checks: Dialect['checks']): string {
  const help = credentialHelp ? `<p><b>Credentials.</b> ${escape(credentialHelp)}</p>\n` : '';
  if (!checks) return help;
  const rows = checks.map(({ refuses, status, code }, i) => [String(i + 1), escape(refuses), String(status), `<code>${code}</code>`]);
  return `${help}<h3>Checks, in this order</h3>\n<p>401 and 403 end a request; everything that is answered 400 is named at once.</p>\n${table(['', 'Refused', 'Status', 'Code'], rows)}\n`;
}

function toSection(endpoint: Endpoint): string {
  const { method, path, docs, body, query } = endpoint;
  return `<section id="${anchor(endpoint)}">
<h3><span class="method">${method}</span> <code>${escape(path)}</code></h3>
<p><b>${escape(docs.summary)}.</b> ${escape(docs.description)}</p>
${query ? `<h4>Query</h4>\n${fieldTable(toJsonSchema(query, 'input'))}` : ''}
${body ? `<h4>Body Fields</h4>\n${fieldTable(toJsonSchema(body, 'input'))}` : ''}
${docs.examples.map(({ title, curl }) => `<h4>Example — ${escape(title)}</h4>\n<pre><code>${escape(curl)}</code></pre>`).join('\n')}
<h4>Answers</h4>
${table(
  ['Status', 'Meaning'],
  [
    ...docs.answers.map(({ status, description }) => [String(status), escape(description)]),
    ...refusalsOf(endpoint).map(([status, meaning]) => [status, escape(meaning)]),
  ],
)}
${docs.answers.map((answer) => (answer.example === undefined ? '' : `<p>${answer.status}:</p>\n<pre><code>${escape(JSON.stringify(answer.example, null, 2))}</code></pre>`)).join('\n')}
</section>`;
}

interface FieldSchema {
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly FieldSchema[];
  readonly description?: string;
  readonly enum?: readonly string[];
}

function fieldTable(schema: Readonly<Record<string, unknown>>): string {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, FieldSchema>>;
  return table(
    ['Field', 'Type', 'Description'],
    Object.entries(properties).map(([name, field]) => [
      `<code>${escape(name)}</code>`,
      escape(typeOf(field)),
      escape(field.description ?? ''),
    ]),
  );
}

/** One word for people: the schema's finer points (null, digits in a string) stand in the OpenAPI file. */
function typeOf({ type, anyOf }: FieldSchema): string {
  if (typeof type === 'string') return type;
  const [first] = anyOf ?? [];
  return first ? typeOf(first) : 'any';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return `<div class="scroll"><table>\n<thead>${cells(head, 'th')}</thead>\n<tbody>\n${rows.map((row) => cells(row, 'td')).join('\n')}\n</tbody>\n</table></div>`;
}

const cells = (row: readonly string[], tag: string): string => `<tr>${row.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;

const anchor = ({ method, path }: Endpoint): string => `${method}${path}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replaceAll(/[&<>"]/g, (char) => entities[char] ?? char);
