import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { encodeCursor } from '../../src/changes/cursor.ts';
import { times, until, wait } from './change-log.ts';
import { createLiveServer, type LiveServer, rootKey } from './live-server.ts';
import { overServerSentEvents, overWebSocket, type Result, type Results } from './transports.ts';

let server: LiveServer;
beforeAll(async () => {
  server = await createLiveServer({ heartbeatSeconds: 0.5 });
});
afterAll(() => server.close());

const leadChanges = `subscription ($after: Cursor, $filter: ChangeFilter) {
  leadChanges(after: $after, filter: $filter) { cursor change { id seq type leadId } view gap { fromCursor toCursor } }
}`;

async function nextResult(results: Results): Promise<Result> {
  const { value, done } = await results.next();
  if (done || !value) throw new Error('the stream ended');
  return value;
}

interface Message {
  readonly cursor: string;
  readonly change: { readonly id: string; readonly seq: number; readonly type: string; readonly leadId: string } | null;
  readonly gap: unknown;
}

async function nextMessage(results: Results): Promise<Message> {
  const { data, errors } = await nextResult(results);
  if (errors || !data) throw new Error(JSON.stringify(errors));
  return JSON.parse(JSON.stringify(data['leadChanges']));
}

async function takeSeqs(results: Results, count: number): Promise<{ seqs: number[]; cursor: string }> {
  const seqs: number[] = [];
  let cursor = '';
  while (seqs.length < count) {
    const message = await nextMessage(results);
    cursor = message.cursor;
    if (message.change) seqs.push(message.change.seq);
  }
  return { seqs, cursor };
}

const errorCodes = ({ errors }: Result) => errors?.map(({ extensions }) => extensions?.['code']);

async function ask(query: string, variables: Record<string, unknown> = {}, key = rootKey): Promise<Result> {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify({ query, variables }),
  });
  return JSON.parse(await response.text());
}

describe.each([
  ['over a WebSocket', overWebSocket],
  ['over server-sent events', overServerSentEvents],
])('leadChanges %s', (_name, subscribe) => {
  it('starts with its cursor, sends what happens, and resumes without hole or repeat', async () => {
    const { accountId, token } = await server.createAccount();
    const first = subscribe(server, leadChanges, {}, token);
    const start = await nextMessage(first);
    expect(start).toEqual({ cursor: encodeCursor(accountId, 0), change: null, view: null, gap: null });
    await server.append(
      accountId,
      times(30, () => ({})),
    );
    const before = await takeSeqs(first, 12);
    await first.return();
    await server.append(
      accountId,
      times(30, () => ({})),
    );
    const second = subscribe(server, leadChanges, { after: before.cursor }, token);
    const after = await takeSeqs(second, 48);
    await second.return();
    expect([...before.seqs, ...after.seqs]).toEqual(times(60, (i) => i + 1));
    await until('both streams are gone', () => server.hub.size === 0);
  });

  it('breaks a silence with the latest cursor, though a filter hides everything', async () => {
    const { accountId, token } = await server.createAccount();
    const messages = subscribe(server, leadChanges, { after: encodeCursor(accountId, 0), filter: { stage: ['paid'] } }, token);
    await server.append(accountId, [{ stage: 'Form Started' }, { stage: 'Form Started' }]);
    expect(await nextMessage(messages)).toEqual({ cursor: encodeCursor(accountId, 2), change: null, view: null, gap: null });
    await server.append(accountId, [{ stage: 'Paid' }]);
    expect(await nextMessage(messages)).toMatchObject({ change: { seq: 3 }, view: 'IN_VIEW' });
    await server.append(accountId, [{ stage: 'Lost', previous: { stage: 'Paid' } }]);
    expect(await nextMessage(messages)).toMatchObject({ change: { seq: 4 }, view: 'REMOVED_FROM_VIEW' });
    await messages.return();
  });

  it("refuses another account's cursor, a broken one, one beyond the log, and a key that may not read", async () => {
    const { accountId, token } = await server.createAccount();
    const { token: intakeOnly } = await server.createApiKey('INGEST');
    const attempts: [after: string | null, key: string, code: string][] = [
      [encodeCursor(server.accountId, 0), token, 'CURSOR_INVALID'],
      ['nonsense', token, 'CURSOR_INVALID'],
      [encodeCursor(accountId, 1), token, 'CURSOR_INVALID'],
      [null, intakeOnly, 'FORBIDDEN'],
    ];
    for (const [after, key, code] of attempts) {
      const result = await nextResult(subscribe(server, leadChanges, { after }, key));
      expect(errorCodes(result)).toEqual([code]);
    }
  });

  it("never shows another account's changes", async () => {
    const [mine, other] = [await server.createAccount(), await server.createAccount()];
    const messages = subscribe(server, leadChanges, { after: encodeCursor(mine.accountId, 0) }, mine.token);
    const first = nextMessage(messages);
    await server.append(other.accountId, [{ type: 'lead.created' }]);
    await server.append(mine.accountId, [{ type: 'lead.deleted' }]);
    expect((await first).change?.type).toBe('lead.deleted');
    await messages.return();
  });

  it('row 69: ends within five seconds of the revocation of its key', async () => {
    const { apiKey, token } = await server.createApiKey('VIEWER');
    const messages = subscribe(server, leadChanges, {}, token);
    await nextMessage(messages);
    const startedAt = performance.now();
    await server.revokeApiKey(apiKey);
    const end = (async () => {
      for (;;) {
        const result = await nextResult(messages);
        if (result.errors) return errorCodes(result);
      }
    })();
    // A WebSocket ends by its close code, which graphql-ws hands on as a close event.
    await expect(end.catch((closed: unknown) => [Object(closed).code])).resolves.toEqual([
      subscribe === overWebSocket ? 4403 : 'FORBIDDEN',
    ]);
    expect(performance.now() - startedAt).toBeLessThan(5000);
    await until('its stream is gone', () => server.hub.size === 0);
  });
});

