import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createTurns } from '../../src/live/turns.ts';
import { times } from './change-log.ts';

it('everybody gets a turn, in order, and others get theirs between slices of two milliseconds', async () => {
  const cost = fc.integer({ min: 0, max: 12 });
  await fc.assert(
    fc.asyncProperty(fc.array(cost, { maxLength: 40 }), async (costs) => {
      let now = 0;
      const lineUp = createTurns(() => now);
      const slices: number[][] = [[]];
      for (const [i, ms] of costs.entries()) {
        lineUp({
          takeTurn() {
            slices.at(-1)?.push(i);
            now += ms;
          },
        });
      }
      for (let round = 0; slices.flat().length < costs.length; round += 1) {
        expect(round).toBeLessThanOrEqual(costs.length);
        await nextTurn();
        slices.push([]);
      }
      expect(slices.flat()).toEqual(times(costs.length, (i) => i));
      const msOf = (slice: number[]): number => slice.reduce((sum, i) => sum + (costs[i] ?? 0), 0);
      for (const slice of slices) expect(msOf(slice.slice(0, -1))).toBeLessThan(2);
    }),
  );
});

it('who lines up again during its turn comes after those who wait', async () => {
  const lineUp = createTurns();
  const served: string[] = [];
  const again = {
    takeTurn() {
      served.push('again');
      if (served.length < 4) lineUp(again);
    },
  };
  lineUp(again);
  lineUp({ takeTurn: () => served.push('other') });
  while (served.length < 4) await nextTurn();
  expect(served).toEqual(['again', 'other', 'again', 'again']);
});
