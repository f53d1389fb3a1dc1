import { graphql } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Authenticator, createAuthenticator } from '../../src/auth/authenticate.ts';
import { maskError } from '../../src/graphql/mask-error.ts';
import { schema } from '../../src/graphql/schema.ts';
import { createDatabase, type Database } from '../../src/platform/database.ts';
import { newUuid, toPublicId } from '../../src/platform/ids.ts';
import { createLog } from '../../src/platform/log.ts';
import { createSourceRegister } from '../../src/sources/source-register.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const log = createLog('silent', true);
const rootKey = 'the-root-key';

let testDatabase: TestDatabase;
let database: Database;
let authenticator: Authenticator;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = createDatabase(testDatabase.url, log);
  authenticator = await createAuthenticator({
    config: { apiKey: rootKey, open: false, failedCredentialsPerMinute: 0, crmSecret: null },
    database,
    sources: createSourceRegister(database, log),
    log,
  });
});

afterAll(async () => {
  await authenticator.close();
  await database.close();
  await testDatabase.drop();
});

/** The data, and in place of errors their codes. */
async function ask(credential: string | null, source: string, variableValues: Record<string, unknown> = {}) {
  const viewer = await authenticator.authenticate(credential);
  const { data, errors } = await graphql({ schema, source, variableValues, contextValue: { viewer, db: database.prisma } });
  return errors ? { codes: errors.map((error) => maskError(error, log, 'r').extensions['code']) } : JSON.parse(JSON.stringify(data));
}

const createAccount = (credential: string | null, name: string) =>
  ask(
    credential,
    `mutation ($name: String!) { createAccount(input: { name: $name }) {
      __typename ... on CreateAccountSuccess { token account { id name } } ... on Error { code } ... on InvalidInputError { issues { path message code } }
    } }`,
    { name },
  );

const createApiKey = (credential: string | null, name: string, scope = 'VIEWER') =>
  ask(
    credential,
    `mutation ($name: String!, $scope: ApiKeyScope!) { createApiKey(input: { name: $name, scope: $scope }) {
      __typename ... on CreateApiKeySuccess { token apiKey { id name scope prefix lastFour keyPreview lastUsedAt revokedAt } }
      ... on Error { code } ... on InvalidInputError { issues { path message code } }
    } }`,
    { name, scope },
  );

const revokeApiKey = (credential: string | null, apiKeyId: string) =>
  ask(
    credential,
    `mutation ($apiKeyId: ID!) { revokeApiKey(input: { apiKeyId: $apiKeyId }) {
      __typename ... on RevokeApiKeySuccess { apiKey { id revokedAt } } ... on Error { code }
    } }`,
    { apiKeyId },
  );

const findNodes = (credential: string | null, ...ids: readonly string[]) =>
  ask(credential, 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { ids });

const newAccount = async (name: string) => (await createAccount(rootKey, name)).createAccount;
const newApiKey = async (credential: string, scope?: string) => (await createApiKey(credential, 'A key', scope)).createApiKey;

describe('viewer', () => {
  const question = '{ viewer { kind name scopes account { name } } }';

  it('says who is asking', async () => {
    const { token } = await newApiKey(rootKey, 'EDITOR');
    expect((await ask(rootKey, question)).viewer).toEqual({
      kind: 'ROOT',
      name: 'root key',
      scopes: ['ADMIN'],
      account: { name: 'default' },
    });
    expect((await ask(token, question)).viewer).toEqual({
      kind: 'API_KEY',
      name: 'A key',
      scopes: ['EDITOR'],
      account: { name: 'default' },
    });
    expect((await ask(null, question)).viewer).toEqual({ kind: 'ANONYMOUS', name: 'nobody', scopes: [], account: null });
  });
});

describe('createApiKey', () => {
  it('shows the token once and keeps only its hash', async () => {
    const { token, apiKey } = (await createApiKey(rootKey, '  Dashboard ')).createApiKey;
    expect(apiKey).toMatchObject({ name: 'Dashboard', scope: 'VIEWER', lastUsedAt: null, revokedAt: null });
    expect(apiKey.keyPreview).toBe(`${token.slice(0, 8)}…${token.slice(-4)}`);
    expect(JSON.stringify(await database.prisma.apiKey.findMany())).not.toContain(token);
    expect(await authenticator.authenticate(token)).toMatchObject({ kind: 'API_KEY', scopes: ['VIEWER'] });
  });

  it.each([
    ['', 'must not be empty'],
    ['   ', 'must not be empty'],
    ['x'.repeat(101), 'must have at most 100 characters'],
    ['two\nlines', 'must be one line of text'],
    ['a NUL \0', 'must be one line of text'],
    ['half \ud800', 'must be one line of text'],
  ])('refuses the name %j', async (name, message) => {
    const { createApiKey: refused } = await createApiKey(rootKey, name);
    expect(refused).toMatchObject({ __typename: 'InvalidInputError', code: 'VALIDATION_FAILED', issues: [{ path: ['name'], message }] });
  });

  it('needs the ADMIN scope', async () => {
    for (const scope of ['EDITOR', 'VIEWER', 'INGEST']) {
      const { token } = await newApiKey(rootKey, scope);
      expect(await createApiKey(token, 'More')).toEqual({ codes: ['FORBIDDEN'] });
    }
    expect(await createApiKey(null, 'More')).toEqual({ codes: ['UNAUTHENTICATED'] });
  });
});

