import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { until, wait } from '../live/change-log.ts';
import { createServerProcess, type ServerProcess } from '../live/server-process.ts';
import type { Json } from '../support/app.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Receiver, startReceiver } from '../webhooks/receiver.ts';

/** Whatever of these stands in a log or in the metrics has leaked. */
const person = {
  email: 'kanarienvogel@example.com',
  first_name: 'Kanarienvogel',
  last_name: 'Zwitscherling',
  phone: '(512) 555-0147',
  company: 'Zwitscherling & Sons',
};
const personWords = ['kanarienvogel', 'zwitscherling', '555-0147', '5125550147', 'kanarien%', 'payload-of-the-canary'];
const rootKey = 'root-key-canary-4711';
const crmSecret = 'crm-secret-canary-4712';
const secretsKey = 'secrets-key-canary-4713';
const headerValue = 'header-value-canary-4714';
const wrongKey = 'wrong-key-canary-4715';
const keys = [rootKey, crmSecret, secretsKey, headerValue, wrongKey];

let database: TestDatabase;
let receiver: Receiver;
let server: ServerProcess;
beforeAll(async () => {
  database = await createTestDatabase();
  receiver = await startReceiver();
  const fault = path.join(import.meta.dirname, 'fault-on-signal.mjs');
  server = await createServerProcess(database.url, rootKey, {
    LOG_LEVEL: 'debug',
    CRM_WEBHOOK_SECRET: crmSecret,
    SECRETS_KEY: secretsKey,
    WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8',
    TRUSTEDFORM_CHECK: 'live',
    TRUSTEDFORM_DEADLINE_MS: '100',
    NODE_OPTIONS: `--import ${fault}`,
    QUOTED: person.email,
  });
  await server.start();
});
afterAll(async () => {
  await server.kill();
  await receiver.close();
  await database.drop();
});

const asRoot = { 'x-api-key': rootKey };

async function send(
  method: string,
  url: string,
  body?: string | object,
  headers: Record<string, string> = asRoot,
): Promise<{ status: number; body: string }> {
  const response = await fetch(server.url + url, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.text() };
}

async function graphql(query: string, variables: object = {}, headers = asRoot): Promise<Json> {
  return JSON.parse((await send('POST', '/graphql', { query, variables }, headers)).body);
}

async function mutate(field: string, input: object, selection: string): Promise<Json> {
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
  const { data } = await graphql(
    `mutation ($input: ${type}Input!) { ${field}(input: $input) { __typename ... on ${type}Success { ${selection} } ... on Error { code } } }`,
    { input },
  );
  return data[field];
}