describe('leadLive', () => {
  it('shows the lead at once and after each change, and ends with null when it is deleted', async () => {
    const { accountId, token } = await server.createAccount();
    const leadId = await insertLead(accountId, 'Form Started');
    const states = overWebSocket(
      server,
      'subscription ($id: ID!) { leadLive(id: $id) { uuid stage { name } } }',
      { id: `lead_${leadId}` },
      token,
    );
    expect((await nextResult(states)).data).toEqual({ leadLive: { uuid: leadId, stage: { name: 'Form Started' } } });
    await server.database.writePool.query(`UPDATE "Lead" SET stage = 'Paid' WHERE id = $1`, [leadId]);
    await server.append(accountId, [{ leadId }]);
    expect((await nextResult(states)).data).toEqual({ leadLive: { uuid: leadId, stage: { name: 'Paid' } } });
    await server.database.writePool.query('DELETE FROM "Lead" WHERE id = $1', [leadId]);
    await server.append(accountId, [{ leadId, type: 'lead.deleted' }]);
    expect((await nextResult(states)).data).toEqual({ leadLive: null });
    expect((await states.next()).done).toBe(true);
  });

  it('is null for a lead of another account, and ends', async () => {
    const [mine, other] = [await server.createAccount(), await server.createAccount()];
    const leadId = await insertLead(other.accountId, 'Paid');
    const states = overWebSocket(server, 'subscription ($id: ID!) { leadLive(id: $id) { id } }', { id: leadId }, mine.token);
    expect((await nextResult(states)).data).toEqual({ leadLive: null });
    expect((await states.next()).done).toBe(true);
  });
});

async function insertLead(accountId: string, stage: string, number = 1): Promise<string> {
  const { rows } = await server.database.writePool.query<{ id: string }>(
    `INSERT INTO "Lead" (id, "accountId", number, stage, "createdAt", "updatedAt") VALUES (gen_random_uuid(), $1, $3, $2, now(), now()) RETURNING id`,
    [accountId, stage, number],
  );
  return rows[0]?.id ?? '';
}

