import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { encodeCursor } from '../../src/changes/cursor.ts';
import { createAudiences } from '../../src/live/audience.ts';
import { SlowSubscriberError } from '../../src/live/errors.ts';
import { times, until } from './change-log.ts';
import { createLiveServer, type LiveServer, rootKey } from './live-server.ts';
import { overServerSentEvents, overWebSocket, type Results } from './transports.ts';

let server: LiveServer;
beforeAll(async () => {
  server = await createLiveServer();
});
afterAll(() => server.close());

interface Reader {
  readonly accountId: string;
  readonly key: string;
}

const documents = [
  'subscription ($after: Cursor, $filter: ChangeFilter) { leadChanges(after: $after, filter: $filter) { cursor change { seq type } gap { toCursor } } }',
  'subscription ($after: Cursor, $filter: ChangeFilter) { leadChanges(after: $after, filter: $filter) { change { seq data lead { uuid stage { name } } } } }',
  'subscription ($after: Cursor, $filter: ChangeFilter, $brief: Boolean = false) { leadChanges(after: $after, filter: $filter) { change { seq at: recordedAt ...More @skip(if: $brief) } } } fragment More on Change { leadId summary }',
  'subscription Named($after: Cursor, $filter: ChangeFilter) { ...All } fragment All on Subscription { leadChanges(filter: $filter, after: $after) { change { seq lead { number } } cursor } }',
] as const;

const types = ['lead.created', 'stage.changed'] as const;
const stages = ['Form Started', 'Paid'] as const;

interface Filter {
  readonly types?: readonly string[];
  readonly stage?: readonly string[];
}

interface Subscription {
  readonly reader: Reader;
  readonly query: string;
  readonly overEvents: boolean;
  readonly after: number;
  readonly filter: Filter;
  readonly brief: boolean;
}

/** Reads until the last change that the filter lets pass. `own` is a variable that no field reads: whoever sends one is told things alone. */
async function readAll({ reader, query, overEvents, after, filter, brief }: Subscription, head: number, own?: string): Promise<unknown[]> {
  const variables = {
    filter,
    after: encodeCursor(reader.accountId, after),
    ...(query.includes('$brief') && { brief }),
    ...(own !== undefined && { own }),
  };
  const results: Results = (overEvents ? overServerSentEvents : overWebSocket)(server, query, variables, reader.key);
  const told: unknown[] = [];
  for await (const { data, errors } of results) {
    if (errors) throw new Error(JSON.stringify(errors));
    told.push(data);
    if (seqOf(data) === lastOf(filter, head)) break;
  }
  return told;
}

