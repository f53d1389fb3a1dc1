import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Viewer } from '../../src/auth/viewer.ts';
import type { ChangeFilter } from '../../src/changes/change.ts';
import { decodeCursor } from '../../src/changes/cursor.ts';
import type { Carrier } from '../../src/live/carrier.ts';
import type { ChangeItem } from '../../src/live/change-source.ts';
import type { LiveHub } from '../../src/live/hub.ts';
import type { Delivery } from '../../src/live/stream.ts';
import { times, until, wait } from './change-log.ts';
import { useChangeLog } from './use-change-log.ts';

const log = useChangeLog();
const { newHub } = log;

const viewerOf = (accountId: string, credential = 'key'): Viewer => ({
  kind: 'API_KEY',
  accountId,
  scopes: ['VIEWER'],
  credential,
  actor: credential,
});

interface Follow {
  readonly after?: number | null;
  readonly filter?: ChangeFilter;
  readonly carrier?: Carrier | null;
  readonly credential?: string;
}

const follow = (hub: LiveHub, accountId: string, { after = null, filter = {}, carrier = null, credential }: Follow = {}) =>
  hub.followChanges({ viewer: viewerOf(accountId, credential), accountId, carrier }, { after, filter });

type Changes = AsyncIterableIterator<Delivery<ChangeItem>>;

async function next(stream: Changes): Promise<ChangeItem> {
  const { value } = await stream.next();
  if (!value || !('item' in value)) throw new Error(`the stream ended: ${JSON.stringify(value)}`);
  return value.item;
}

/** The next changes, skipping messages that only carry a cursor. */
async function take(stream: Changes, count: number): Promise<number[]> {
  const seqs: number[] = [];
  while (seqs.length < count) {
    const { change } = await next(stream);
    if (change) seqs.push(Number(change.seq));
  }
  return seqs;
}

const upTo = (last: number, first = 1): number[] => times(last - first + 1, (i) => first + i);

