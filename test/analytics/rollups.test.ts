import fc from 'fast-check';
import { parse } from 'graphql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyNext } from '../../src/analytics/apply-changes.ts';
import { rebuildRollups } from '../../src/analytics/rebuild-rollups.ts';
import { readIntoRollups } from '../../src/analytics/rollup-reader.ts';
import { createLog } from '../../src/platform/log.ts';
import { until } from '../live/change-log.ts';
import { type Json, startApp, type TestApp } from '../support/app.ts';
import { type LeadRows, readKept, readLeadRows, recount } from './recount.ts';

const rootKey = 'root-key-of-this-test';
const log = createLog('silent', true);
let app: TestApp;
/** A second server of the same database: its reader takes turns with the first one's. */
let second: TestApp;
beforeAll(async () => {
  app = await startApp({ API_KEY: rootKey });
  second = await startApp({ API_KEY: rootKey }, app.database);
});
afterAll(async () => {
  await second.end();
  await app.end();
});

const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
const known = fc.nat({ max: 2 });
const stage = fc.constantFrom('Form Started', 'Form Completed', 'Paid', 'Completed');
const values = {
  source: maybe(fc.constantFrom('google', 'face book', "O'Brien")),
  campaign: maybe(fc.constantFrom('spring', 'x')),
  domain: maybe(fc.constantFrom('a.test', 'b.test')),
  deviceType: maybe(fc.constantFrom('mobile', 'desktop')),
};
const when = fc.constantFrom('2026-03-05T10:00:00Z', '2026-03-05T23:59:59Z', '2026-07-01T00:14:59Z', '2026-07-01T00:15:00Z');
const amount = maybe(fc.constantFrom('1.5', '0.000001', '20'));

const steps = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('recordPostback' as const),
      lead: maybe(known),
      email: maybe(fc.constantFrom('a@x.test', 'b@x.test', 'c@x.test')),
      ...values,
      stage: maybe(stage),
      forceStage: maybe(fc.boolean()),
      form: maybe(fc.record({ completionPercent: fc.constantFrom(0, 10, 33.3, 100) })),
      occurredAt: maybe(when),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('moveLead' as const), lead: known, stage }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('updateLead' as const), lead: known, ...values, company: maybe(fc.constantFrom('A', 'B')) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deleteLead' as const), lead: known }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('eraseLead' as const), lead: known }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('fireEvent' as const),
      lead: known,
      eventId: fc.constantFrom('sale', 'call'),
      revenue: fc.constantFrom('10', '0.1'),
      conversionDate: maybe(fc.constantFrom('2026-03-05', '2026-07-01 00:15:00')),
      cost: amount,
      costOperation: fc.constantFrom('ADD', 'SUBTRACT', 'OVERRIDE'),
      adSpend: amount,
    }),
  },
  // What readers do meanwhile: count a few changes, come and go.
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('count' as const), atMost: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);

const documents = {
  recordPostback: parse('mutation ($input: RecordPostbackInput!) { recordPostback(input: $input) { __typename } }'),
  moveLead: parse('mutation ($input: MoveLeadInput!) { moveLead(input: $input) { __typename } }'),
  updateLead: parse('mutation ($input: UpdateLeadInput!) { updateLead(input: $input) { __typename } }'),
  deleteLead: parse('mutation ($input: DeleteLeadInput!) { deleteLead(input: $input) { __typename } }'),
  fireEvent: parse('mutation ($input: FireEventInput!) { fireEvent(input: $input) { __typename } }'),
};

interface Account {
  readonly id: string;
  readonly token: string;
  readonly leadIds: readonly string[];
  readonly erased: LeadRows[];
}

async function newAccount(): Promise<Account> {
  const root = { 'x-api-key': rootKey };
  const { data } = await app.graphql(
    'mutation ($name: String!) { createAccount(input: { name: $name }) { ... on CreateAccountSuccess { token account { id } } } }',
    { name: crypto.randomUUID() },
    root,
  );
  const { token, account } = data.createAccount;
  const mine = { 'x-api-key': token };
  const types = await app.graphql(
    `mutation { a: createEventType(input: { eventId: "sale", name: "Sale", isConversion: true, allowRepeats: true, payout: { percent: "25" } }) { __typename }
      b: createEventType(input: { eventId: "call", name: "Call", isConversion: false, allowRepeats: true }) { __typename } }`,
    undefined,
    mine,
  );
  expect([types.data.a.__typename, types.data.b.__typename]).toEqual(['CreateEventTypeSuccess', 'CreateEventTypeSuccess']);
  const leadIds: string[] = [];
  for (const email of ['a@x.test', 'b@x.test', undefined]) {
    const { data: answer } = await app.graphql(
      'mutation ($email: String) { recordPostback(input: { email: $email, source: "google" }) { ... on RecordPostbackSuccess { lead { uuid } } } }',
      { email },
      mine,
    );
    leadIds.push(answer.recordPostback.lead.uuid);
  }
  return { id: account.id.replace('acc_', ''), token, leadIds, erased: [] };
}

type Step = typeof steps extends fc.Arbitrary<infer Value> ? Value : never;

