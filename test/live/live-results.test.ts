import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Carrier } from '../../src/live/carrier.ts';
import type { ChangeItem } from '../../src/live/change-source.ts';
import { followLog } from '../../src/changes/follow-log.ts';
import { createAudiences, type MakeResult } from '../../src/live/audience.ts';
import { createHub } from '../../src/live/hub.ts';
import { LiveResults } from '../../src/live/live-results.ts';
import type { Stream } from '../../src/live/stream.ts';
import { type ChangeLog, createChangeLog, silent, times, until } from './change-log.ts';

let log: ChangeLog;
const opened: { close: () => unknown }[] = [];
beforeAll(async () => {
  log = await createChangeLog();
});
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});
afterAll(() => log.close());

/** 0 for the last words of a stream. */
const seqOf = (delivery: object): number => ('item' in delivery ? (delivery.item as ChangeItem).seq : 0);
const atOnce: MakeResult = (delivery) => ({ data: { seq: seqOf(delivery) } });
const afterAWhile: MakeResult = async (delivery) => {
  await new Promise((resolve) => setTimeout(resolve, seqOf(delivery) % 3));
  return atOnce(delivery);
};

/** A subscriber whose messages leave when the test says so. */
async function subscribe(make: MakeResult) {
  const accountId = await log.newAccount();
  const follower = followLog(log.database, silent);
  const hub = createHub({ follower, isStillValid: async () => true, heartbeatSeconds: 60 });
  opened.push(follower, hub);
  const viewer = { kind: 'API_KEY', accountId, scopes: ['VIEWER'], credential: 'key', actor: 'key' } as const;
  const carrier: Carrier = { written: true, close: () => undefined };
  const stream = (await hub.followChanges({ viewer, accountId, carrier }, { after: 0, filter: {} })) as Stream<ChangeItem>;
  const sent: number[][] = [];
  let leave: (() => void) | null = null;
  const results = new LiveResults({ stream, audience: createAudiences().join('all', () => make), finish: (result) => result });
  void results.deliver({
    send(payloads, done) {
      if (leave) throw new Error('sent before the last ones had left');
      sent.push(payloads.map((payload) => Number(JSON.parse(payload).data.seq)));
      carrier.written = true;
      leave = () => {
        leave = null;
        done();
      };
    },
  });
  return {
    sent,
    stream,
    carrier,
    append: (count: number) =>
      log.append(
        accountId,
        times(count, () => ({})),
      ),
    leave: () => leave?.(),
  };
}

it('what waits for a subscriber leaves together, sixteen at most, as soon as what was sent before has left', async () => {
  const { sent, append, leave } = await subscribe(atOnce);
  await append(1);
  await until('the first one is sent', () => sent.length === 1);
  await append(40);
  await until('nothing is sent while the first one has not left', () => sent.length === 1);
  for (let writes = 2; writes <= 4; writes += 1) {
    leave();
    await until(`write ${writes}`, () => sent.length === writes);
  }
  expect(sent.map(({ length }) => length)).toEqual([1, 16, 16, 8]);
  expect(sent.flat()).toEqual(times(41, (i) => i + 1));
});

it('a subscriber that reads nothing is confirmed up to what had left, and rests', async () => {
  const { sent, append, stream, carrier } = await subscribe(afterAWhile);
  await append(10);
  await until('they are sent', () => sent.length === 1);
  expect([carrier.written, stream.confirmed, sent[0]?.length]).toEqual([true, 0, 10]);
  expect(stream.restingSince).not.toBeNull();
});

it('every change is sent once and in order, however they come and leave, and whether results are ready or made', async () => {
  const step = fc.oneof(fc.nat({ max: 30 }), fc.constant('leave' as const));
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(step, { maxLength: 12 }), async (isReady, steps) => {
      const { sent, append, leave } = await subscribe(isReady ? atOnce : afterAWhile);
      let appended = 0;
      for (const what of steps) {
        if (what === 'leave') leave();
        else if (what > 0) {
          await append(what);
          appended += what;
        }
      }
      await until('everything is sent', () => {
        leave();
        return sent.flat().length === appended;
      });
      expect(sent.flat()).toEqual(times(appended, (i) => i + 1));
      expect(Math.max(0, ...sent.map(({ length }) => length))).toBeLessThanOrEqual(16);
    }),
    { numRuns: 25 },
  );
});