async function onDatabase(...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

/** Bytes on a bare connection, and what comes back until it is closed or a moment has passed. */
async function sendBytes(text: string): Promise<void> {
  const { port, hostname } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  await Promise.race([once(socket, 'close'), wait(300)]);
  socket.destroy();
}

const leadOf = async (): Promise<string> =>
  (await graphql('query ($email: String!) { lead(by: { email: $email }) { id } }', { email: person.email })).data.lead.id;

it('rows 34 and 66: writes no address, phone, name, key or secret into any log or metric, whatever fails', async () => {
  await sendGoodRequests();
  await sendBadRequests();
  await sendOverSockets();
  await failInTheDatabase();
  const source = await failAtTheDoors();
  const made = await rotateEverything(source.id);

  const metrics = await send('GET', '/metrics');
  await until('what was sent is logged', () => count('request answered') > 60);
  await graphql('mutation ($id: ID!) { eraseLead(input: { leadId: $id }) { __typename } }', { id: await leadOf() });
  expect(await server.stop('SIGUSR2')).toBe(1);

  const words = [...personWords, ...keys, ...made, source.key, new URL(database.url).password].filter((word) => word !== '');
  const written = { log: server.output().toLowerCase(), metrics: metrics.body.toLowerCase() };
  const leaks = Object.entries(written).flatMap(([where, text]) =>
    words.filter((word) => text.includes(word.toLowerCase())).map((word) => `${where}: ${lineWith(text, word)}`),
  );
  expect(leaks).toEqual([]);
  // The faults were there, and were logged.
  for (const message of [
    'request answered',
    'request refused by the parser',
    'operation failed',
    'webhook engine failed',
    'webhook began to fail',
    'numbers could not be brought up to date',
    'websocket client broke the protocol',
    'CRM activity waits for its lead',
    'database connection lost',
    'stopping after a fault that nobody handled',
  ])
    expect(count(message), message).toBeGreaterThan(0);
  expect(metrics.body).toContain('http_requests_total');
}, 120_000);

const count = (message: string): number => server.output().split(message).length - 1;

function lineWith(text: string, word: string): string {
  return (
    text
      .split('\n')
      .find((line) => line.includes(word.toLowerCase()))
      ?.slice(0, 300) ?? ''
  );
}

async function sendGoodRequests(): Promise<void> {
  await mutate('createEventType', { eventId: 'sale', isConversion: true }, '__typename');
  const events = ['save_lead', 'lead.erased'];
  const headers = { Authorization: headerValue };
  await mutate('createWebhook', { name: 'Fails', url: `${receiver.url}/{email}?p={phone}&n={first_name}`, events, headers }, '__typename');
  await mutate('createWebhook', { name: 'Closed', url: 'http://127.0.0.1:9/{email}', events, headers }, '__typename');
  receiver.answer = ({ path: called, body }, response) => void response.writeHead(500).end(`${called} ${body}`);
  await send(
    'POST',
    '/webhooks/crm/lead',
    { crm_lead_id: 'crm-1', note: 'payload-of-the-canary' },
    { authorization: `Bearer ${crmSecret}` },
  );
  await send('POST', '/api/postback', { ...person, crm_lead_id: 'crm-1', transaction_id: 'tx-1' });
  await send('POST', '/api/postback', new URLSearchParams(person).toString(), {
    ...asRoot,
    'content-type': 'application/x-www-form-urlencoded',
  });
  await send('GET', `/api/leads?search=${encodeURIComponent(person.email)}`);
  await graphql('query ($search: String!) { leads(filter: { search: $search }) { nodes { email phone } } }', { search: person.last_name });
  await graphql('query ($id: ID!) { exportLead(leadId: $id) { data } }', { id: await leadOf() });
  await mutate('fireEvent', { eventId: 'sale', transactionId: 'tx-1', revenue: '1', clid: person.email }, '__typename');
  await mutate('moveLead', { leadId: await leadOf(), stage: 'Paid', reason: person.last_name }, '__typename');
  await until('webhooks were tried', () => receiver.calls.length > 0);
}

async function sendBadRequests(): Promise<void> {
  const json = JSON.stringify(person);
  for (const body of [json.slice(0, -1), `[${json}]`, `{"a":${json}`, `${json}${json}`]) await send('POST', '/api/postback', body);
  for (const type of ['text/plain', 'application/json; charset=utf-16', person.email])
    await send('POST', '/api/postback', json, { ...asRoot, 'content-type': type });
  for (const stage of ['nowhere', person.email]) await send('POST', '/api/postback', { ...person, stage });
  await send('POST', '/api/postback', { ...person, phone: `\u0000${person.phone}` });
  await send('POST', '/api/postback', { ...person, email: `${person.email}@@` });
  await send('POST', '/api/postback', json, { 'x-api-key': wrongKey });
  await send('POST', '/api/postback', json, { authorization: `Bearer ${wrongKey}`, 'x-request-id': person.email });
  await send('POST', `/api/postback?api_key=${rootKey}&key=${wrongKey}`, json, {});
  for (const address of [
    `/api/leads/${person.email}`,
    `/${encodeURIComponent(person.email)}`,
    `/api/leads/%zz${person.email}`,
    `/${person.email.repeat(500)}`,
  ]) {
    await send('GET', address);
    await send('DELETE', address);
  }
  for (const query of [
    `{ lead(by: { email: "${person.email}" `,
    `{ ${person.first_name} }`,
    `{ lead(by: { email: ${person.first_name} }) { id } }`,
    `{ leads(first: 1000, filter: { search: "${person.email}" }) { nodes { id } } }`,
    `{ lead(by: { id: "${person.email}" }) { id } node(id: "${person.email}") { id } }`,
  ])
    await graphql(query);
  await graphql('query ($first: Int) { leads(first: $first) { nodes { id } } }', { first: person.email });
  await graphql('{ leads { nodes { id } } }', {}, { 'x-api-key': wrongKey });
  await mutate('updateLead', { leadId: await leadOf(), email: `${person.last_name}@@`, birthDate: '2026-01-01' }, '__typename');
  await mutate('fireEvent', { eventId: person.email, transactionId: person.email }, '__typename');
  for (const secret of [wrongKey, `Bearer ${wrongKey}`]) await send('POST', '/webhooks/crm/lead', person, { authorization: secret });
  await send('POST', '/webhooks/crm/lead', json.slice(1), { authorization: `Bearer ${crmSecret}` });
}

async function sendOverSockets(): Promise<void> {
  const { host } = new URL(server.url);
  const head = `POST /api/postback HTTP/1.1\r\nHost: ${host}\r\nX-Api-Key: ${rootKey}\r\n`;
  await sendBytes(`${person.email}\r\n\r\n`);
  await sendBytes(`GET /${person.email} HTTP/1.1\r\nHost: ${host}\r\n ${person.email}\r\n\r\n`);
  await sendBytes(`${head}X: ${person.email.repeat(1000)}\r\n\r\n`);
  // A slow client that gives up in the middle.
  await sendBytes(`${head}Content-Type: application/json\r\nContent-Length: 500\r\n\r\n${JSON.stringify(person)}`);
  await sendBytes(`${head}X-Name: ${person.last_name}`);
  const next = { id: '1', type: 'subscribe', payload: { query: `subscription { ${person.first_name} }` } };
  for (const messages of [
    [{ type: 'connection_init', payload: { 'x-api-key': wrongKey } }],
    [{ type: 'connection_init', payload: { 'x-api-key': rootKey } }, next, `{"${person.email}`],
    [{ type: person.email }],
  ]) {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    socket.on('error', () => undefined);
    await once(socket, 'open');
    for (const message of messages) socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    await Promise.race([once(socket, 'close'), wait(500)]);
    socket.terminate();
  }
  const broken = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  broken.on('error', () => undefined);
  await once(broken, 'open');
  broken.send(person.email.repeat(5000));
  await Promise.race([once(broken, 'close'), wait(500)]);
}

/** Errors of the database that quote what they were given: in their words, in their detail, for callers and in the background. */
async function failInTheDatabase(): Promise<void> {
  await onDatabase(
    `ALTER TABLE "Lead" ADD CONSTRAINT no_twitter CHECK (twitter IS NULL)`,
    `CREATE FUNCTION quote_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'bad value % of %', NEW, '${person.email}' USING DETAIL = '${person.phone}'; END $$`,
    `CREATE TRIGGER quoting BEFORE INSERT ON "Attempt" FOR EACH ROW EXECUTE FUNCTION quote_it()`,
    `ALTER FUNCTION rollup_quarter(timestamptz) RENAME TO rollup_quarter_before`,
    `CREATE FUNCTION rollup_quarter(at timestamptz) RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'bad value ${person.email}'; END $$`,
    `ALTER TABLE "StageChange" RENAME TO "StageChangeAway"`,
  );
  const answers = [
    await send('GET', `/api/leads?search=${person.last_name}`),
    await send('POST', '/graphql', { query: '{ leads { nodes { email stageHistory { nodes { toStage } } } } }' }),
    await send('POST', '/api/postback', { ...person, stage: 'Completed' }),
  ];
  await onDatabase(`ALTER TABLE "StageChangeAway" RENAME TO "StageChange"`);
  answers.push(
    await send('POST', '/graphql', {
      query: `mutation { updateLead(input: { leadId: "${await leadOf()}", twitter: "${person.first_name}" }) { __typename } }`,
    }),
  );
  expect(answers.map(({ body }) => body).join()).toContain('Unexpected error.');
  for (const { body } of answers) expect(body).not.toMatch(/duplicate key|violates|bad value|Failing row/);
  await send('POST', '/api/postback', { ...person, email: `more.${person.email}` });
  await until(
    'the background has failed',
    () => count('webhook engine failed') > 0 && count('numbers could not be brought up to date') > 0,
  );
  await onDatabase(
    `DROP TRIGGER quoting ON "Attempt"`,
    `DROP FUNCTION rollup_quarter(timestamptz)`,
    `ALTER FUNCTION rollup_quarter_before(timestamptz) RENAME TO rollup_quarter`,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
  await wait(300);
}

/** Sources with keys: right ones, wrong ones, in the address; certificates whose host cannot be reached. */
async function failAtTheDoors(): Promise<{ readonly id: string; readonly key: string }> {
  const { key, source } = await mutate('createSource', { name: 'Partner', complianceApproved: true }, 'key source { id }');
  const lead = { firstName: person.first_name, lastName: person.last_name, phone: person.phone };
  const trustedFormUrl = `https://cert.trustedform.com/${encodeURIComponent(person.email)}`;
  const good = { 'x-leadping-source-id': source.id, 'x-leadping-source-key': key };
  for (const headers of [good, { ...good, 'x-leadping-source-key': wrongKey }, { authorization: `Bearer ${wrongKey}` }])
    for (const body of [
      { ...lead, email: `intake.${person.email}`, trustedFormUrl },
      { ...lead, email: '@', state: person.last_name, password: wrongKey },
    ])
      await send('POST', '/leads/intake', body, headers);
  await send('GET', `/leads/intake?${new URLSearchParams({ ...lead, key, sourceKey: key, apiKey: wrongKey })}`, undefined, {});
  return { id: source.id, key };
}

async function rotateEverything(sourceId: string): Promise<string[]> {
  const { token } = await mutate('createApiKey', { name: 'Website', scope: 'INGEST' }, 'token');
  const { key } = await mutate('rotateSourceKey', { sourceId }, 'key');
  const { secret, webhook } = await mutate('createWebhook', { name: 'Third', url: `${receiver.url}/x` }, 'secret webhook { id }');
  const rotated = await mutate('rotateWebhookSecret', { webhookId: webhook.id }, 'secret');
  await send('POST', '/api/postback', person, { 'x-api-key': token });
  return [token, key, secret, rotated.secret];
}
