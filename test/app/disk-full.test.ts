import { afterEach, afterAll, beforeAll, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.end());

const database = () => app.services.database.writePool;

/** The database answers as if its machine could not store what it is told. */
const fail = (table: string, condition: string) =>
  database().query(`
    CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION 'could not extend file: jo@example.com' USING ERRCODE = '${condition}'; END $$;
    CREATE TRIGGER no_room BEFORE INSERT ON "${table}" FOR EACH STATEMENT EXECUTE FUNCTION no_room()`);
const recover = () => database().query('DROP FUNCTION IF EXISTS no_room CASCADE');
afterEach(recover);

const stored = async (): Promise<unknown> =>
  (
    await database().query(`SELECT (SELECT count(*) FROM "Lead")::int AS leads, (SELECT count(*) FROM "Submission")::int AS receipts,
      (SELECT count(*) FROM "StageChange")::int AS steps, (SELECT max(seq) FROM "LogHead")::int AS head`)
  ).rows[0];

it.each([
  ['the disk is full', '53100'],
  ['a file cannot be written', '58030'],
  ['the database is out of memory', '53200'],
])('row 55: answers 503 and stores nothing while %s, and takes the same request afterwards', async (_name, condition) => {
  const email = `${condition}@example.com`;
  const headers = { 'idempotency-key': `key-${condition}` };
  const before = await stored();
  await fail('Change', condition);
  const [rest, graph] = await Promise.all([
    app.send('POST', '/api/postback', { email }, headers),
    app.graphql('mutation { recordPostback(input: { email: "other@example.com" }) { __typename } }'),
  ]);
  expect(rest).toMatchObject({ status: 503, body: { code: 'DB_UNAVAILABLE' } });
  expect(rest.headers.get('retry-after')).toBe('1');
  expect(graph).toMatchObject({ status: 503, errors: [{ extensions: { code: 'DB_UNAVAILABLE' } }] });
  expect(JSON.stringify([rest.body, graph])).not.toContain('jo@example.com');
  expect(await stored()).toEqual(before);

  await recover();
  const again = await app.send('POST', '/api/postback', { email }, headers);
  expect(again).toMatchObject({ status: 201, body: { created: true } });
});

it('row 55: answers 503 when Prisma is told that the disk is full', async () => {
  await fail('Webhook', '53100');
  const input = '{ name: "Told", url: "https://example.com/" }';
  const answer = await app.graphql(`mutation { createWebhook(input: ${input}) { __typename } }`);
  expect(answer).toMatchObject({ status: 503, errors: [{ extensions: { code: 'DB_UNAVAILABLE' } }] });
});
