import fc from 'fast-check';
import { type DocumentNode, execute, type ExecutionResult, getOperationAST, parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crmViewer, rootViewer, type Viewer } from '../../src/auth/viewer.ts';
import type { Context } from '../../src/context.ts';
import { createCompiledQueries } from '../../src/graphql/compiled-queries.ts';
import { isCompilable } from '../../src/graphql/is-compilable.ts';
import { maskError } from '../../src/graphql/mask-error.ts';
import { schema } from '../../src/graphql/schema.ts';
import { type Json, startApp, type TestApp } from '../support/app.ts';
import { randomQuery } from './random-query.ts';

let app: TestApp;
let accountId: string;
let known: string[];

beforeAll(async () => {
  app = await startApp({ LOG_LEVEL: 'silent' });
  for (let i = 0; i < 8; i++) {
    await app.send('POST', '/api/postback', {
      email: `jo${i % 6}@example.com`,
      first_name: 'Jo',
      stage: i % 2 === 0 ? 'Form Started' : 'Paid',
      transaction_id: `t${i}`,
      ...(i === 3 && { crm_lead_id: 'crm-3' }),
    });
  }
  const { data } = await app.graphql('{ viewer { account { id } } leads { nodes { id number } } changes(first: 3) { nodes { id } } }');
  accountId = data.viewer.account.id.slice('acc_'.length);
  known = [...data.leads.nodes, ...data.changes.nodes].map(({ id }: { id: string }) => id);
  known.push('jo1@example.com', 'jo', '', 'crm-3', '1', 'Paid', 'nothing');
});
afterAll(() => app.end());

function contextOf(viewer: Viewer): Context {
  const request = { requestId: 'r', dialect: 'graphql', body: null, ipAddress: null, userAgent: null, startedAtMs: 0 };
  return { ...app.services, db: app.services.database.prisma, viewer, request, notes: { replayed: false }, carrier: null };
}

/**
 * What a caller sees; several errors may arrive in any order. Where several required fields fail, each way names those that it came by before
 * all of the surrounding object became null: of errors below such a null it matters only that there are some.
 */
function toShown({ data, errors = [] }: ExecutionResult) {
  const answer: unknown = JSON.parse(JSON.stringify(data ?? null));
  const certain = errors.filter(({ path = [] }) => path.slice(0, -1).reduce((value: Json, key) => value?.[key], answer) != null);
  return {
    data: answer,
    errors: certain.map((error) => JSON.stringify(maskError(error, app.services.log, 'r'))).toSorted(),
    failed: errors.length > 0,
  };
}

const ask = async (query: string, variables: Record<string, unknown>) => {
  const { status, data, errors } = await app.graphql(query, variables, { 'x-request-id': 'same' });
  return { status, data, errors };
};

