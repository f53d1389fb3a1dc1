import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createAuthenticator, type Authenticator } from '../../src/auth/authenticate.ts';
import { issueApiKey } from '../../src/auth/api-key.ts';
import { apiKeyViewer } from '../../src/auth/viewer.ts';
import { createDatabase, type Database } from '../../src/platform/database.ts';
import { newUuid } from '../../src/platform/ids.ts';
import { createLog } from '../../src/platform/log.ts';
import { createSourceRegister } from '../../src/sources/source-register.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const log = createLog('silent', true);
const rootKey = 'correct horse battery staple';

let testDatabase: TestDatabase;
let database: Database;
let accountId: string;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = createDatabase(testDatabase.url, log);
  accountId = (await database.prisma.account.findUniqueOrThrow({ where: { name: 'default' } })).id;
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

async function start(config = { apiKey: rootKey, open: false }) {
  const authenticator = await createAuthenticator({
    config: { ...config, failedCredentialsPerMinute: 0, crmSecret: null },
    database,
    sources: createSourceRegister(database, log),
    log,
  });
  onTestFinished(() => authenticator.close());
  return authenticator;
}

async function makeKey() {
  const { token, ...fingerprint } = issueApiKey();
  const key = await database.prisma.apiKey.create({
    data: { id: newUuid(), accountId, name: 'Frontend', scope: 'VIEWER', ...fingerprint },
  });
  return { token, key, viewer: apiKeyViewer(key) };
}

const revoke = (id: string) => database.prisma.apiKey.update({ where: { id }, data: { revokedAt: new Date() } });
const refusal = { code: 'UNAUTHENTICATED', message: 'A valid API key is required. Send it as `x-api-key` or `Authorization: Bearer`.' };

async function answerTo(authenticator: Authenticator, credential: string | null): Promise<string> {
  try {
    return (await authenticator.authenticate(credential)).kind;
  } catch (error) {
    expect(error).toMatchObject(refusal);
    return 'refused';
  }
}

describe('a closed server', () => {
  it('knows its root key, at once and without a query', async () => {
    const { authenticate } = await start();
    expect(authenticate(rootKey)).toEqual({ kind: 'ROOT', accountId, scopes: ['ADMIN'], credential: 'root', actor: 'root key' });
  });

  it.each([
    ['empty', ''],
    ['wrong', 'wrong horse battery staple'],
    ['one byte more', `${rootKey}x`],
    ['one byte less', rootKey.slice(0, -1)],
    ['another case', rootKey.toUpperCase()],
    ['1 MB', 'x'.repeat(1_000_000)],
    ['a NUL', `${rootKey}\0`],
    ['a line break', `${rootKey}\n`],
    ['not ASCII', '🔑'],
    ['a lone surrogate', '\ud800'],
    ['a mistyped key of ours', `lgk_${'a'.repeat(33)}_abcdef`],
    ['an unknown key of ours', issueApiKey().token],
  ])('rows 14 and 29: refuses a credential that is %s, always in the same words', async (_what, credential) => {
    expect(await answerTo(await start(), credential)).toBe('refused');
  });

  it('lets nobody without a key be more than anonymous', async () => {
    const { authenticate } = await start();
    expect(authenticate(null)).toMatchObject({ kind: 'ANONYMOUS', accountId: null, scopes: [] });
  });

  it('knows a key: first by asking, then at once', async () => {
    const { authenticate } = await start();
    const { token, viewer } = await makeKey();
    const asked = authenticate(token);
    expect(asked).toBeInstanceOf(Promise);
    expect(await asked).toEqual(viewer);
    expect(authenticate(token)).toEqual(viewer);
  });

  it('tells many keys apart that are asked for together', async () => {
    const { authenticate } = await start();
    const keys = await Promise.all(Array.from({ length: 20 }, makeKey));
    const strangers = Array.from({ length: 300 }, () => issueApiKey().token);
    const refused = strangers.map((token) => expect(authenticate(token)).rejects.toMatchObject(refusal));
    expect(await Promise.all(keys.map(async ({ token }) => authenticate(token)))).toEqual(keys.map(({ viewer }) => viewer));
    await Promise.all(refused);
  });
});

