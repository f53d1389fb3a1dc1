import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planSearch } from '../../src/leads/word-plan.ts';

/** A sample in which the words come independently of each other; shares of all leads. */
function independent(shares: readonly number[], leads = 4000): { readonly mask: number; readonly leads: number }[] {
  return Array.from({ length: 2 ** shares.length }, (_, mask) => ({
    mask,
    leads: Math.round(shares.reduce((part, share, i) => part * (mask & (1 << i) ? share : 1 - share), leads)),
  }));
}
const sampleOf = (shares: readonly number[], matches = 0, span = 1_000_000) => ({
  met: independent(shares),
  conditions: shares.length,
  matches,
  span,
});

describe('how to find leads by words', () => {
  it('asks the index at once where the sample met one word hardly at all', () => {
    expect(planSearch(sampleOf([0, 0.5, 0.1]), 21)).toEqual({ walk: 0, indexed: [0] });
  });

  it('asks the index for two common words when few leads have both', () => {
    expect(planSearch(sampleOf([0.03, 0.04, 0.7]), 21)).toEqual({ walk: 0, indexed: [0, 1] });
  });

  it('does not ask for two words of which each comes with the other', () => {
    const met = [
      { mask: 0, leads: 3700 },
      { mask: 0b011, leads: 132 },
      { mask: 0b100, leads: 164 },
      { mask: 0b111, leads: 4 },
    ];
    expect(planSearch({ met, conditions: 3, matches: 0, span: 1_000_000 }, 21).indexed).toEqual([0, 2]);
  });

  it('walks on where the index would have to list a great part of all leads', () => {
    const { walk } = planSearch(sampleOf([0.15, 0.17, 0.2], 4), 21);
    expect(walk).toBeGreaterThan(50_000);
  });

  it('never asks the index of a small account', () => {
    expect(planSearch(sampleOf([0.7, 0.8], 0, 9000), 21)).toMatchObject({ walk: 9000 });
  });

  it('always has something to ask the index for, whatever the sample', () => {
    const mask = fc.nat(2 ** 10 - 1);
    fc.assert(
      fc.property(
        fc.array(fc.record({ mask, leads: fc.nat(4000) })),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 5_000_000 }),
        fc.nat(200),
        (met, conditions, span, wanted) => {
          const plan = planSearch({ met, conditions, matches: 0, span }, wanted);
          expect(plan.indexed.length).toBeGreaterThan(0);
          expect(new Set(plan.indexed).size).toBe(plan.indexed.length);
          expect(plan.walk).toBeGreaterThanOrEqual(0);
          expect(plan.walk).toBeLessThanOrEqual(span);
        },
      ),
    );
  });
});
