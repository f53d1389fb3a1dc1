import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidOf } from '../../src/platform/ids.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { ask, asRoot, findLead, flatLead, makeSource, post, rootKey, type SourceAccess } from './intake.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ API_KEY: rootKey, SOURCE_RATE_LIMIT_PER_MINUTE: '30', FAILED_CREDENTIALS_PER_MINUTE: '20' });
});
afterAll(() => app.end());

const rotate = (sourceId: string, overlapSeconds?: number) =>
  ask(
    app,
    `mutation ($input: RotateSourceKeyInput!) { rotateSourceKey(input: $input) {
      ... on RotateSourceKeySuccess { key previousKeyValidUntil source { keyPreview } } ... on Error { code }
    } }`,
    { input: { sourceId, overlapSeconds } },
  ).then((data) => data.rotateSourceKey);

const withKey = ({ id, headers }: SourceAccess, key: string): SourceAccess => ({
  id,
  key,
  headers: { ...headers, 'x-leadping-source-key': key },
});

const metricsOf = async (id: string) =>
  (
    await ask(
      app,
      `query ($id: ID!) { source(id: $id) { firstLeadAt lastLeadAt keyLastUsedAt metrics { totalLeads created duplicates rejected } leads { totalCount } } }`,
      {
        id,
      },
    )
  ).source;