describe('revokeApiKey', () => {
  it('ends a key, and changes nothing the second time', async () => {
    const { apiKey } = await newApiKey(rootKey);
    const first = (await revokeApiKey(rootKey, apiKey.id)).revokeApiKey;
    expect(first.apiKey).toEqual({ id: apiKey.id, revokedAt: expect.any(String) });
    expect((await revokeApiKey(rootKey, apiKey.id.slice('key_'.length))).revokeApiKey).toEqual(first);
  });

  it('knows no key of another account, and no id that is none', async () => {
    const other = await newAccount('Revokers');
    const { apiKey } = await newApiKey(rootKey);
    for (const id of [apiKey.id, toPublicId('ApiKey', newUuid()), 'key_1', '', '\0', other.account.id]) {
      expect((await revokeApiKey(other.token, id)).revokeApiKey).toEqual({ __typename: 'ApiKeyNotFoundError', code: 'API_KEY_NOT_FOUND' });
    }
    expect((await database.prisma.apiKey.findUnique({ where: { id: apiKey.id.slice('key_'.length) } }))?.revokedAt).toBeNull();
  });
});

describe('createAccount', () => {
  it('makes an account with a log of its own and an ADMIN key', async () => {
    const { token, account } = await newAccount('Solar Nord');
    expect(await ask(token, '{ viewer { scopes account { id name } } }')).toEqual({ viewer: { scopes: ['ADMIN'], account } });
    const accountId = account.id.slice('acc_'.length);
    expect(await database.prisma.logHead.findUnique({ where: { accountId } })).toMatchObject({ seq: 0n, leadNumber: 0 });
  });

  it('gives a name once, however many ask at the same moment', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => createAccount(rootKey, 'Twice')));
    expect(answers.filter(({ createAccount: { token } }) => token !== undefined)).toHaveLength(1);
    expect(answers.filter(({ createAccount: { code } }) => code === 'NAME_TAKEN')).toHaveLength(7);
    expect((await createAccount(rootKey, 'default')).createAccount).toEqual({ __typename: 'NameTakenError', code: 'NAME_TAKEN' });
  });

  it('needs the root key', async () => {
    const { token } = await newAccount('No more accounts');
    expect(await createAccount(token, 'Mine')).toEqual({ codes: ['FORBIDDEN'] });
    expect(await createAccount(null, 'Mine')).toEqual({ codes: ['UNAUTHENTICATED'] });
  });
});

describe('apiKeys', () => {
  const question = `query ($first: Int, $after: String) {
    apiKeys(first: $first, after: $after) { totalCount nodes { name } pageInfo { hasNextPage endCursor } }
  }`;

  it('lists the keys of the account page by page, newest first', async () => {
    const { token } = await newAccount('Pages');
    for (const name of ['one', 'two', 'three']) await createApiKey(token, name);
    const { apiKeys: begin } = await ask(token, question, { first: 3 });
    expect(begin).toMatchObject({
      totalCount: 4,
      nodes: [{ name: 'three' }, { name: 'two' }, { name: 'one' }],
      pageInfo: { hasNextPage: true },
    });
    const { apiKeys: end } = await ask(token, question, { first: 3, after: begin.pageInfo.endCursor });
    expect(end).toMatchObject({ totalCount: 4, nodes: [{ name: 'First key' }], pageInfo: { hasNextPage: false } });
  });

  it('refuses pages and cursors that cannot be', async () => {
    for (const variables of [{ first: 0 }, { first: 101 }, { after: 'x' }, { after: '\0' }]) {
      expect(await ask(rootKey, question, variables)).toEqual({ codes: ['BAD_USER_INPUT'] });
    }
  });

  it('needs the ADMIN scope', async () => {
    const { token } = await newApiKey(rootKey, 'EDITOR');
    expect(await ask(token, question)).toEqual({ codes: ['FORBIDDEN'] });
    expect(await ask(null, question)).toEqual({ codes: ['UNAUTHENTICATED'] });
  });
});

describe('node', () => {
  it('finds what is of the own account, and nothing of another', async () => {
    const mine = await newAccount('Nodes');
    const { apiKey } = await newApiKey(mine.token);
    expect(await findNodes(mine.token, apiKey.id, mine.account.id)).toEqual({
      nodes: [
        { __typename: 'ApiKey', id: apiKey.id },
        { __typename: 'Account', id: mine.account.id },
      ],
    });
    expect(await findNodes(rootKey, apiKey.id, mine.account.id)).toEqual({ nodes: [null, null] });
    expect(await findNodes(mine.token, toPublicId('ApiKey', newUuid()), toPublicId('Account', newUuid()))).toEqual({ nodes: [null, null] });
  });

  it('is null for what is no id, and the others are found all the same', async () => {
    const mine = await newAccount('No ids');
    const found = await findNodes(mine.token, 'nonsense', mine.account.id, 'lead_1', '', 'Lead:1');
    expect(found).toEqual({ nodes: [null, { __typename: 'Account', id: mine.account.id }, null, null, null] });
    expect(await ask(mine.token, '{ node(id: "nonsense") { id } }')).toEqual({ node: null });
  });

  it('answers alike for a key that exists and one that does not, to those who may not see keys', async () => {
    const { token, apiKey } = await newApiKey(rootKey, 'VIEWER');
    for (const id of [apiKey.id, toPublicId('ApiKey', newUuid())]) {
      expect(await ask(token, 'query ($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ codes: ['FORBIDDEN'] });
      expect(await ask(null, 'query ($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ codes: ['UNAUTHENTICATED'] });
    }
  });
});