const seqOf = (data: unknown): number => Number(/"change":\{"seq":(\d+)/.exec(JSON.stringify(data))?.[1]);

/** Every round ends with one change of each type and stage, in this order. */
const endings = types.flatMap((type) => stages.map((stage) => ({ type, stage })));

function lastOf({ types: wanted, stage }: Filter, head: number): number {
  const index = endings.findLastIndex((one) => (!wanted || wanted.includes(one.type)) && (!stage || stage.includes(one.stage)));
  return head - endings.length + 1 + index;
}

async function insertLead(accountId: string, number: number): Promise<string> {
  const { rows } = await server.database.writePool.query<{ id: string }>(
    `INSERT INTO "Lead" (id, "accountId", number, stage, "createdAt", "updatedAt") VALUES (gen_random_uuid(), $1, $2, 'Paid', now(), now()) RETURNING id`,
    [accountId, number],
  );
  return rows[0]?.id ?? '';
}

describe('subscribers of many documents, variables, keys and accounts', () => {
  it('are each told exactly what they would be told alone', async () => {
    const accounts = await Promise.all(times(2, () => server.createAccount()));
    const extraKey = await server.createApiKey('VIEWER');
    const readers: Reader[] = [
      ...accounts.map(({ accountId, token }) => ({ accountId, key: token })),
      { accountId: server.accountId, key: rootKey },
      { accountId: server.accountId, key: extraKey.token },
    ];
    const accountIds = [...new Set(readers.map(({ accountId }) => accountId))];
    const leads = new Map(
      await Promise.all(accountIds.map(async (id) => [id, await Promise.all(times(3, (i) => insertLead(id, i + 1)))] as const)),
    );
    const heads = new Map(accountIds.map((id) => [id, 0]));
    const headOf = (accountId: string): number => heads.get(accountId) ?? 0;

    const filters = fc.record(
      { types: fc.subarray([...types], { minLength: 1 }), stage: fc.subarray([...stages], { minLength: 1 }) },
      { requiredKeys: [] },
    );
    const subscriptions = fc.record({
      query: fc.constantFrom(...documents),
      overEvents: fc.boolean(),
      back: fc.nat({ max: 6 }),
      filter: filters,
      brief: fc.boolean(),
    });
    const changes = fc.record({ type: fc.constantFrom(...types), stage: fc.constantFrom(...stages), lead: fc.nat({ max: 2 }) });

    await fc.assert(
      fc.asyncProperty(
        fc.array(subscriptions, { minLength: 1, maxLength: 3 }),
        fc.array(fc.array(changes, { maxLength: 5 }), { maxLength: 4 }),
        async (made, commits) => {
          // The same from everybody: what must stay apart differs in nothing but who asks.
          const asked = made.flatMap(({ back, ...rest }) =>
            readers.map((reader) => ({ ...rest, reader, after: Math.max(0, headOf(reader.accountId) - back) })),
          );
          const added = commits.reduce((sum, { length }) => sum + length, endings.length);
          const ends = new Map(accountIds.map((id) => [id, headOf(id) + added]));
          const endOf = ({ reader }: Subscription): number => ends.get(reader.accountId) ?? 0;
          const together = Promise.all(asked.map((one) => readAll(one, endOf(one))));
          for (const accountId of accountIds) {
            const ofAccount = leads.get(accountId) ?? [];
            for (const commit of [...commits, endings.map((ending) => ({ ...ending, lead: 0 }))]) {
              await server.append(
                accountId,
                commit.map(({ lead, ...change }) => ({ ...change, leadId: ofAccount[lead] ?? '' })),
              );
            }
            heads.set(accountId, headOf(accountId) + added);
          }
          const told = await together;
          const alone = await Promise.all(asked.map((one, i) => readAll(one, endOf(one), `${i}`)));
          expect(told).toEqual(alone);
        },
      ),
      { numRuns: 12 },
    );
    await until('every stream is gone', () => server.hub.size === 0);
  });
});

it('reads a lead once, however many subscribers are shown it', async () => {
  const { accountId, token } = await server.createAccount();
  const leadId = await insertLead(accountId, 1);
  const query = vi.spyOn(server.database.readPool, 'query');
  const statementsFor = async (subscribers: number): Promise<number> => {
    const streams = times(subscribers, () => overWebSocket(server, 'subscription { leadChanges { change { lead { uuid } } } }', {}, token));
    // The first message says where the stream begins.
    await Promise.all(streams.map((stream) => stream.next()));
    const before = query.mock.calls.length;
    await server.append(accountId, [{ leadId }]);
    for (const { value } of await Promise.all(streams.map((stream) => stream.next()))) {
      expect(value).toMatchObject({ data: { leadChanges: { change: { lead: { uuid: leadId } } } } });
    }
    const statements = query.mock.calls.slice(before).filter(([statement]) => JSON.stringify(statement).includes('Lead')).length;
    await Promise.all(streams.map((stream) => stream.return()));
    return statements;
  };
  expect(await statementsFor(20)).toBe(await statementsFor(1));
  query.mockRestore();
});

const item = (name: string) => ({ item: null, name });

describe('what one of an audience was told', () => {
  it('is told to the next, as long as it is fresh and there is a next', async () => {
    let now = 0;
    let made = 0;
    const make = () => () => ({ data: { made: (made += 1) } });
    const audiences = createAudiences(() => now);
    const one = audiences.join('a', make);
    expect([await one.resultOf(item('1')), await one.resultOf(item('1'))]).toEqual([{ data: { made: 1 } }, { data: { made: 2 } }]);
    const two = audiences.join('a', make);
    const other = audiences.join('b', make);
    expect(await one.resultOf(item('1'))).toEqual({ data: { made: 3 } });
    expect(await two.resultOf(item('1'))).toEqual({ data: { made: 3 } });
    expect(await two.resultOf(item('2'))).toEqual({ data: { made: 4 } });
    expect(await other.resultOf(item('1'))).toEqual({ data: { made: 5 } });
    const ended = { ended: new SlowSubscriberError('cursor') };
    expect([await one.resultOf(ended), await two.resultOf(ended)]).toEqual([{ data: { made: 6 } }, { data: { made: 7 } }]);
    now = 1000;
    expect(await one.resultOf(item('1'))).toEqual({ data: { made: 8 } });
    two.leave();
    two.leave();
    expect(await one.resultOf(item('1'))).toEqual({ data: { made: 9 } });
  });

  it('is not a failure that another one met', async () => {
    const answers = [Promise.reject(new Error('away')), Promise.resolve({ data: null })];
    const audiences = createAudiences();
    const make = () => () => answers.shift() ?? { data: null };
    const [one, two] = [audiences.join('a', make), audiences.join('a', make)];
    await expect(one.resultOf({ item: null, name: '1' })).rejects.toThrow('away');
    expect(await two.resultOf({ item: null, name: '1' })).toEqual({ data: null });
  });
});
