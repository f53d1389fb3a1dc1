import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asRoot, ask, flatLead, makeSource, post, rootKey, type SourceAccess } from '../sources/intake.ts';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let texas: SourceAccess;
let other: SourceAccess;

const wrongState = 'STATE_NOT_ALLOWED: contact.streetAddress.state must be one that the source may send from: TX';

beforeAll(async () => {
  app = await startApp({ API_KEY: rootKey });
  texas = await makeSource(app, { name: 'Texas', allowedStates: ['TX'] });
  other = await makeSource(app, { name: 'Other', allowedStates: ['TX'] });
  await post(app, texas, flatLead({ state: 'NY' }));
  await post(app, texas, flatLead({ state: 'NY', phone: '12' }));
  await post(app, texas, flatLead({ state: 'NY' }));
  await post(app, other, flatLead({ state: 'CA' }));
  await post(app, other, flatLead({ state: 'TX' }));
});

afterAll(() => app.end());

const reasonsOf = async (args = '') =>
  (await ask(app, `{ refusedReasons${args} { reason count firstAt lastAt sources { name } } }`)).refusedReasons;

const findRefusedFor = async (refusedFor: readonly string[]) =>
  (
    await ask(
      app,
      `query ($filter: SubmissionFilter) { submissions(filter: $filter, first: 2) {
        totalCount nodes { outcome body } pageInfo { hasNextPage } } }`,
      { filter: { refusedFor } },
    )
  ).submissions;

describe('refusedReasons', () => {
  it('counts refused leads by reason, most frequent first, with the sources that sent them; a lead with two reasons counts under each', async () => {
    const [first, second, ...rest] = await reasonsOf();
    expect(first).toMatchObject({ reason: wrongState, count: 4, sources: [{ name: 'Texas' }, { name: 'Other' }] });
    expect(second).toMatchObject({ count: 1, sources: [{ name: 'Texas' }] });
    expect(second.reason).toContain('phone');
    expect(rest).toEqual([]);
    expect(Date.parse(first.firstAt)).toBeLessThan(Date.parse(first.lastAt));
  });

  it('looks at one source or at a span of time only', async () => {
    expect(await reasonsOf(`(sourceId: "${other.id}")`)).toMatchObject([{ reason: wrongState, count: 1 }]);
    expect(await reasonsOf('(receivedTo: "2020-01-01T00:00:00Z")')).toEqual([]);
    expect(await reasonsOf('(first: 1)')).toHaveLength(1);
  });

  it('refuses more than 100', async () => {
    const { errors } = await app.graphql('{ refusedReasons(first: 101) { reason } }', {}, asRoot);
    expect(errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
  });

  it('leads to the refused leads themselves, the rare and the frequent', async () => {
    expect(await findRefusedFor([wrongState])).toMatchObject({ totalCount: 4, nodes: { length: 2 }, pageInfo: { hasNextPage: true } });
    const [, rare] = await reasonsOf();
    expect(await findRefusedFor([rare.reason])).toMatchObject({ totalCount: 1, nodes: [{ outcome: 'REJECTED', body: { phone: '12' } }] });
    expect(await findRefusedFor(['No such reason\0'])).toMatchObject({ totalCount: 0, nodes: [] });
  });
});