describe('following an account', () => {
  it('says first where it starts, then sends every change once and in order', async () => {
    const accountId = await log.newAccount();
    await log.append(accountId, [{}, {}]);
    const stream = await follow(newHub(), accountId);
    expect(await next(stream)).toEqual({ seq: 2, change: null, view: null, gap: null });
    await log.append(
      accountId,
      times(300, () => ({})),
    );
    expect(await take(stream, 300)).toEqual(upTo(302, 3));
  });

  it('resumes after a position, from the first change on', async () => {
    const accountId = await log.newAccount();
    await log.append(
      accountId,
      times(1000, () => ({})),
    );
    const hub = newHub();
    expect(await take(await follow(hub, accountId, { after: 0 }), 1000)).toEqual(upTo(1000));
    expect(await take(await follow(hub, accountId, { after: 997 }), 3)).toEqual([998, 999, 1000]);
  });

  it('misses and repeats nothing, wherever it is cut off while others write', async () => {
    const accountId = await log.newAccount();
    const hub = newHub();
    let written = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 }),
        async (commits, pulls) => {
          const start = written;
          const end = (written += commits.reduce((sum, size) => sum + size, 0));
          const writing = Promise.all(
            commits.map((size) =>
              log.append(
                accountId,
                times(size, () => ({})),
              ),
            ),
          );
          const seen: number[] = [];
          let position = start;
          for (let cut = 0; position < end; cut += 1) {
            const stream = await follow(hub, accountId, { after: position });
            seen.push(...(await take(stream, Math.min(end - position, pulls[cut % pulls.length] ?? 1))));
            position = seen.at(-1) ?? position;
            await stream.return?.();
          }
          await writing;
          expect(seen).toEqual(upTo(end, start + 1));
        },
      ),
      { numRuns: 15 },
    );
  });

  it('reaches every subscriber of every process', async () => {
    const accountId = await log.newAccount();
    const hubs = [newHub(), newHub()];
    const streams = await Promise.all(times(20, (i) => follow(hubs[i % 2] ?? newHub(), accountId, { after: 0 })));
    const received = Promise.all(streams.map((stream) => take(stream, 500)));
    await Promise.all(
      times(50, () =>
        log.append(
          accountId,
          times(10, () => ({})),
        ),
      ),
    );
    for (const seqs of await received) expect(seqs).toEqual(upTo(500));
  });

  it('asks for the head once for all who come at the same moment, and never too early for one of them', async () => {
    const accountId = await log.newAccount();
    const hub = newHub();
    const query = vi.spyOn(log.database.readPool, 'query');
    const first = follow(hub, accountId, { after: 0 });
    await log.append(accountId, [{}, {}]);
    const rest = times(50, () => follow(hub, accountId, { after: 2 }));
    await Promise.all([first, ...rest]);
    expect(query.mock.calls.length).toBeLessThanOrEqual(4);
    query.mockRestore();
  });

  it('hears nothing of other accounts', async () => {
    const [mine, other] = [await log.newAccount(), await log.newAccount()];
    const stream = await follow(newHub(), mine, { after: 0 });
    await log.append(other, [{}, {}, {}]);
    await log.append(mine, [{ type: 'lead.created' }]);
    expect((await next(stream)).change).toMatchObject({ accountId: mine, type: 'lead.created', seq: 1n });
  });

  it('sends what the filter lets pass, and its cursor moves on over the rest', async () => {
    const accountId = await log.newAccount();
    const leadId = randomUUID();
    const stream = await follow(newHub({ heartbeatSeconds: 0.2 }), accountId, { after: 0, filter: { leadId, stage: ['Paid'] } });
    await log.append(accountId, [{ leadId, stage: 'Form Started' }, { stage: 'Paid' }, { leadId, stage: 'Paid' }, {}, {}]);
    expect((await next(stream)).seq).toBe(3);
    expect(await next(stream)).toEqual({ seq: 5, change: null, view: null, gap: null });
  });

  it('says when a lead leaves what the filter shows, and nothing of those that never were there', async () => {
    const accountId = await log.newAccount();
    const [leadId, other] = [randomUUID(), randomUUID()];
    const stream = await follow(newHub(), accountId, { after: 0, filter: { stage: ['Paid'], types: ['stage.changed'] } });
    const moved = (stage: string, from: string, id = leadId) => ({ type: 'stage.changed', leadId: id, stage, previous: { stage: from } });
    await log.append(accountId, [moved('Paid', 'New'), moved('Lost', 'New', other), moved('Lost', 'Paid'), moved('New', 'Lost')]);
    await log.append(accountId, [{ leadId, stage: 'Lost', previous: { stage: 'Paid' } }, moved('Paid', 'Lost')]);
    const told = [await next(stream), await next(stream), await next(stream)];
    expect(told.map(({ seq, view }) => [seq, view])).toEqual([
      [1, 'IN_VIEW'],
      [3, 'REMOVED_FROM_VIEW'],
      [6, 'IN_VIEW'],
    ]);
  });

  it('breaks a silence with a message that carries the latest cursor', async () => {
    const accountId = await log.newAccount();
    const stream = await follow(newHub({ heartbeatSeconds: 0.1 }), accountId);
    await next(stream);
    const startedAt = performance.now();
    expect(await next(stream)).toEqual({ seq: 0, change: null, view: null, gap: null });
    expect(performance.now() - startedAt).toBeGreaterThan(80);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  it('tells of changes that the log does not keep any more', async () => {
    const accountId = await log.newAccount();
    await log.append(
      accountId,
      times(200, () => ({})),
    );
    await log.database.writePool.query('DELETE FROM "Change" WHERE "accountId" = $1 AND seq BETWEEN 3 AND 150', [accountId]);
    const stream = await follow(newHub(), accountId, { after: 1 });
    expect((await next(stream)).seq).toBe(2);
    const gaps = [await next(stream), await next(stream)];
    expect(gaps.map(({ gap }) => gap)).toEqual([
      { from: 3, to: 128 },
      { from: 129, to: 150 },
    ]);
    expect(await take(stream, 50)).toEqual(upTo(200, 151));
  });

  it('refuses a cursor beyond the end of the log', async () => {
    const accountId = await log.newAccount();
    await expect(follow(newHub(), accountId, { after: 1 })).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
  });

  it('ends at once when it is told to, though it waits', async () => {
    const accountId = await log.newAccount();
    const hub = newHub();
    const stream = await follow(hub, accountId, { after: 0 });
    const pending = stream.next();
    await stream.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(hub.size).toBe(0);
  });

  it('goes on after its connections to the database were cut', async () => {
    const accountId = await log.newAccount();
    const stream = await follow(newHub(), accountId, { after: 0 });
    await log.append(accountId, [{}]);
    expect(await take(stream, 1)).toEqual([1]);
    await log.database.writePool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name IN ('leadgraph listener', 'leadgraph reader')`,
    );
    await log.append(accountId, [{}, {}]);
    expect(await take(stream, 2)).toEqual([2, 3]);
  });
});

/** A connection whose messages are all written, or none. */
function stalledCarrier(written: boolean) {
  const closed: [code: number, reason: string][] = [];
  const carrier: Carrier = {
    get written() {
      return written;
    },
    set written(_value) {},
    close: (code, reason) => closed.push([code, reason]),
  };
  return { carrier, closed };
}

describe('a subscriber that stops taking', () => {
  it.each([
    ['behind the message that was written', true, 1],
    ['before the message that may not have been written', false, 0],
  ])('is closed with a cursor %s, and disturbs nobody', async (_case, written, position) => {
    const accountId = await log.newAccount();
    const hub = newHub({ patienceMs: 300, heartbeatSeconds: 1 });
    const { carrier, closed } = stalledCarrier(written);
    const stalled = await follow(hub, accountId, { after: 0, carrier });
    const healthy = await follow(hub, accountId, { after: 0 });
    const received = take(healthy, 2000);
    await log.append(
      accountId,
      times(2000, () => ({})),
    );
    await next(stalled);
    await until('the stalled one is closed', () => closed.length > 0);
    const [code, cursor] = closed[0] ?? [0, ''];
    expect(code).toBe(1013);
    expect(decodeCursor(accountId, cursor)).toBe(position);
    expect(await received).toEqual(upTo(2000));
    expect(await take(await follow(hub, accountId, { after: position }), 2000 - position)).toEqual(upTo(2000, position + 1));
  });

  it('learns the reason and the cursor when it asks again', async () => {
    const accountId = await log.newAccount();
    const hub = newHub({ patienceMs: 200, heartbeatSeconds: 1 });
    const stream = await follow(hub, accountId, { after: 0 });
    await log.append(accountId, [{}, {}, {}]);
    await next(stream);
    await until('it is sent away', () => hub.size === 0);
    const { value } = await stream.next();
    expect(value).toMatchObject({ ended: { code: 'SLOW_SUBSCRIBER' } });
    expect(decodeCursor(accountId, value.ended.cursor)).toBe(1);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('is left alone while nothing waits for it', async () => {
    const accountId = await log.newAccount();
    const hub = newHub({ patienceMs: 100, heartbeatSeconds: 1 });
    await follow(hub, accountId);
    await wait(600);
    expect(hub.size).toBe(1);
  });
});

describe('a credential that is revoked', () => {
  it('closes its streams, is asked about once for all of them, and leaves others alone', async () => {
    const accountId = await log.newAccount();
    const asked: string[] = [];
    const revoked = new Set<string>();
    const isStillValid = async ({ credential }: Viewer) => {
      asked.push(credential);
      return !revoked.has(credential);
    };
    const hub = newHub({ isStillValid });
    const closed: [number, string][] = [];
    const carrier: Carrier = { written: true, close: (code, reason) => closed.push([code, reason]) };
    const streams = await Promise.all(times(10, () => follow(hub, accountId, { after: 0, credential: 'lost', carrier })));
    const kept = await follow(hub, accountId, { after: 0, credential: 'kept' });
    const pending = streams[0]?.next();
    revoked.add('lost');
    await until('ten streams are closed', () => hub.size === 1, 3000);
    expect(closed).toEqual(times(10, () => [4403, 'Forbidden']));
    expect(await pending).toMatchObject({ value: { ended: { code: 'FORBIDDEN' } } });
    expect(asked.filter((credential) => credential === 'lost')).toHaveLength(1);
    await log.append(accountId, [{}]);
    expect(await take(kept, 1)).toEqual([1]);
  });
});

describe('following one lead', () => {
  it('looks at once, merges what changed meanwhile, and ends when the lead is gone', async () => {
    const accountId = await log.newAccount();
    const leadId = randomUUID();
    let present = true;
    const hub = newHub();
    const stream = await hub.followLead(
      { viewer: viewerOf(accountId), accountId, carrier: null },
      { leadId, exists: async () => present, isErased: async () => false },
    );
    expect(await stream.next()).toMatchObject({ value: { item: { leadId } } });

    await log.append(
      accountId,
      times(50, () => ({ leadId })),
    );
    await log.append(
      accountId,
      times(1000, () => ({})),
    );
    expect(await stream.next()).toMatchObject({ value: { item: { leadId } } });

    const waiting = stream.next();
    await log.append(accountId, [{}, {}]);
    expect(await Promise.race([waiting, wait(300).then(() => 'silent')])).toBe('silent');
    present = false;
    await log.append(accountId, [{ leadId, type: 'lead.deleted' }]);
    expect(await waiting).toMatchObject({ value: { item: { leadId } } });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });
});
