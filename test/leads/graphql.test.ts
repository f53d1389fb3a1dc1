import { type DocumentNode, getOperationAST, graphql, type OperationDefinitionNode, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiKeyScope, Lead } from '../../prisma/generated/client/client.ts';
import { applyNext, beginRollup } from '../../src/analytics/apply-changes.ts';
import { apiKeyViewer } from '../../src/auth/viewer.ts';
import { compileOperation } from '../../src/graphql/compiled-queries.ts';
import { maskError } from '../../src/graphql/mask-error.ts';
import { schema } from '../../src/graphql/schema.ts';
import { newUuid, toPublicId } from '../../src/platform/ids.ts';
import { createLog } from '../../src/platform/log.ts';
import { createLeadStore, type LeadStore, pipeline } from './lead-store.ts';

const log = createLog('silent', true);
let store: LeadStore;
let other: string;
let leads: Lead[];
let foreign: Lead[];

beforeAll(async () => {
  store = await createLeadStore();
  other = await store.addAccount('other');
  const fields = {
    email: 'Jo@X.test',
    crmLeadId: 'crm-1',
    formPercent: 50,
    address: { line1: 'Main St', zip: 1 },
    utmSource: 'ad',
    tags: ['vip'],
  };
  leads = await store.addLeads(store.accountId, [
    fields,
    ...Array.from({ length: 49 }, () => ({ stage: 'Paid', sourceName: 'web', deviceType: 'mobile' })),
  ]);
  // What the server does by itself: count the log.
  await beginRollup(store.database.writePool, store.accountId);
  await applyNext(store.database.writePool, store.accountId);
  foreign = await store.addLeads(other, [{ ...fields, transactionId: 't-1' }]);
  for (const lead of leads) await store.addStageChanges(lead, ['Form Completed', 'Paid', 'Completed', 'Completed']);
});
afterAll(() => store.close());

async function ask(
  source: string,
  variableValues: Record<string, unknown> = {},
  accountId = store.accountId,
  scope: ApiKeyScope = 'VIEWER',
) {
  const viewer = apiKeyViewer({ id: newUuid(), accountId, scope, name: 'test' });
  const contextValue = { viewer, database: store.database, db: store.database.prisma, pipeline, log };
  store.statements.length = 0;
  const { data, errors } = await graphql({ schema, source, variableValues, contextValue });
  return errors ? { codes: errors.map((error) => maskError(error, log, 'r').extensions['code']) } : JSON.parse(JSON.stringify(data));
}

it('reads a page of leads with their latest steps in two statements, compiled or not, filtered or not, on whatever page', async () => {
  const source = `query ($filter: LeadFilter, $after: String) { leads(first: 10, filter: $filter, after: $after) {
    nodes { number stage { name } stageHistory(last: 5) { nodes { toStage occurredAt } } } pageInfo { endCursor } } }`;
  const document = parse(source);
  const viewer = apiKeyViewer({ id: newUuid(), accountId: store.accountId, scope: 'VIEWER', name: 'test' });
  const contextValue = { viewer, database: store.database, db: store.database.prisma, pipeline, log };
  const compiled = compileOperation(schema, document, operationOf(document));
  const two = { source: ['web'], deviceType: ['mobile'] };
  for (const filter of [null, { stage: ['Paid'] }, { source: ['web'] }, two, { duplicates: 'EXCLUDE' }]) {
    let after: string | null = null;
    for (const page of [1, 2]) {
      const usual = await ask(source, { filter, after });
      expect(store.statements, `page ${page}`).toHaveLength(2);
      store.statements.length = 0;
      const { data } = (await compiled?.(contextValue as never, { filter, after })) ?? {};
      expect(store.statements).toHaveLength(2);
      expect(JSON.parse(JSON.stringify(data))).toEqual(usual);
      expect(usual.leads.nodes).toHaveLength(10);
      expect(usual.leads.nodes[0].stageHistory.nodes.length).toBeGreaterThan(1);
      after = usual.leads.pageInfo.endCursor;
    }
  }
});

const operationOf = (document: DocumentNode): OperationDefinitionNode => {
  const operation = getOperationAST(document);
  if (!operation) throw new Error('the document has not one operation');
  return operation;
};

it('reads fifty leads with their history in two statements', async () => {
  const { leads: page } = await ask(
    '{ leads(first: 50) { nodes { number stageHistory(first: 3) { nodes { toStage } pageInfo { hasNextPage } } } } }',
  );
  expect(store.statements).toHaveLength(2);
  expect(page.nodes).toHaveLength(50);
  expect(page.nodes[49]).toEqual({
    number: 1,
    stageHistory: {
      nodes: [{ toStage: 'Form Started' }, { toStage: 'Form Completed' }, { toStage: 'Paid' }],
      pageInfo: { hasNextPage: true },
    },
  });
});

