import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planSearch } from '../../src/leads/word-plan.ts';

const million = { leads: 4000, span: 1_000_000 };

describe('how to find leads by words', () => {
  it('asks the index at once where the sample met one word hardly at all', () => {
    expect(planSearch({ ...million, matches: 0, counts: [0, 2000, 400] }, 21)).toEqual({ walk: 0, indexed: [0] });
  });

  it('asks the index for two common words when few leads have both', () => {
    expect(planSearch({ ...million, matches: 0, counts: [110, 160, 3000] }, 21)).toEqual({ walk: 0, indexed: [0, 1] });
  });

  it('walks on where the index would have to list a great part of all leads', () => {
    const { walk } = planSearch({ ...million, matches: 4, counts: [600, 700, 800] }, 21);
    expect(walk).toBeGreaterThan(50_000);
  });

  it('never asks the index of a small account', () => {
    expect(planSearch({ leads: 4000, span: 9000, matches: 0, counts: [2900, 3100] }, 21)).toMatchObject({ walk: 9000 });
  });

  it('always has something to ask the index for, whatever the sample', () => {
    const count = fc.nat(4000);
    fc.assert(
      fc.property(
        fc.array(count, { minLength: 1, maxLength: 10 }),
        count,
        fc.integer({ min: 1, max: 5_000_000 }),
        fc.nat(200),
        (counts, leads, span, wanted) => {
          const plan = planSearch({ leads, matches: 0, counts, span }, wanted);
          expect(plan.indexed.length).toBeGreaterThan(0);
          expect(new Set(plan.indexed).size).toBe(plan.indexed.length);
          expect(plan.walk).toBeGreaterThanOrEqual(0);
          expect(plan.walk).toBeLessThanOrEqual(span);
        },
      ),
    );
  });
});
