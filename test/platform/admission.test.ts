import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createAdmission } from '../../src/platform/admission.ts';

const maxMs = 500;
const atLeast = 24;

/** One that answers in order, as many a second as it is told, in a time of its own. */
function createWorld() {
  let now = 0;
  const admission = createAdmission({ maxMs, atLeast, now: () => now });
  const queue: number[] = [];
  let credit = 0;

  /** Each millisecond so many come and so many can be answered; says what came of it. */
  function run(ms: number, comePerMs: number, answersPerMs: number) {
    const told = { refused: 0, answered: 0, longestMs: 0 };
    let due = 0;
    for (const end = now + ms; now < end; now += 1) {
      for (due += comePerMs; due >= 1; due -= 1) {
        if (admission.enter()) queue.push(now);
        else told.refused += 1;
      }
      credit = queue.length === 0 ? 0 : credit + answersPerMs;
      for (; credit >= 1 && queue.length > 0; credit -= 1) {
        told.longestMs = Math.max(told.longestMs, now - (queue.shift() ?? now));
        told.answered += 1;
        admission.leave();
      }
    }
    return told;
  }
  return { run, burst: (count: number) => run(1, count, 0).refused };
}

it('lets a first burst in whole, however slow the answers are', () => {
  const world = createWorld();
  expect(world.burst(300)).toBe(0);
});

it('answers those it lets in on time, and none too few of them, at whatever pace, when many times as many come', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 20, noNaN: true }), fc.double({ min: 1.5, max: 10, noNaN: true }), (pace, times) => {
      const { run } = createWorld();
      run(5000, pace * times, pace);
      const { refused, answered, longestMs } = run(10_000, pace * times, pace);
      expect(refused).toBeGreaterThan(0);
      expect(answered).toBeGreaterThan(pace * 10_000 * 0.9);
      expect(longestMs).toBeLessThan(Math.max(maxMs * 1.25, atLeast / pace + 5));
    }),
    { numRuns: 50 },
  );
});

it('refuses nobody while answers keep up', () => {
  const { run } = createWorld();
  run(5000, 5, 1);
  run(2000, 0, 1);
  expect(run(10_000, 0.8, 1).refused).toBe(0);
});

it('forgets a slow time within a minute', () => {
  const world = createWorld();
  world.run(5000, 1, 0.05);
  world.run(2000, 0, 1);
  expect(world.burst(300)).toBeGreaterThan(0);
  world.run(60_000, 0.02, 1);
  expect(world.burst(300)).toBe(0);
});

it('forgets it while nobody asks, too', () => {
  const world = createWorld();
  world.run(5000, 1, 0.05);
  world.run(2000, 0, 1);
  world.run(60_000, 0, 1);
  expect(world.burst(300)).toBe(0);
});

it('remembers that it is fast', () => {
  const world = createWorld();
  world.run(5000, 10, 5);
  world.run(5000, 0.1, 5);
  expect(world.burst(1500)).toBe(0);
});
