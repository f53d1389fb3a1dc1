import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Json, startApp, type TestApp } from '../support/app.ts';

/** Row 36: another account's objects answer exactly as ids that never existed. */
const rootKey = 'root-key-of-the-isolation-test';
let app: TestApp;
let ours: Record<string, string>;
let theirs: Record<string, string>;
let lead: Json;

beforeAll(async () => {
  app = await startApp({ API_KEY: rootKey });
  ours = { 'x-api-key': await newAccount('ours') };
  theirs = { 'x-api-key': await newAccount('theirs') };
  await app.send('POST', '/api/postback', { email: 'theirs@example.com', stage: 'Paid', first_name: 'Secret' }, theirs);
  const { data } = await app.graphql(
    `{ leads { nodes { id uuid number email stageHistory { nodes { id } } submissions { nodes { id } } } edges { cursor } }
       changes { nodes { id } pageInfo { endCursor } } viewer { account { id } } apiKeys { nodes { id } } }`,
    undefined,
    theirs,
  );
  lead = { ...data.leads.nodes[0], data };
});
afterAll(() => app.end());

async function newAccount(name: string): Promise<string> {
  const mutation = 'mutation ($name: String!) { createAccount(input: { name: $name }) { ... on CreateAccountSuccess { token } } }';
  const { data } = await app.graphql(mutation, { name }, { 'x-api-key': rootKey });
  return data.createAccount.token;
}

it('finds no lead of another account, by whatever it is named', async () => {
  const selectors = [
    { id: lead.id },
    { id: lead.uuid },
    { number: lead.number },
    { email: lead.email },
    { transactionId: `txn_${lead.uuid}` },
  ];
  for (const by of selectors) {
    const { data, errors } = await app.graphql('query ($by: LeadSelector!) { lead(by: $by) { id } }', { by }, ours);
    expect({ by, data, errors }).toEqual({ by, data: { lead: null }, errors: undefined });
  }
  const { data } = await app.graphql(
    '{ leads(filter: { search: "secret" }) { totalCount } submissions { totalCount } changes { totalCount } }',
    undefined,
    ours,
  );
  expect(data).toEqual({ leads: { totalCount: 0 }, submissions: { totalCount: 0 }, changes: { totalCount: 0 } });
});

it('gives null for every node of another account', async () => {
  const { changes, viewer, apiKeys } = lead.data;
  const ids = [
    lead.id,
    lead.stageHistory.nodes[0].id,
    lead.submissions.nodes[0].id,
    changes.nodes[0].id,
    viewer.account.id,
    apiKeys.nodes[0].id,
  ];
  for (const id of ids) {
    const { data, errors } = await app.graphql('query ($id: ID!) { node(id: $id) { id } }', { id }, ours);
    expect({ id, data, errors }).toEqual({ id, data: { node: null }, errors: undefined });
    expect((await app.graphql('query ($id: ID!) { node(id: $id) { id } }', { id }, theirs)).data.node).toEqual({ id });
  }
});

it('refuses a cursor of another log, and shows nothing behind a cursor of another list', async () => {
  const log = await app.graphql(
    'query ($after: Cursor!) { changes(after: $after) { nodes { id } } }',
    { after: lead.data.changes.pageInfo.endCursor },
    ours,
  );
  expect(log.errors?.[0]?.extensions['code']).toBe('CURSOR_INVALID');
  const list = await app.graphql(
    'query ($before: String!) { leads(last: 5, before: $before) { nodes { id } } }',
    { before: lead.data.leads.edges[0].cursor },
    ours,
  );
  expect(list.data.leads.nodes).toEqual([]);
});

it.each([
  ['moveLead', 'MoveLeadInput', { stage: 'Completed' }],
  ['updateLead', 'UpdateLeadInput', { firstName: 'Mallory' }],
  ['deleteLead', 'DeleteLeadInput', {}],
])('lets %s touch no lead of another account', async (mutation, type, input) => {
  const document = `mutation ($input: ${type}!) { ${mutation}(input: $input) { __typename } }`;
  const { data } = await app.graphql(document, { input: { leadId: lead.id, ...input } }, ours);
  expect(data[mutation].__typename).toBe('LeadNotFoundError');
  const { data: after } = await app.graphql(
    'query ($id: ID!) { lead(by: { id: $id }) { firstName stage { name } } }',
    { id: lead.id },
    theirs,
  );
  expect(after.lead).toEqual({ firstName: 'Secret', stage: { name: 'Paid' } });
});

it('makes a lead of its own for a foreign lead id, and keeps idempotency keys apart', async () => {
  const own = await app.send(
    'POST',
    '/api/postback',
    { lead_id: lead.uuid, email: 'own@example.com' },
    { ...ours, 'idempotency-key': 'same' },
  );
  expect(own).toMatchObject({ status: 201, body: { created: true } });
  expect(own.body.lead_id).not.toBe(lead.uuid);
  const other = await app.send('POST', '/api/postback', { email: 'another@example.com' }, { ...theirs, 'idempotency-key': 'same' });
  expect(other).toMatchObject({ status: 201, body: { created: true } });
});

it.each(['GET', 'DELETE'])('answers %s of a foreign lead over REST like one that never existed', async (method) => {
  const [foreign, unknown] = await Promise.all([
    app.send(method, `/api/leads/${lead.uuid}`, undefined, ours),
    app.send(method, '/api/leads/01a1f9cf-0d2a-7000-b052-684f7c5902bf', undefined, ours),
  ]);
  expect(foreign.status).toBe(404);
  expect({ ...foreign.body, request_id: null }).toEqual({ ...unknown.body, request_id: null });
});