it('pages through the history of one lead, and counts only when asked', async () => {
  const query = `query ($id: ID!, $after: String) { lead(by: { id: $id }) {
    stageHistory(first: 3, after: $after) { totalCount totalCountIsExact nodes { toStage } pageInfo { endCursor hasNextPage } } } }`;
  const first = (await ask(query, { id: leads[0]?.id })).lead.stageHistory;
  const second = (await ask(query, { id: leads[0]?.id, after: first.pageInfo.endCursor })).lead.stageHistory;
  expect([first.totalCount, first.totalCountIsExact, first.pageInfo.hasNextPage]).toEqual([5, true, true]);
  expect([...first.nodes, ...second.nodes].map((node: { toStage: string }) => node.toStage)).toEqual([
    'Form Started',
    'Form Completed',
    'Paid',
    'Completed',
    'Completed',
  ]);
  expect(second.pageInfo.hasNextPage).toBe(false);
  expect(store.statements).toHaveLength(3);
});

it('counts the leads of all stages in one statement', async () => {
  const answer = await ask('{ pipeline { stages { name position leadCount } } }');
  expect(answer.pipeline.stages.map((stage: { leadCount: number }) => stage.leadCount)).toEqual([1, 0, 49, 0]);
  expect(store.statements).toHaveLength(1);
});

describe('one lead', () => {
  const query = `query ($by: LeadSelector!) { lead(by: $by) { id uuid number stage { name position } address { line1 city } utm { source medium }
    form { completionPercent } cost tags duplicateOf { id } } }`;
  const lead = async (by: object, accountId?: string) => (await ask(query, { by }, accountId)).lead;

  it('is found by each of its keys', async () => {
    const id = leads[0]?.id ?? '';
    const shown = {
      id: toPublicId('Lead', id),
      uuid: id,
      number: 1,
      stage: { name: 'Form Started', position: 1 },
      address: { line1: 'Main St', city: null },
      utm: { source: 'ad', medium: null },
      form: { completionPercent: 50 },
      cost: '0',
      tags: ['vip'],
      duplicateOf: null,
    };
    for (const by of [{ id }, { id: `lead_${id}` }, { number: 1 }, { email: ' jo@x.TEST' }, { crmLeadId: 'crm-1' }])
      expect(await lead(by)).toEqual(shown);
    expect((await lead({ transactionId: 't-1' }, other)).uuid).toBe(foreign[0]?.id);
  });

  it('is null when it is unknown, foreign or nonsense', async () => {
    const id = foreign[0]?.id ?? '';
    const selectors = [
      { id },
      { id: `lead_${id}` },
      { id: 'nonsense' },
      { id: `sub_${leads[0]?.id}` },
      { number: -1 },
      { email: '\0' },
      { crmLeadId: 'x\0' },
      { transactionId: 't-1' },
    ];
    for (const by of selectors) expect(await lead(by)).toBeNull();
  });

  it('is named by exactly one key', async () => {
    expect(await ask(query, { by: { id: 'x', number: 1 } })).toEqual({ codes: ['BAD_USER_INPUT'] });
    expect(await ask(query, { by: {} })).toEqual({ codes: ['BAD_USER_INPUT'] });
  });
});