describe('the log as a query', () => {
  const changes = `query ($after: Cursor, $first: Int, $filter: ChangeFilter) {
    changes(after: $after, first: $first, filter: $filter) {
      totalCount totalCountIsExact nodes { id seq } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;

  it('pages oldest first, and its end cursor is where leadChanges goes on', async () => {
    const { accountId, token } = await server.createAccount();
    await server.append(
      accountId,
      times(5, () => ({})),
    );
    const { data } = await ask(changes, { first: 3 }, token);
    expect(data).toMatchObject({
      changes: {
        totalCount: 5,
        totalCountIsExact: true,
        nodes: [{ seq: 1 }, { seq: 2 }, { seq: 3 }],
        pageInfo: { hasNextPage: true, hasPreviousPage: false, endCursor: encodeCursor(accountId, 3) },
      },
    });
    const rest = overWebSocket(server, leadChanges, { after: encodeCursor(accountId, 3) }, token);
    expect((await takeSeqs(rest, 2)).seqs).toEqual([4, 5]);
    await rest.return();
  });

  it('refuses a page that is too large, and a cursor of another account', async () => {
    const { token } = await server.createAccount();
    expect(errorCodes(await ask(changes, { first: 101 }, token))).toEqual(['BAD_USER_INPUT']);
    expect(errorCodes(await ask(changes, { after: encodeCursor(server.accountId, 0) }, token))).toEqual(['CURSOR_INVALID']);
  });

  it('shows the timelines of a page of leads in as many statements as that of one', async () => {
    const { accountId, token } = await server.createAccount();
    const query = vi.spyOn(server.database.readPool, 'query');
    const statementsFor = async (count: number) => {
      const before = query.mock.calls.length;
      const { data, errors } = await ask(
        `{ leads { nodes { timeline(first: 2) { totalCount nodes { seq lead { number } } pageInfo { hasNextPage } } } } }`,
        {},
        token,
      );
      expect(errors).toBeUndefined();
      expect(JSON.stringify(data).match(/"seq"/g)).toHaveLength(count * 2);
      return query.mock.calls.length - before;
    };
    await append(1);
    const forOne = await statementsFor(1);
    await append(19);
    expect(await statementsFor(20)).toBe(forOne);
    query.mockRestore();

    async function append(count: number): Promise<void> {
      const leadIds = await Promise.all(times(count, (i) => insertLead(accountId, 'Paid', count + i)));
      await server.append(
        accountId,
        leadIds.flatMap((leadId) => times(3, () => ({ leadId }))),
      );
    }
  });

  it('finds a change by its id, in its own account only', async () => {
    const [mine, other] = [await server.createAccount(), await server.createAccount()];
    await server.append(mine.accountId, [{ type: 'lead.created' }]);
    const { data } = await ask(changes, {}, mine.token);
    const id = JSON.stringify(data).match(/chg_[0-9a-f-]{36}/)?.[0];
    const node =
      'query ($id: ID!) { node(id: $id) { __typename ... on Change { type lead { id } stageChange { id } submission { id } } } }';
    expect((await ask(node, { id }, mine.token)).data).toEqual({
      node: { __typename: 'Change', type: 'lead.created', lead: null, stageChange: null, submission: null },
    });
    expect((await ask(node, { id }, other.token)).data).toEqual({ node: null });
  });
});

it('goes on through an outage of the database', async () => {
  const { accountId, token } = await server.createAccount();
  const messages = overWebSocket(server, leadChanges, { after: encodeCursor(accountId, 0) }, token);
  await server.append(accountId, [{}]);
  await takeSeqs(messages, 1);
  await server.database.writePool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
  await wait(50);
  await server.append(accountId, [{}]);
  expect((await takeSeqs(messages, 1)).seqs).toEqual([2]);
  await messages.return();
});
