import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { toIsoTime } from '../../src/platform/iso-time.ts';

it('writes every moment as toISOString does, whichever was written before', () => {
  const anyMoment = fc.date({ noInvalidDate: true });
  const ofFewDays = fc.integer({ min: -4, max: 4 }).map((halfDays) => new Date(halfDays * 43_200_000 - 1));
  fc.assert(
    fc.property(fc.array(fc.oneof(anyMoment, ofFewDays), { minLength: 1 }), (moments) => {
      expect(moments.map(toIsoTime)).toEqual(moments.map((at) => at.toISOString()));
    }),
    { numRuns: 500 },
  );
  expect(() => toIsoTime(new Date(Number.NaN))).toThrow(RangeError);
  expect(toIsoTime(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
});
