import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { once } from 'node:events';
import { apiKey, type RunningApp, startApp } from '../http/running-app.ts';

let server: RunningApp;
beforeAll(async () => {
  server = await startApp();
  await server.send('POST', '/api/postback', { email: 'first@example.com' });
  // Whatever is written or counted from now on fails, in the words of a database that quotes what it was given.
  await server.app.services.database.writePool.query(`
    CREATE FUNCTION quote_person() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'Key (email)=(secret-person@example.com) of % breaks', TG_TABLE_NAME USING DETAIL = 'phone +15125550147', HINT = 'secret-hint'; END $$;
    CREATE TRIGGER quote_person BEFORE INSERT OR UPDATE ON "Lead" FOR EACH STATEMENT EXECUTE FUNCTION quote_person();
    CREATE TRIGGER quote_person BEFORE INSERT ON "Webhook" FOR EACH STATEMENT EXECUTE FUNCTION quote_person();
    CREATE TRIGGER quote_person BEFORE INSERT ON "ApiKey" FOR EACH STATEMENT EXECUTE FUNCTION quote_person();
    ALTER TABLE "StageChange" RENAME COLUMN "toStage" TO "secret-column"`);
});
afterAll(() => server.close());

const failing = [
  ['a write', 'mutation { recordPostback(input: { email: "secret-person@example.com" }) { __typename } }'],
  ['a write through Prisma', 'mutation { createApiKey(input: { name: "secret-person", scope: VIEWER }) { __typename } }'],
  ['a read', '{ lead(by: { number: 1 }) { number stageHistory { nodes { toStage } } } }'],
] as const;

const personal = /secret|example\.com|5550147|relation|StageChange|quote_person|at .*\.ts/;

it.each(failing)('row 66: %s that fails says nothing but that, and its request', async (_name, query) => {
  const { body, headers } = await server.send('POST', '/graphql', { query });
  const requestId = headers.get('x-request-id');
  expect(body['errors']).toEqual([
    expect.objectContaining({ message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } }),
  ]);
  expect(JSON.stringify(body)).not.toMatch(personal);
  expect(server.logged()).toContain(requestId);
  expect(server.logged()).not.toMatch(/secret-person|secret-hint|5550147/);
});

it('row 66: nor does it over a WebSocket, or at a REST endpoint', async () => {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { 'x-api-key': apiKey } }));
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: failing[0][1] } }));
  const [data] = await once(socket, 'message');
  socket.terminate();
  expect(JSON.parse(String(data)).payload.errors).toEqual([
    expect.objectContaining({ message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) } }),
  ]);
  const rest = await server.send('POST', '/api/postback', { email: 'secret-person@example.com' });
  expect(rest.status).toBe(500);
  expect(rest.body).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', request_id: rest.headers.get('x-request-id') });
  expect(JSON.stringify(rest.body)).not.toMatch(personal);
  expect(server.logged()).not.toMatch(/secret-person|secret-hint|5550147/);
});
