import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { getIntrospectionQuery, Kind, parse, print } from 'graphql';
import { describe, expect, it } from 'vitest';
import { endpoints } from '../../rest-compat/rest-compat.ts';
import { exampleOperations } from '../../src/graphql/examples.ts';
import { operationLimits } from '../../src/graphql/limits/limits.ts';
import { measureDocument } from '../../src/graphql/limits/measure-document.ts';
import { prepareCost, type Variables } from '../../src/graphql/limits/operation-cost.ts';
import { schema } from '../../src/graphql/schema.ts';

function costOf(text: string, variables: Variables = {}): number {
  const document = parse(text);
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('the document does not begin with an operation');
  return prepareCost(schema, document, operation)(variables);
}

describe('what an operation costs', () => {
  it.each([
    ['scalars are free', '{ __typename }', 0],
    ['an object is 1', '{ viewer { kind } }', 1],
    ['objects in objects add up', '{ viewer { account { id } } }', 2],
    ['a page counts every row', '{ leads(first: 50) { nodes { id } } }', 51],
    ['pages in pages multiply', '{ leads(first: 50) { nodes { stageHistory(first: 5) { nodes { toStage } } } } }', 351],
    ['a page that says no size has 20 rows', '{ leads { nodes { id } } }', 21],
    ['a null size says none', '{ leads(first: null) { nodes { id } } }', 21],
    ['the last rows cost like the first', '{ leads(last: 7) { nodes { id } } }', 8],
    ['edges are not objects', '{ leads(first: 10) { edges { cursor node { id } } } }', 11],
    ['a page that is not shown costs nothing', '{ leads(first: 100) { pageInfo { endCursor } } }', 2],
    ['a total is a statement', '{ leads(first: 1) { totalCount } }', 51],
    ['a list without a page is 5', '{ eventTypes { name } }', 5],
    ['ids count one by one', '{ nodes(ids: ["a", "b", "c"]) { id } }', 3],
    ['a page by number', '{ leadPage(page: 3, limit: 200) { nodes { id } } }', 201],
    ['a mutation is a transaction', 'mutation { deleteLead(input: { leadId: "x" }) { __typename } }', 10],
    ['a name is a second field', '{ a: leads(first: 5) { nodes { id } } b: leads(first: 5) { nodes { id } } }', 12],
    ['fragments cost where they are spread', '{ leads(first: 3) { ...F } } fragment F on LeadConnection { nodes { id } }', 4],
    [
      'the members of a union add up',
      '{ node(id: "x") { ... on Lead { stage { name } } ... on Webhook { deliveries(first: 2) { nodes { id } } } } }',
      5,
    ],
    ['a size beyond every page is the largest page', '{ leads(first: 1000000) { nodes { id } } }', 201],
  ])('%s', (_name, text, cost) => {
    expect(costOf(text)).toBe(cost);
  });

  it('is known from the variables', () => {
    const text = 'query ($n: Int = 7, $ids: [ID!]! = []) { leads(first: $n) { nodes { id } } nodes(ids: $ids) { id } }';
    expect(costOf(text)).toBe(8);
    expect(costOf(text, { n: 40, ids: ['a', 'b'] })).toBe(43);
    expect(costOf(text, { n: null })).toBe(21);
    expect(costOf(text, { n: 'many' })).toBe(21);
  });

  it('is never less than what can come back', () => {
    const page = fc.integer({ min: 1, max: 100 });
    fc.assert(
      fc.property(page, page, page, (leads, receipts, steps) => {
        const cost = costOf(
          'query ($a: Int, $b: Int, $c: Int) { leads(first: $a) { nodes { submissions(last: $b) { nodes { id } } stageHistory(first: $c) { edges { node { id } } } } } }',
          {
            a: leads,
            b: receipts,
            c: steps,
          },
        );
        expect(cost).toBeGreaterThanOrEqual(leads + leads * receipts + leads * steps);
      }),
    );
  });
});

describe('the limits leave room', () => {
  const comfortable = 0.4;

  function expectRoom(text: string, variables: Variables = {}): void {
    const document = parse(text);
    const size = measureDocument(document);
    for (const name of [
      'operations',
      'spreads',
      'depth',
      'fields',
      'aliases',
      'repeats',
      'directivesAtOnePlace',
      'directives',
      'listItems',
      'valueDepth',
    ] as const) {
      expect(size[name], name).toBeLessThanOrEqual(operationLimits[name] * comfortable);
    }
    for (const operation of document.definitions) {
      if (operation.kind !== Kind.OPERATION_DEFINITION) continue;
      expect(prepareCost(schema, document, operation)(variables)).toBeLessThanOrEqual(operationLimits.cost * comfortable);
    }
  }

  const folder = new URL('../../src/dashboard/documents/', import.meta.url);
  it.each(readdirSync(folder))('for the dashboard: %s', async (file) => {
    const module = (await import(new URL(file, folder).href)) as Record<string, unknown>;
    for (const value of Object.values(module)) {
      if (typeof value === 'object' && value !== null && 'text' in value) expectRoom(String(value.text), { first: 100, entries: 100 });
    }
  });

  it('for GraphiQL: its examples, and the schema', () => {
    expectRoom(exampleOperations);
    expectRoom(getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true, specifiedByUrl: true, directiveIsRepeatable: true }));
  });

  it('for the documents of the REST endpoints', () => {
    for (const { operation } of endpoints) expectRoom(print(operation), { first: 100, limit: 100 });
  });
});