async function take(account: Account, step: Step): Promise<void> {
  const { id, token, leadIds } = account;
  const { database } = app.services;
  if (step.kind === 'count') {
    await applyNext(database.writePool, id, { atMost: step.atMost });
    return;
  }
  if (step.kind === 'restart') {
    const reader = readIntoRollups(database, log);
    await new Promise((resolve) => setTimeout(resolve, 5));
    return reader.close();
  }
  if (step.kind === 'eraseLead') return erase(account, leadIds[step.lead] ?? '');
  const { kind, lead, ...fields } = step;
  const leadId = lead === undefined ? undefined : leadIds[lead];
  const named = kind === 'fireEvent' ? { transactionId: leadId, orgId: id } : { ...(leadId !== undefined && { leadId }) };
  const rest = {
    requestId: 'r',
    dialect: 'graphql',
    body: null,
    ipAddress: null,
    userAgent: null,
    startedAtMs: performance.now(),
    credential: token,
  };
  const server = Math.random() < 0.5 ? app : second;
  const { result } = await server.execute({ document: documents[kind], variables: { input: { ...fields, ...named } } }, rest);
  expect(result.errors).toBeUndefined();
}

/** Its rows are remembered: nothing else may write to them meanwhile. */
async function erase({ token, erased }: Account, leadId: string): Promise<void> {
  const rows = await readLeadRows(app.services.database.prisma, { id: leadId });
  const { data, errors } = await app.graphql(
    'mutation ($leadId: ID!) { eraseLead(input: { leadId: $leadId }) { __typename } }',
    { leadId },
    { 'x-api-key': token },
  );
  expect(errors).toBeUndefined();
  if (rows.leads.length > 0) expect(data.eraseLead.__typename).toBe('EraseLeadSuccess');
  erased.push(rows);
}

async function expectExact({ id: accountId, erased }: Account): Promise<void> {
  const { prisma } = app.services.database;
  await until('every change is counted', async () => {
    const [head, rollup] = await Promise.all([
      prisma.logHead.findUniqueOrThrow({ where: { accountId } }),
      prisma.rollup.findFirst({ where: { accountId, isServed: true } }),
    ]);
    return rollup?.seq === head.seq;
  });
  const [kept, counted] = await Promise.all([readKept(prisma, accountId), recount(prisma, accountId, erased)]);
  expect(kept.tuples).toEqual(counted.tuples);
  expect(kept.cells).toEqual(counted.cells);
}

it('equal a recount of the tables, cell for cell, whatever happened and whoever counted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 40 }), fc.boolean(), async (list, together) => {
      const account = await newAccount();
      const atOnce = together ? list.filter(({ kind }) => kind !== 'eraseLead') : [];
      await Promise.all(atOnce.map((step) => take(account, step)));
      for (const step of list) if (!atOnce.includes(step)) await take(account, step);
      await expectExact(account);
    }),
    { numRuns: Number(process.env['ROLLUP_RUNS'] ?? 15) },
  );
}, 120_000);

it('come to the same when they are rebuilt while leads arrive', async () => {
  const account = await newAccount();
  const list: Step[] = fc.sample(steps, { numRuns: 120, seed: 11 });
  for (const step of list.slice(0, 80)) await take(account, step);
  const before = await app.services.database.prisma.rollup.findFirstOrThrow({ where: { accountId: account.id, isServed: true } });
  const rest = list.slice(80).filter(({ kind }) => kind !== 'eraseLead');
  await Promise.all([rebuildRollups(app.database.url), ...rest.map((step) => take(account, step))]);
  await expectExact(account);
  const after = await app.services.database.prisma.rollup.findMany({ where: { accountId: account.id } });
  expect(after).toHaveLength(1);
  expect(after[0]?.id).not.toBe(before.id);
  const left: Json = await app.services.database.prisma.rollupCell.count({ where: { rollupId: before.id } });
  expect(left).toBe(0);
});

async function lag(name: string): Promise<number> {
  const response = await fetch(`${app.url}/metrics`);
  const line = (await response.text()).split('\n').find((text) => text.startsWith(`${name} `));
  return Number(line?.split(' ')[1]);
}

it('keep an erased lead, also when it is erased before anybody counted it, while the board shows it no more', async () => {
  const account = await newAccount();
  const [a = '', b = '', c = ''] = account.leadIds;
  await take(account, { kind: 'moveLead', lead: 0, stage: 'Paid' });
  await expectExact(account);
  const { database } = app.services;
  const client = await database.writePool.connect();
  try {
    // No reader gets at the position meanwhile.
    await client.query('BEGIN');
    await client.query('SELECT FROM "Rollup" WHERE "accountId" = $1 FOR UPDATE', [account.id]);
    await take(account, {
      kind: 'fireEvent',
      lead: 1,
      eventId: 'sale',
      revenue: '10',
      costOperation: 'ADD',
      conversionDate: undefined,
      cost: undefined,
      adSpend: undefined,
    });
    await take(account, { kind: 'moveLead', lead: 1, stage: 'Paid' });
    expect(await lag('rollup_lag_changes')).toBeGreaterThanOrEqual(2);
    expect(await lag('rollup_lag_seconds')).toBeGreaterThan(0);
    for (const leadId of [a, b]) await erase(account, leadId);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
  await take(account, { kind: 'moveLead', lead: 2, stage: 'Paid' });
  await expectExact(account);
  await rebuildRollups(app.database.url);
  await expectExact(account);
  await until('nothing lags', async () => (await lag('rollup_lag_changes')) === 0 && (await lag('rollup_lag_seconds')) === 0);
  const { data } = await app.graphql(
    '{ pipeline { stages { name leadCount } } analytics { overview { totalLeads conversions revenue } } leads { nodes { uuid } } }',
    undefined,
    { 'x-api-key': account.token },
  );
  expect(data.analytics.overview).toEqual({ totalLeads: 3, conversions: 1, revenue: '10' });
  expect(data.pipeline.stages.find((stage: Json) => stage.name === 'Paid').leadCount).toBe(1);
  expect(data.leads.nodes.map((lead: Json) => lead.uuid)).toEqual([c]);
});