describe('a source', () => {
  it('is made not approved, TrustedForm required, without limits; its key is shown once and stored hashed', async () => {
    const { createSource } = await ask(
      app,
      `mutation { createSource(input: { name: " New partner " }) { ... on CreateSourceSuccess { key source {
        id name enabled attached complianceApproved requiresTrustedForm allowedStates allowedProducts defaultTags costPerLead pid keyPreview createdBy lastLeadAt
      } } } }`,
    );
    expect(createSource.source).toMatchObject({
      name: 'New partner',
      enabled: true,
      attached: true,
      complianceApproved: false,
      requiresTrustedForm: true,
      allowedStates: [],
      allowedProducts: [],
      defaultTags: [],
      costPerLead: null,
      pid: null,
      keyPreview: `${createSource.key.slice(0, 11)}…${createSource.key.slice(-4)}`,
      createdBy: 'root key',
      lastLeadAt: null,
    });
    const { rows } = await app.services.database.readPool.query(
      `SELECT s::text, k::text AS key FROM "Source" s JOIN "SourceKey" k ON k."sourceId" = s.id`,
    );
    expect(JSON.stringify(rows)).not.toContain(createSource.key);
  });

  it('refuses settings that cannot be, all at once', async () => {
    const { createSource } = await ask(
      app,
      `mutation { createSource(input: { name: "", allowedStates: ["ZZ"], costPerLead: -1, defaultTags: [""] }) {
        ... on InvalidInputError { issues { path } } } }`,
    );
    expect(createSource.issues.map(({ path }: { path: string[] }) => path[0]).toSorted()).toEqual([
      'allowedStates',
      'costPerLead',
      'defaultTags',
      'name',
    ]);
  });

  it.each(['10000000000000', '99999999999999999999'])('has no cost per lead that sums cannot hold: %s', async (costPerLead) => {
    const { id } = await makeSource(app, { costPerLead: '9999999999999.999999999999999999' });
    const { createSource, updateSource } = await ask(
      app,
      `mutation ($id: ID!, $costPerLead: Decimal!) {
        createSource(input: { name: "Dear", costPerLead: $costPerLead }) { ... on InvalidInputError { issues { path message } } }
        updateSource(input: { sourceId: $id, costPerLead: $costPerLead }) { ... on InvalidInputError { issues { path message } } }
      }`,
      { id, costPerLead },
    );
    const issues = [{ path: ['costPerLead'], message: 'must be less than 10000000000000' }];
    expect([createSource, updateSource]).toEqual([{ issues }, { issues }]);
  });

  it('has a pid of its own in its account', async () => {
    await makeSource(app, { pid: 'p-1' });
    const { createSource } = await ask(
      app,
      `mutation { createSource(input: { name: "Second", pid: "p-1" }) { ... on InvalidInputError { issues { path code } } } }`,
    );
    expect(createSource.issues).toEqual([{ path: ['pid'], code: 'PID_TAKEN' }]);
  });

  it('counts what it sends, by outcome', async () => {
    const source = await makeSource(app);
    const lead = flatLead();
    await post(app, source, lead);
    await post(app, source, lead);
    await post(app, source, flatLead({ phone: '911' }));
    expect(await metricsOf(source.id)).toMatchObject({
      metrics: { totalLeads: 2, created: 1, duplicates: 1, rejected: 1 },
      leads: { totalCount: 2 },
      firstLeadAt: expect.any(String),
      lastLeadAt: expect.any(String),
      keyLastUsedAt: expect.any(String),
    });
  });

  it('tells what it sent day by day, also of leads that are gone', async () => {
    const source = await makeSource(app);
    const points = async (days?: number) =>
      (
        await ask(
          app,
          `query ($id: ID!, $days: Int) { source(id: $id) { metrics(days: $days) {
            totalLeads created duplicates rejected points { startAt endAt label value created duplicates rejected } } } }`,
          { id: source.id, days },
        )
      ).source.metrics;
    expect((await points()).points).toHaveLength(30);
    const lead = flatLead();
    const { body } = await post(app, source, lead);
    await post(app, source, lead);
    await post(app, source, flatLead({ phone: '911' }));
    await ask(app, 'mutation ($id: ID!) { deleteLead(input: { leadId: $id }) { __typename } }', { id: body.id });
    // What came since is of a later day.
    const { writePool } = app.services.database;
    await writePool.query(`UPDATE "SourceDay" SET day = day - 2 WHERE "sourceId" = $1`, [source.id.replace('src_', '')]);
    await post(app, source, flatLead());
    const ever = await points();
    expect(ever).toMatchObject({ totalLeads: 3, created: 2, duplicates: 1, rejected: 1 });
    const three = await points(3);
    const today = new Date(new Date().toISOString().slice(0, 10)).getTime();
    const day = (daysAgo: number) => new Date(today - daysAgo * 24 * 3600_000).toISOString();
    expect(three).toEqual({
      totalLeads: 3,
      created: 2,
      duplicates: 1,
      rejected: 1,
      points: [
        { startAt: day(2), endAt: day(1), label: day(2).slice(0, 10), value: 2, created: 1, duplicates: 1, rejected: 1 },
        { startAt: day(1), endAt: day(0), label: day(1).slice(0, 10), value: 0, created: 0, duplicates: 0, rejected: 0 },
        { startAt: day(0), endAt: day(-1), label: day(0).slice(0, 10), value: 1, created: 1, duplicates: 0, rejected: 0 },
      ],
    });
    expect(ever.points.slice(-3)).toEqual(three.points);
    expect(await points(1)).toMatchObject({ totalLeads: 1, created: 1, duplicates: 0, rejected: 0 });
    const { errors } = await app.graphql(`{ sources { nodes { metrics(days: 367) { created } } } }`, undefined, asRoot);
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  });

  it('may use both keys while they are exchanged, and the old one no longer than a second after that', async () => {
    const source = await makeSource(app);
    const { key, source: changed } = await rotate(source.id, 1);
    expect(changed.keyPreview).toContain(key.slice(-4));
    expect((await post(app, source, flatLead())).status).toBe(201);
    expect((await post(app, withKey(source, key), flatLead())).status).toBe(201);
    await sleep(2100);
    expect((await post(app, source, flatLead())).status).toBe(401);
    expect((await post(app, withKey(source, key), flatLead())).status).toBe(201);
    await rotate(source.id, 0);
    expect((await post(app, withKey(source, key), flatLead())).status).toBe(401);
  });

  it('is invisible to another account, and managed with the ADMIN scope only', async () => {
    const source = await makeSource(app);
    const { createAccount } = await ask(
      app,
      'mutation { createAccount(input: { name: "Other" }) { ... on CreateAccountSuccess { token } } }',
    );
    const other = { 'x-api-key': createAccount.token };
    const query = `query ($id: ID!) { source(id: $id) { id } node(id: $id) { id } sources { totalCount } }`;
    expect((await app.graphql(query, { id: source.id }, other)).data).toEqual({ source: null, node: null, sources: { totalCount: 0 } });
    const update = `mutation ($id: ID!) { updateSource(input: { sourceId: $id, enabled: false }) { __typename } }`;
    expect((await app.graphql(update, { id: source.id }, other)).data.updateSource.__typename).toBe('SourceNotFoundError');
    expect((await app.graphql(update, { id: source.id }, { authorization: `Bearer ${source.key}` })).errors?.[0]?.extensions['code']).toBe(
      'FORBIDDEN',
    );
  });

  it('may submit with its key and nothing else; an API key may submit for it', async () => {
    const source = await makeSource(app);
    const submit = `mutation ($input: SubmitLeadInput!) { submitLead(input: $input) { __typename ... on SubmitLeadSuccess { lead { email } submission { outcome } } ... on InvalidInputError { issues { path code } } } }`;
    const input = { metadata: { trustedFormUrl: 'https://cert.trustedform.com/x' }, contact: { email: 'graph@intake.test' }, customer: {} };
    const asSource = { authorization: `Bearer ${source.key}` };
    expect((await app.graphql(submit, { input }, asSource)).data.submitLead).toMatchObject({ submission: { outcome: 'CREATED' } });
    expect((await app.graphql('{ leads { totalCount } }', {}, asSource)).errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
    expect((await app.graphql(submit, { input }, asRoot)).data.submitLead.issues).toEqual([{ path: ['sourceId'], code: 'REQUIRED' }]);
    expect((await app.graphql(submit, { input: { ...input, sourceId: source.id } }, asRoot)).data.submitLead.submission.outcome).toBe(
      'DUPLICATE',
    );
  });
});

describe('a lead that repeats another', () => {
  it('stands beside the first by its email, or by what the source calls it', async () => {
    const [source, other] = [await makeSource(app), await makeSource(app)];
    const externalId = 'x-1';
    const { body: first } = await post(app, source, flatLead({ externalId }));
    const { body: sameEmail } = await post(app, other, flatLead({ email: String(first.contact.email).toUpperCase() }));
    const { body: sameId } = await post(app, source, flatLead({ externalId }));
    const { body: elsewhere } = await post(app, other, flatLead({ externalId }));
    expect((await findLead(app, sameEmail.id)).duplicateOf).toEqual({ id: first.id });
    const repeated = await findLead(app, sameId.id);
    expect(repeated.duplicateOf).toEqual({ id: first.id });
    expect(repeated.submissions.nodes[0]).toMatchObject({ outcome: 'DUPLICATE', reasons: [`EXTERNAL_ID_REPEATED: ${first.id}`] });
    expect((await findLead(app, elsewhere.id)).duplicateOf).toBeNull();
  });

  it('of the same moment is found as well: one of 16 is the first', async () => {
    const source = await makeSource(app);
    const lead = flatLead({ externalId: 'race' });
    const answers = await Promise.all(Array.from({ length: 16 }, () => post(app, source, lead)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 201));
    expect(await metricsOf(source.id)).toMatchObject({ metrics: { created: 1, duplicates: 15 } });
  });

  it('gives way, when the first is deleted, to whoever has its email by then', async () => {
    const source = await makeSource(app);
    const { body: first } = await post(app, source, flatLead({ externalId: 'heir' }));
    const { body: second } = await post(app, source, flatLead({ externalId: 'heir' }));
    const { body: third } = await post(app, source, flatLead({}));
    const input = { leadId: second.id, email: third.contact.email };
    await ask(app, 'mutation ($input: UpdateLeadInput!) { updateLead(input: $input) { __typename } }', { input });
    await ask(app, 'mutation ($id: ID!) { deleteLead(input: { leadId: $id }) { __typename } }', { id: first.id });
    expect((await findLead(app, second.id)).duplicateOf).toEqual({ id: third.id });
    const { changes } = await ask(
      app,
      'query ($id: ID!) { changes(filter: { leadId: $id }, first: 100) { nodes { type summary data previous } } }',
      { id: second.id },
    );
    expect(changes.nodes.at(-1)).toMatchObject({
      type: 'lead.updated',
      summary: expect.stringMatching(/^The lead that it repeated is gone: now a duplicate of lead [0-9]+$/),
      data: { lead: { duplicateOfId: uuidOf('Lead', third.id) } },
      previous: { duplicateOfId: uuidOf('Lead', first.id) },
    });
  });
});

describe('limits', () => {
  it('hold a source that sends too fast, refused requests included, and no other', async () => {
    const [fast, slow] = [await makeSource(app), await makeSource(app)];
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => post(app, fast, flatLead(i % 2 ? {} : { phone: '911' }))));
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(10);
    const { status, headers, body } = await post(app, fast, flatLead());
    expect([status, body.code, body.title]).toEqual([429, 'RATE_LIMITED', 'Too many requests.']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(50);
    expect((await post(app, slow, flatLead())).status).toBe(201);
    const { metrics } = await metricsOf(fast.id);
    expect(metrics.totalLeads + metrics.rejected).toBe(30);
  });

  it('end with the minute', async () => {
    const source = await makeSource(app);
    await Promise.all(Array.from({ length: 30 }, () => post(app, source, flatLead())));
    await app.services.database.writePool.query(`UPDATE "SourceStats" SET "windowStartedAt" = "windowStartedAt" - interval '61 seconds'`);
    expect((await post(app, source, flatLead())).status).toBe(201);
  });

  it('row 39: tell wrong keys to slow down, by address and by source, and never a good one', async () => {
    const source = await makeSource(app);
    const other = await makeSource(app);
    const answers = await Promise.all(Array.from({ length: 30 }, () => post(app, withKey(source, other.key), flatLead())));
    expect(answers.some(({ status }) => status === 429)).toBe(true);
    const { status, headers } = await post(app, withKey(source, 'nonsense'), flatLead());
    expect([status, Number(headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect((await post(app, source, flatLead())).status).toBe(201);
    expect((await post(app, other, flatLead())).status).toBe(201);
  });
});

it('row 39: lets a thousand addresses guess at one source, or one address at many, twenty times a minute', async () => {
  const guarded = await startApp({ API_KEY: rootKey, TRUST_PROXY: 'true' });
  const [source, other] = [await makeSource(guarded), await makeSource(guarded)];
  const call = (from: string, { headers }: SourceAccess) =>
    guarded.send('POST', '/leads/intake', flatLead(), { ...headers, 'x-forwarded-for': from });
  const judge = (answers: readonly Awaited<ReturnType<typeof call>>[]) => ({
    refused: answers.filter(({ status }) => status === 401).length,
    slowed: answers.filter(({ status, headers }) => [429, 503].includes(status) && Number(headers.get('retry-after')) > 0).length,
  });

  const addresses = Array.from({ length: 1000 }, (_, i) => `198.51.${100 + Math.floor(i / 250)}.${i % 250}`);
  const byMany = addresses.map((from) => call(from, withKey(source, other.key)));
  expect(judge(await Promise.all(byMany))).toEqual({ refused: 20, slowed: 980 });

  const ids = Array.from({ length: 1000 }, (_, i) => `src_${i}`);
  const guesses = ids.map((id) => call('203.0.113.9', { ...other, headers: { ...other.headers, 'x-leadping-source-id': id } }));
  expect(judge(await Promise.all(guesses))).toEqual({ refused: 20, slowed: 980 });

  // A good key is never kept out: not at the source that they guess at, nor from the address that guesses.
  for (const good of [source, other]) expect((await call('203.0.113.9', good)).status).toBe(201);
  await guarded.end();
});

it('100,000 malformed keys cause no database query', async () => {
  const { writePool } = app.services.database;
  let queries = 0;
  const original = writePool.query.bind(writePool);
  const originalConnect = writePool.connect.bind(writePool);
  Object.assign(writePool, {
    query: (...args: Parameters<typeof original>) => ((queries += 1), original(...args)),
    connect: (...args: Parameters<typeof originalConnect>) => ((queries += 1), originalConnect(...args)),
  });
  const good = (await makeSource(app)).key;
  const before = queries;
  for (let i = 0; i < 100_000; i++) {
    const key = i % 2 ? `lp_src_${i.toString(36).padStart(33, '0')}_${good.slice(-6)}` : `${good.slice(0, 20)}${i}${good.slice(26)}`;
    expect(app.services.sources.byCredential({ kind: 'source', sourceId: null, key })).toBeNull();
  }
  expect(queries).toBe(before);
  Object.assign(writePool, { query: original, connect: originalConnect });
});
