import fc from 'fast-check';
import { parse } from 'graphql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Json, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ API_KEY: 'root-key-of-this-test' });
});
afterAll(() => app.end());

const stages = ['Form Started', 'Application Submitted', 'Paid', 'Nirvana'];
const emails = ['a@example.com', 'A@Example.com', 'b@example.com', 'c@example.com', 'd@example.com', 'broken@@example.com'];

const crmIds = ['crm-1', 'crm-2'];

const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
/** Which of the leads that both accounts start with. */
const known = fc.nat({ max: 2 });

const requests = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('recordPostback' as const),
      lead: maybe(known),
      email: maybe(fc.constantFrom(...emails)),
      firstName: maybe(fc.constantFrom('Jo', 'Kim', '')),
      stage: maybe(fc.constantFrom(...stages)),
      forceStage: maybe(fc.boolean()),
      crmLeadId: maybe(fc.constantFrom(...crmIds)),
      customData: maybe(fc.dictionary(fc.constantFrom('x', 'y', '__proto__'), fc.nat({ max: 2 }))),
      idempotencyKey: maybe(fc.constantFrom('k1', 'k2')),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('moveLead' as const), lead: known, stage: fc.constantFrom(...stages) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('updateLead' as const),
      lead: known,
      email: maybe(fc.constantFrom(...emails)),
      company: maybe(fc.constant('Acme')),
      crmLeadId: maybe(fc.constantFrom(...crmIds, null)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('recordCrmActivity' as const),
      lead: fc.constant(undefined),
      crmLeadId: fc.constantFrom(...crmIds),
      payload: fc.record({
        status: fc.constantFrom('new', 'won'),
        updated_at: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('linkCrmLead' as const), lead: known, crmLeadId: fc.constantFrom(...crmIds) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deleteLead' as const), lead: known }) },
);

type Request = typeof requests extends fc.Arbitrary<infer Value> ? Value : never;

const documents = {
  recordPostback: parse(`mutation ($input: RecordPostbackInput!) { recordPostback(input: $input) {
    __typename ... on Error { code } ... on RecordPostbackSuccess { created stageOutcome lead { number email firstName customData stage { name } } submission { outcome fields reasons } } } }`),
  moveLead: parse(`mutation ($input: MoveLeadInput!) { moveLead(input: $input) {
    __typename ... on Error { code } ... on MoveLeadSuccess { lead { number stage { name } } stageChange { fromStage toStage forced } } } }`),
  updateLead: parse(
    `mutation ($input: UpdateLeadInput!) { updateLead(input: $input) { __typename ... on Error { code } ... on UpdateLeadSuccess { lead { number email company } } } }`,
  ),
  recordCrmActivity: parse(
    `mutation ($input: RecordCrmActivityInput!) { recordCrmActivity(input: $input) { __typename ... on RecordCrmActivitySuccess { stored lead { number } } } }`,
  ),
  linkCrmLead: parse(
    `mutation ($input: LinkCrmLeadInput!) { linkCrmLead(input: $input) { __typename ... on Error { code } ... on LinkCrmLeadSuccess { bound lead { number crmLeadId } } } }`,
  ),
  deleteLead: parse(`mutation ($input: DeleteLeadInput!) { deleteLead(input: $input) { __typename ... on Error { code } } }`),
};

interface Account {
  readonly token: string;
  readonly leadIds: readonly string[];
}

async function newAccount(): Promise<Account> {
  const { data } = await app.graphql(
    'mutation ($name: String!) { createAccount(input: { name: $name }) { ... on CreateAccountSuccess { token } } }',
    { name: crypto.randomUUID() },
    { 'x-api-key': 'root-key-of-this-test' },
  );
  const { token } = data.createAccount;
  const leadIds: string[] = [];
  for (const email of ['a@example.com', 'b@example.com', undefined]) {
    const { data: answer } = await app.graphql(
      'mutation ($email: String) { recordPostback(input: { email: $email, stage: "Form Completed" }) { ... on RecordPostbackSuccess { lead { id } } } }',
      { email },
      { 'x-api-key': token },
    );
    leadIds.push(answer.recordPostback.lead.id);
  }
  return { token, leadIds };
}

async function ask({ token, leadIds }: Account, { kind, ...request }: Request): Promise<Json> {
  const { lead, ...fields } = request;
  const variables = { input: { ...fields, ...(lead !== undefined && { leadId: leadIds[lead] }) } };
  const rest = {
    requestId: 'r',
    dialect: 'graphql',
    body: null,
    ipAddress: null,
    userAgent: null,
    startedAtMs: performance.now(),
    credential: token,
  };
  const { result, notes } = await app.execute({ document: documents[kind], variables }, rest);
  expect(result.errors).toBeUndefined();
  return { answer: result.data, replayed: notes.replayed };
}

/** Everything that may be seen of an account, without what is different by nature: ids and times. */
async function picture({ token }: Account): Promise<Json> {
  const { data, errors } = await app.graphql(
    `{ leads(first: 30, orderBy: OLDEST) { nodes { number email firstName company customData stage { name }
         stageHistory(first: 30) { nodes { fromStage toStage forced via } } submissions(first: 30) { nodes { outcome fields reasons crmLeadId } } crmActivity(first: 30) { nodes { crmLeadId payload occurredAt } } } }
       unmatchedCrmActivity(first: 100) { nodes { crmLeadId payload } }
       changes(first: 100) { nodes { seq type summary previous lead { number } } } }`,
    undefined,
    { 'x-api-key': token },
  );
  expect(errors).toBeUndefined();
  return data;
}

it('ends the same whether requests come one after another or all at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(requests, { minLength: 2, maxLength: 24 }), async (list) => {
      const [alone, together] = await Promise.all([newAccount(), newAccount()]);
      const oneByOne: Json[] = [];
      for (const request of list) oneByOne.push(await ask(alone, request));
      const atOnce = await Promise.all(list.map((request) => ask(together, request)));
      expect(atOnce).toEqual(oneByOne);
      const seen = await picture(together);
      expect(seen).toEqual(await picture(alone));
      expect(seen.changes.nodes.map((change: Json) => change.seq)).toEqual(seen.changes.nodes.map((_: Json, i: number) => i + 1));
    }),
    { numRuns: 25 },
  );
});