describe('a compiled query', () => {
  it('answers what graphql-js answers, errors included', async () => {
    let compared = 0;
    let failed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { minLength: 60, maxLength: 200 }), fc.nat(2), async (choices, who) => {
        const { source, variables } = randomQuery(schema, choices, known);
        const document = parse(source);
        expect(validate(schema, document).map(({ message }) => message)).toEqual([]);
        const run = createCompiledQueries(schema, 0).find({ document, variableValues: variables });
        if (!run) return;
        const viewer = who === 0 ? crmViewer(accountId) : rootViewer(accountId);
        const usual = await execute({ schema, document, variableValues: variables, contextValue: contextOf(viewer) });
        const compiled = await run(contextOf(viewer), variables);
        compared++;
        if (usual.errors) failed++;
        expect({ source, variables, ...toShown(compiled) }).toEqual({ source, variables, ...toShown(usual) });
      }),
      // Shrinking a long query takes minutes: what it came to by then is told.
      { numRuns: 40, interruptAfterTimeLimit: 40_000, markInterruptAsFailure: true },
    );
    expect(compared).toBeGreaterThan(20);
    expect(failed).toBeGreaterThan(3);
  });

  it('is found after it came often, and forgotten when others come more often', () => {
    const queries = createCompiledQueries(schema, 2, 2);
    const find = (source: string) => queries.find(documents.get(source) ?? remember(source));
    const documents = new Map<string, { document: DocumentNode }>();
    const remember = (source: string) => {
      const known = { document: parse(source) };
      documents.set(source, known);
      return known;
    };
    const times = (source: string): boolean[] => [1, 2, 3, 4].map(() => find(source) !== null);
    expect(times('{ viewer { kind } }')).toEqual([false, false, true, true]);
    expect(times('{ a: viewer { kind } }')).toEqual([false, false, true, true]);
    expect(times('{ b: viewer { kind } }')).toEqual([false, false, true, true]);
    expect(times('{ viewer { kind } }')).toEqual([false, false, true, true]);
    expect(times('{ b: viewer { kind } }')).toEqual([true, true, true, true]);
  });

  it('runs only with variables that fit; others are refused in the usual words', async () => {
    const source = 'query ($by: LeadSelector!) { lead(by: $by) { number } }';
    const document = parse(source);
    const queries = createCompiledQueries(schema, 0);
    const find = (variableValues: Record<string, unknown>) => queries.find({ document, variableValues });
    expect(find({ by: { number: 1 } })).not.toBeNull();
    expect(find({ by: { number: 1, email: 'a@b.c' } })).toBeNull();
    expect(find({ by: { number: 'one' } })).toBeNull();
    expect(find({})).toBeNull();
  });

  it('answers over HTTP what it answered before it was compiled', async () => {
    const page =
      'query ($first: Int) { leads(first: $first) { nodes { id number stage { name } stageHistory(last: 1) { nodes { toStage } } } } }';
    const partial = 'query ($a: Int) { viewer { kind } crm: lead(by: { number: 1 }) { number } leads(first: $a) { nodes { id } } }';
    for (const [query, variables] of [
      [page, { first: 2 }],
      [page, { first: 0 }],
      [page, { first: 'two' }],
      [partial, { a: 101 }],
      ['query ($id: ID!) { node(id: $id) { id ... on Lead { email } } }', { id: known[0] }],
    ] as const) {
      const before = await ask(query, variables);
      for (let i = 0; i < 25; i++) expect(await ask(query, variables)).toEqual(before);
    }
  });
});

const isCompiled = (source: string): boolean => {
  const document = parse(source);
  expect(validate(schema, document).map(({ message }) => message)).toEqual([]);
  const operation = getOperationAST(document);
  return operation != null && isCompilable(schema, document, operation);
};

describe('what is compiled', () => {
  it('is a query whose values are variables', () => {
    expect(
      isCompiled(
        'query ($f: LeadFilter, $after: String) { leads(first: 50, filter: $f, after: $after, orderBy: OLDEST) { nodes { id } } }',
      ),
    ).toBe(true);
    expect(isCompiled('query ($id: ID!) { node(id: $id) { __typename ... on Lead { ...L } } } fragment L on Lead { number }')).toBe(true);
  });

  it('is nothing whose text would become code: a string of a stranger', () => {
    const magic = '__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d0),process.exit(1),(0';
    expect(isCompiled(`{ leads(filter: { search: "${magic}" }) { nodes { id } } }`)).toBe(false);
    expect(isCompiled(`query ($after: String = "${magic}") { leads(after: $after) { nodes { id } } }`)).toBe(false);
    expect(isCompiled(`{ leads(after: """${magic}""") { nodes { id } } }`)).toBe(false);
  });

  it('is nothing that the compiler does otherwise', () => {
    for (const source of [
      'mutation { deleteLead(input: { leadId: "x" }) { __typename } }',
      'subscription { leadChanges { cursor } }',
      'query ($with: Boolean!) { viewer { kind @include(if: $with) } }',
      'query ($s: String) { leads(filter: { search: $s }) { nodes { id } } }',
      '{ leads { nodes { __proto__: id } } }',
      '{ a_b: viewer { kind } a: viewer { b: kind } }',
      '{ __schema { queryType { name } } }',
    ])
      expect(isCompiled(source), source).toBe(false);
  });

  it('is nothing that would take long to compile, however short its text', () => {
    const depth = 24;
    const fragments = Array.from(
      { length: depth },
      (_, i) => `fragment F${i} on Lead { a${i}: duplicateOf { ...F${i + 1} } b${i}: duplicateOf { ...F${i + 1} } }`,
    );
    const source = `query ($id: ID!) { node(id: $id) { ... on Lead { ...F0 } } } ${fragments.join(' ')} fragment F${depth} on Lead { id }`;
    const document = parse(source);
    const operation = getOperationAST(document);
    expect(operation && isCompilable(schema, document, operation)).toBe(false);
  });
});
