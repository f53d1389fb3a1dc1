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

describe('what the text index is asked for', () => {
  it('is a word that the sample met hardly at all, and nothing else', () => {
    const { indexed, indexUs } = planSearch(sampleOf([0, 0.5, 0.1]));
    expect(indexed).toEqual([0]);
    expect(indexUs).toBeLessThan(2000);
  });

  it('is two common words when few leads have both', () => {
    expect(planSearch(sampleOf([0.03, 0.04, 0.7])).indexed).toEqual([0, 1]);
  });

  it('is not two words of which each comes with the other', () => {
    const met = [
      { mask: 0, leads: 3700 },
      { mask: 0b011, leads: 132 },
      { mask: 0b100, leads: 164 },
      { mask: 0b111, leads: 4 },
    ];
    expect(planSearch({ met, conditions: 3, matches: 0, span: 1_000_000 }).indexed).toEqual([0, 2]);
  });

  it('costs much where it would have to list a great part of all leads', () => {
    const { indexUs, matches } = planSearch(sampleOf([0.15, 0.17, 0.2], 4));
    expect(indexUs).toBeGreaterThan(100_000);
    expect(matches).toBeCloseTo(1000, -2);
  });

  it('is always something, whatever the sample', () => {
    const mask = fc.nat(2 ** 10 - 1);
    fc.assert(
      fc.property(
        fc.array(fc.record({ mask, leads: fc.nat(4000) })),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 5_000_000 }),
        (met, conditions, span) => {
          const plan = planSearch({ met, conditions, matches: 0, span });
          expect(plan.indexed.length).toBeGreaterThan(0);
          expect(new Set(plan.indexed).size).toBe(plan.indexed.length);
          expect(plan.indexUs).toBeLessThan(Infinity);
        },
      ),
    );
  });
});
