import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Carrier } from '../../src/live/carrier.ts';
import type { ChangeItem } from '../../src/live/change-source.ts';
import { type Audience, createAudiences, type MakeResult } from '../../src/live/audience.ts';
import { LiveResults } from '../../src/live/live-results.ts';
import type { Stream } from '../../src/live/stream.ts';
import { createTurns, type LineUp, type TurnTaker } from '../../src/live/turns.ts';
import { times, until, wait } from './change-log.ts';
import { useChangeLog } from './use-change-log.ts';

const log = useChangeLog();

/** 0 for the last words of a stream. */
const seqOf = (delivery: object): number => ('item' in delivery ? (delivery.item as ChangeItem).seq : 0);
const atOnce: MakeResult = (delivery) => ({ data: { seq: seqOf(delivery) } });
const afterAWhile: MakeResult = async (delivery) => {
  await new Promise((resolve) => setTimeout(resolve, seqOf(delivery) % 3));
  return atOnce(delivery);
};

/** A subscriber whose messages leave when the test says so. */
async function subscribe(make: MakeResult, lineUp?: LineUp) {
  const accountId = await log.newAccount();
  const audience = createAudiences().join('all', () => make);
  return {
    ...(await listen(accountId, audience, lineUp)),
    append: (count: number) =>
      log.append(
        accountId,
        times(count, () => ({})),
      ),
  };
}

async function listen(accountId: string, audience: Audience, lineUp: LineUp = createTurns()) {
  const viewer = { kind: 'API_KEY', accountId, scopes: ['VIEWER'], credential: 'key', actor: 'key' } as const;
  const carrier: Carrier = { written: true, close: () => undefined };
  const stream = (await log.newHub().followChanges({ viewer, accountId, carrier }, { after: 0, filter: {} })) as Stream<ChangeItem>;
  const sent: number[][] = [];
  let leave: (() => void) | null = null;
  const results = new LiveResults({ stream, audience, finish: (result) => result, lineUp });
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
  return { sent, stream, results, carrier, leave: () => leave?.() };
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

it('what is still being made keeps nobody from what is ready', async () => {
  const accountId = await log.newAccount();
  const making: (() => void)[] = [];
  const make: MakeResult = (delivery) =>
    seqOf(delivery) < 3 ? atOnce(delivery) : new Promise((resolve) => making.push(() => resolve(atOnce(delivery))));
  const audiences = createAudiences();
  const join = () =>
    listen(
      accountId,
      audiences.join('all', () => make),
    );
  const [quick, slow] = [await join(), await join()];
  await log.append(accountId, [{}]);
  await until('both are sent the first', () => quick.sent.length === 1 && slow.sent.length === 1);
  await log.append(accountId, [{}]);
  quick.leave();
  await until('one of them is sent the second', () => quick.sent.length === 2);
  await log.append(accountId, [{}]);
  quick.leave();
  await until('the third is being made', () => making.length === 1);
  slow.leave();
  await until('the other is sent the second', () => slow.sent.length === 2);
  slow.leave();
  for (const finish of making) finish();
  await until('both are sent the third', () => quick.sent.length === 3 && slow.sent.length === 3);
  expect([quick.sent, slow.sent]).toEqual([
    [[1], [2], [3]],
    [[1], [2], [3]],
  ]);
});

it('who leaves while it waits for its turn is sent nothing', async () => {
  const waiting: TurnTaker[] = [];
  const { sent, append, results } = await subscribe(atOnce, (taker) => waiting.push(taker));
  await append(1);
  await until('it waits', () => waiting.length === 1);
  await results.return();
  for (const taker of waiting) taker.takeTurn();
  expect(sent).toEqual([]);
});

it('who leaves while its results are made is sent nothing', async () => {
  const waiting: TurnTaker[] = [];
  const making: (() => void)[] = [];
  const make: MakeResult = (delivery) =>
    seqOf(delivery) === 1 ? atOnce(delivery) : new Promise((resolve) => making.push(() => resolve(atOnce(delivery))));
  const { sent, append, results } = await subscribe(make, (taker) => waiting.push(taker));
  await append(2);
  await until('it waits for its turn', () => waiting.length === 1);
  waiting[0]?.takeTurn();
  expect(making.length).toBe(1);
  await results.return();
  for (const finish of making) finish();
  await wait(20);
  expect(sent).toEqual([]);
});
