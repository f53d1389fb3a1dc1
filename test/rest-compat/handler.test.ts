import { GraphQLError } from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import { createDoor } from '../../rest-compat/door.ts';
import { postback } from '../../rest-compat/ghostleads/postback.ts';
import { toRoute } from '../../rest-compat/handler.ts';
import type { RestCall } from '../../rest-compat/route.ts';
import type { Execute, RestRequest } from '../../src/graphql/execute.ts';

const success = {
  __typename: 'RecordPostbackSuccess',
  created: false,
  stageOutcome: 'UNCHANGED',
  lead: { uuid: '0199f3c0-5b1e-7c4a-9d2f-3a1b5c7d9e0f', stage: { name: 'Paid' } },
  submission: { reasons: [], fields: {} },
};

type Result = Awaited<ReturnType<Execute>>['result'];

/** What the endpoint makes of an operation that ends like this, and with what it ran it. */
async function run(result: Result, call: Partial<RestCall> = {}, replayed = false) {
  const ran: { readonly variables: unknown; readonly request: RestRequest }[] = [];
  const execute: Execute = ({ variables }, request) => {
    ran.push({ variables, request });
    return Promise.resolve({ result, notes: { replayed } });
  };
  const answer = await toRoute(postback, execute).handle({
    requestId: 'req-1',
    headers: {},
    params: {},
    query: {},
    body: {},
    isForm: false,
    ipAddress: '127.0.0.1',
    startedAtMs: 0,
    ...call,
  });
  return { answer, ran };
}

const failing = (code: string, extensions: object = {}) =>
  run({ errors: [new GraphQLError('As the server put it.', { extensions: { code, ...extensions } })] });
const refused = (error: object) => run({ data: { recordPostback: { message: 'As the mutation put it.', ...error } } });

describe('a REST endpoint', () => {
  it.each([
    ['UNAUTHENTICATED', 401, 'Invalid API key'],
    ['FORBIDDEN', 403, 'As the server put it.'],
    ['DB_UNAVAILABLE', 503, 'As the server put it.'],
    ['OVERLOADED', 503, 'As the server put it.'],
    ['SHUTTING_DOWN', 503, 'As the server put it.'],
    ['INTERNAL_SERVER_ERROR', 500, 'Unexpected error.'],
    ['GRAPHQL_VALIDATION_FAILED', 500, 'Unexpected error.'],
    ['SOMETHING_NEW', 500, 'Unexpected error.'],
  ])('answers the error %s with %i', async (code, status, error) => {
    const { answer } = await failing(code);
    expect(answer).toMatchObject({ status, body: { error, request_id: 'req-1' } });
    expect(answer.headers?.['retry-after']).toBe(status === 503 ? '1' : undefined);
  });

  it('is shut for a caller who sends too much, for a moment, and for nobody else', async () => {
    let now = 0;
    const door = createDoor(() => now);
    const extensions = { code: 'OVERLOADED', retryAfterSeconds: 1 };
    const result = { errors: [new GraphQLError('Too much.', { extensions })] };
    const route = toRoute(postback, () => Promise.resolve({ result, notes: { replayed: false } }), door);
    const headers = { 'x-api-key': 'one' };
    expect(route.isShut?.(headers)).toBe(false);
    await route.handle({ requestId: 'req-1', headers, params: {}, query: {}, body: {}, isForm: false, ipAddress: null, startedAtMs: 0 });
    expect(route.isShut?.(headers)).toBe(true);
    expect(route.isShut?.({ 'x-api-key': 'another' })).toBe(false);
    now = 50;
    expect(route.isShut?.(headers)).toBe(false);
  });

  it('remembers whom it refuses without keeping a credential', () => {
    const door = createDoor();
    const keys = vi.spyOn(Map.prototype, 'set');
    door.shut('a-secret-key');
    door.shut({ kind: 'crm', presented: ['a-secret-key'] });
    const kept = keys.mock.calls.map(([name]) => String(name));
    keys.mockRestore();
    expect(kept).toHaveLength(2);
    expect(kept.join()).not.toContain('secret');
    expect([door.isShut('a-secret-key'), door.isShut('another-key')]).toEqual([true, false]);
  });

  it('says when to come back', async () => {
    expect((await failing('OVERLOADED', { retryAfterSeconds: 7 })).answer.headers).toEqual({ 'retry-after': '7' });
  });

  it('gives field problems the names that the sender uses', async () => {
    const issues = [
      { path: ['form', 'completionPercent'], message: 'must be from 0 to 100', code: 'TOO_BIG' },
      { path: ['utm', 'source'], message: 'is too long', code: 'TOO_BIG' },
      { path: ['customData', 'deep', 'note'], message: 'is odd', code: 'INVALID_VALUE' },
      { path: [], message: 'is wrong', code: 'INVALID_VALUE' },
    ];
    const { answer } = await refused({ code: 'VALIDATION_FAILED', issues });
    expect(answer).toEqual({
      status: 400,
      body: {
        error: 'form_completion_percent: must be from 0 to 100; utm_source: is too long; custom_data.deep.note: is odd; $: is wrong',
        code: 'VALIDATION_FAILED',
        request_id: 'req-1',
        issues: [
          { ...issues[0], path: 'form_completion_percent' },
          { ...issues[1], path: 'utm_source' },
          { ...issues[2], path: 'custom_data.deep.note' },
          { ...issues[3], path: '$' },
        ],
      },
    });
  });

  it('says that an answer is a stored one', async () => {
    expect((await run({ data: { recordPostback: success } }, {}, true)).answer.headers).toEqual({ 'idempotent-replayed': 'true' });
  });

  it('hands on who asks, and the body as it came', async () => {
    const body = { email: 'jo@x.test', extra: [1] };
    const { ran } = await run({ data: { recordPostback: success } }, { body, headers: { 'user-agent': 'curl', 'x-api-key': 'secret' } });
    expect(ran[0]?.request).toEqual({
      requestId: 'req-1',
      dialect: 'ghostleads',
      body,
      ipAddress: '127.0.0.1',
      userAgent: 'curl',
      startedAtMs: 0,
      credential: 'secret',
    });
  });

  it.each([
    [{ 'x-api-key': 'a', authorization: 'Bearer b' }, 'a'],
    [{ 'x-api-key': '', authorization: 'Bearer b' }, 'b'],
    [{ authorization: 'bearer  b' }, 'b'],
    [{ authorization: 'Basic b' }, null],
    [{ authorization: 'Bearer' }, null],
    [{}, null],
  ])('finds the credential in %j', async (headers, credential) => {
    expect((await run({ data: { recordPostback: success } }, { headers })).ran[0]?.request.credential).toBe(credential);
  });

  it('takes an unknown stage from the mutation', async () => {
    expect((await refused({ code: 'UNKNOWN_STAGE', stages: ['A', 'B'] })).answer).toMatchObject({
      status: 400,
      body: { error: 'Invalid stage', stages: ['A', 'B'] },
    });
  });
});