it('gives nodes of its own account only', async () => {
  const { rows } = await store.database.readPool.query<{ id: string; accountId: string }>(
    'SELECT DISTINCT ON ("accountId") id, "accountId" FROM "StageChange"',
  );
  const changes = new Map(rows.map((row) => [row.accountId, toPublicId('StageChange', row.id)]));
  const ids = [
    toPublicId('Lead', leads[0]?.id ?? ''),
    toPublicId('Lead', foreign[0]?.id ?? ''),
    changes.get(store.accountId),
    changes.get(other),
  ];
  const answer = await ask('query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { ids });
  expect(answer.nodes).toEqual([{ __typename: 'Lead', id: ids[0] }, null, { __typename: 'StageChange', id: ids[2] }, null]);
});

it('shows nothing to a key that only hands leads in', async () => {
  for (const query of [
    '{ leads { nodes { id } } }',
    '{ lead(by: { number: 1 }) { id } }',
    '{ pipeline { stages { name } } }',
    '{ pipelineReport { funnel { count } } }',
  ]) {
    expect(await ask(query, {}, store.accountId, 'INGEST')).toEqual({ codes: ['FORBIDDEN'] });
  }
});

it('refuses a page that is too large', async () => {
  for (const query of [
    '{ leads(first: 101) { nodes { id } } }',
    '{ leadPage(page: 0, limit: 10) { total } }',
    '{ leadPage(page: 1, limit: 201) { total } }',
    '{ submissions(last: 0) { nodes { id } } }',
  ]) {
    expect(await ask(query)).toEqual({ codes: ['BAD_USER_INPUT'] });
  }
  expect(await ask('{ leadPage(page: 2, limit: 30) { total totalIsExact page limit pages nodes { number } } }')).toMatchObject({
    leadPage: { total: 50, totalIsExact: true, page: 2, limit: 30, pages: 2, nodes: { length: 20 } },
  });
});

const outcomes = async (filter: object, accountId?: string): Promise<string[]> => {
  const answer = await ask(
    'query ($filter: SubmissionFilter) { submissions(filter: $filter) { totalCount nodes { outcome lead { number } } } }',
    { filter },
    accountId,
  );
  const { nodes, totalCount } = answer.submissions;
  expect(totalCount).toBe(nodes.length);
  return nodes.map((node: { outcome: string }) => node.outcome);
};

describe('receipts', () => {
  beforeAll(async () => {
    const common = { dialect: 'graphql', actor: 'test', fields: {}, body: { a: 1 }, durationMs: 1 };
    const rows = ['CREATED', 'UPDATED', 'REJECTED'] as const;
    for (const [i, outcome] of rows.entries()) {
      const leadId = outcome === 'REJECTED' ? null : (leads[0]?.id ?? null);
      const receivedAt = new Date(Date.now() - (2 - i) * 1000);
      await store.database.prisma.submission.create({
        data: { ...common, id: newUuid(), accountId: store.accountId, leadId, outcome, reasons: [], receivedAt },
      });
    }
    await store.database.prisma.submission.create({
      data: { ...common, id: newUuid(), accountId: other, outcome: 'CREATED', reasons: [], receivedAt: new Date() },
    });
  });

  it('come newest first, refused ones too, of one account', async () => {
    expect(await outcomes({})).toEqual(['REJECTED', 'UPDATED', 'CREATED']);
    expect(await outcomes({}, other)).toEqual(['CREATED']);
  });

  it('are filtered', async () => {
    expect(await outcomes({ outcome: ['REJECTED'] })).toEqual(['REJECTED']);
    expect(await outcomes({ outcome: ['CREATED', 'UPDATED'] })).toEqual(['UPDATED', 'CREATED']);
    expect(await outcomes({ leadId: leads[0]?.id })).toEqual(['UPDATED', 'CREATED']);
    expect(await outcomes({ leadId: 'nonsense' })).toEqual([]);
    expect(await outcomes({ dialect: ['\0', 'other'] })).toEqual([]);
    expect(await outcomes({ receivedFrom: new Date(Date.now() + 60_000).toISOString() })).toEqual([]);
    expect(await outcomes({ receivedTo: '0001-01-01T00:00:00Z' })).toEqual([]);
    expect(await outcomes({ receivedFrom: '2020-01-01T00:00:00Z', receivedTo: '9999-12-31T00:00:00Z' })).toHaveLength(3);
  });

  it('stand at their lead', async () => {
    const answer = await ask(
      '{ lead(by: { number: 1 }) { submissions(first: 1) { totalCount nodes { outcome body actor } pageInfo { hasNextPage } } } }',
    );
    expect(answer.lead.submissions).toEqual({
      totalCount: 2,
      nodes: [{ outcome: 'UPDATED', body: { a: 1 }, actor: 'test' }],
      pageInfo: { hasNextPage: true },
    });
  });
});

it('reports the pipeline', async () => {
  const { pipelineReport } =
    await ask(`{ pipelineReport { overview { totalLeads newToday newLast7Days paid conversionRate averageFormCompletion }
    funnel { stage count reached percent } topSources { source count paid } newLeads30d { date count } } }`);
  expect(pipelineReport.overview).toEqual({
    totalLeads: 50,
    newToday: 50,
    newLast7Days: 50,
    paid: 49,
    conversionRate: 98,
    averageFormCompletion: 50,
  });
  expect(pipelineReport.funnel).toEqual([
    { stage: 'Form Started', count: 1, reached: 50, percent: 100 },
    { stage: 'Form Completed', count: 0, reached: 49, percent: 98 },
    { stage: 'Paid', count: 49, reached: 49, percent: 98 },
    { stage: 'Completed', count: 0, reached: 0, percent: 0 },
  ]);
  expect(pipelineReport.topSources).toEqual([
    { source: 'web', count: 49, paid: 49 },
    { source: null, count: 1, paid: 0 },
  ]);
  expect(pipelineReport.newLeads30d).toHaveLength(30);
  expect(pipelineReport.newLeads30d[29]).toEqual({ date: new Date().toISOString().slice(0, 10), count: 50 });
});

it('reports an empty account', async () => {
  const account = await store.addAccount('empty');
  const { pipelineReport } = await ask(
    '{ pipelineReport { overview { totalLeads paid conversionRate averageFormCompletion } topSources { count } } }',
    {},
    account,
  );
  expect(pipelineReport).toEqual({ overview: { totalLeads: 0, paid: 0, conversionRate: 0, averageFormCompletion: null }, topSources: [] });
});
