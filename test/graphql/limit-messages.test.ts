import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.end());

const tooComplex = (message: RegExp) => [{ message: expect.stringMatching(message), extensions: { code: 'OPERATION_TOO_COMPLEX' } }];

it.each([
  ['characters', `{ a } #${'x'.repeat(70_000)}`],
  ['tokens', `{ ${'a '.repeat(2001)} }`],
  ['nested too deeply', `{ ${'viewer { '.repeat(16)} kind ${'}'.repeat(16)} }`],
])('too much is told with what it is, and where it says how much would do: %s', async (what, query) => {
  expect((await app.graphql(query)).errors).toMatchObject(tooComplex(new RegExp(`${what}.*"Limits" in the README`)));
});

it('an operation that costs too much is told its cost', async () => {
  const { errors } = await app.graphql('{ leads(first: 100) { nodes { events(first: 100) { nodes { id } } } } }');
  expect(errors).toMatchObject(tooComplex(/^Cost [12]\d{4}: /));
});

it('a list that is too long is told with its place in the variables', async () => {
  const query = 'query ($filter: LeadFilter) { leads(filter: $filter) { totalCount } }';
  const { errors } = await app.graphql(query, { filter: { tags: Array.from({ length: 251 }, () => 'x') } });
  expect(errors).toMatchObject(tooComplex(/^Variable "\$filter\.tags": A list has too many entries/));
});

it.each(['after', 'before'])('a text that is no cursor is told with its argument: %s', async (name) => {
  const { errors } = await app.graphql(`{ leads(${name}: "abc") { nodes { id } } }`);
  expect(errors).toMatchObject([
    { message: expect.stringMatching(new RegExp(`^\`${name}\` .*leave it out`)), path: ['leads'], extensions: { code: 'BAD_USER_INPUT' } },
  ]);
});

it('a cursor of another order is told what to send instead', async () => {
  await app.send('POST', '/api/postback', { email: 'cursor@x.test', stage: 'Form Started' });
  const { data } = await app.graphql('{ leads(orderBy: OLDEST) { pageInfo { endCursor } } }');
  const { errors } = await app.graphql('query ($after: String) { leads(orderBy: RECENTLY_UPDATED, after: $after) { nodes { id } } }', {
    after: data.leads.pageInfo.endCursor,
  });
  expect(errors).toMatchObject([{ message: expect.stringMatching(/`after`.*same `orderBy`/), extensions: { code: 'BAD_USER_INPUT' } }]);
});