describe('an open server', () => {
  const open = { apiKey: 'changeme', open: true };

  it.each([null, '', 'changeme', 'your-api-key', 'anything at all'])('takes %j for the root', async (credential) => {
    expect(await answerTo(await start(open), credential)).toBe('ROOT');
  });

  it('still knows keys of its own, and refuses those that do not count', async () => {
    const authenticator = await start(open);
    const { token, key } = await makeKey();
    expect(await answerTo(authenticator, token)).toBe('API_KEY');
    expect(await answerTo(authenticator, `${token.slice(0, -1)}_`)).toBe('refused');
    expect(await answerTo(authenticator, issueApiKey().token)).toBe('refused');
    await revoke(key.id);
    expect(await answerTo(await start(open), token)).toBe('refused');
    expect(await answerTo(authenticator, 'key\0')).toBe('refused');
  });
});

it('row 35: refuses every request that comes a second after the revocation, and none before it', async () => {
  const authenticator = await start();
  const { token, key, viewer } = await makeKey();
  const answers: { at: number; answer: string }[] = [];
  let revokedFrom = Number.POSITIVE_INFINITY;
  let revokedBy = Number.POSITIVE_INFINITY;
  const begin = performance.now();
  for (let at = begin; at < begin + 2000; at = performance.now()) {
    answers.push({ at, answer: await answerTo(authenticator, token) });
    if (revokedFrom === Number.POSITIVE_INFINITY && at > begin + 500) {
      revokedFrom = at;
      void revoke(key.id).then(() => (revokedBy = performance.now()));
    }
    await sleep(10);
  }
  expect(new Set(answers.filter(({ at }) => at < revokedFrom).map(({ answer }) => answer))).toEqual(new Set(['API_KEY']));
  expect(new Set(answers.filter(({ at }) => at > revokedBy + 1000).map(({ answer }) => answer))).toEqual(new Set(['refused']));
  expect(await authenticator.isStillValid(viewer)).toBe(false);
});

it('says of every viewer whether its credential still counts', async () => {
  const { authenticate, isStillValid } = await start();
  const { key, viewer } = await makeKey();
  expect(await isStillValid(await authenticate(rootKey))).toBe(true);
  expect(await isStillValid(viewer)).toBe(true);
  expect(await isStillValid({ ...viewer, scopes: ['ADMIN'] })).toBe(false);
  await revoke(key.id);
  const later = await start();
  expect(await later.isStillValid(viewer)).toBe(false);
  expect(await later.isStillValid(apiKeyViewer({ ...key, id: newUuid() }))).toBe(false);
});

it('notes the last use once a minute', async () => {
  const { token, key } = await makeKey();
  const use = async () => {
    const authenticator = await start();
    await authenticator.authenticate(token);
    await authenticator.close();
    return (await database.prisma.apiKey.findUniqueOrThrow({ where: { id: key.id } })).lastUsedAt;
  };
  const first = await use();
  expect(first).toBeInstanceOf(Date);
  expect(await use()).toEqual(first);
  const longAgo = new Date(Date.now() - 61_000);
  await database.prisma.apiKey.update({ where: { id: key.id }, data: { lastUsedAt: longAgo } });
  expect((await use())?.getTime()).toBeGreaterThan(longAgo.getTime());
});

it('says unavailable, never unauthenticated, while the database is away; the root key goes on', async () => {
  const away = createDatabase(testDatabase.url, log);
  const { authenticate, isStillValid } = await createAuthenticator({
    config: { apiKey: rootKey, open: false, failedCredentialsPerMinute: 0, crmSecret: null },
    database: away,
    sources: createSourceRegister(away, log),
    log,
  });
  const { token, viewer } = await makeKey();
  await away.close();
  await expect(authenticate(token)).rejects.toMatchObject({ code: 'DB_UNAVAILABLE', retryAfterSeconds: 1 });
  await expect(isStillValid(viewer)).rejects.toMatchObject({ code: 'DB_UNAVAILABLE' });
  expect(authenticate(rootKey)).toMatchObject({ kind: 'ROOT' });
});

it('answers in time while the database hangs, and heals by itself', async () => {
  const { authenticate } = await start();
  const { token, viewer } = await makeKey();
  const lock = await database.readPool.connect();
  await lock.query('BEGIN; LOCK TABLE "ApiKey" IN ACCESS EXCLUSIVE MODE');
  const askedAt = performance.now();
  await expect(authenticate(token)).rejects.toMatchObject({ code: 'DB_UNAVAILABLE' });
  expect(performance.now() - askedAt).toBeLessThan(2300);
  await lock.query('ROLLBACK');
  lock.release();
  expect(await authenticate(token)).toEqual(viewer);
});
