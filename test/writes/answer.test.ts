import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Prisma } from '../../prisma/generated/client/client.ts';
import { decodeAnswer, encodeAnswer } from '../../src/writes/answer.ts';

const names = fc.constantFrom('$date', '$decimal', '$bigint', '$$date', '$', '$$', 'a', 'b');
const scalars = fc.oneof(
  fc.constantFrom('soon', '1', '2026-01-01', ''),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
  fc.bigInt({ min: 0n, max: 2n ** 63n }),
  fc.constantFrom('0', '18.505', '1e-18').map((text) => new Prisma.Decimal(text)),
);
const { answer } = fc.letrec<{ answer: unknown }>((tie) => ({
  answer: fc.oneof(
    { depthSize: 'small' },
    scalars,
    fc.array(tie('answer'), { maxLength: 3 }),
    fc.dictionary(names, tie('answer'), { maxKeys: 4 }),
  ),
}));

it('an answer is given again as it was, whatever its sender called the keys of its own data', () => {
  fc.assert(
    fc.property(answer, (given) => {
      expect(decodeAnswer(JSON.parse(encodeAnswer(given)))).toEqual(given);
    }),
    { numRuns: 500 },
  );
});
