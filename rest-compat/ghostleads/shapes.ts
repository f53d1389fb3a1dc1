import { z } from 'zod';

/** A text, or nothing: null and the empty string keep what is stored. */
export const text = (description: string) => z.string('must be a string').nullish().describe(description);

const numeric = /^[+-]?\d+(\.\d+)?$/;

/** A number. Legacy senders write numbers as text, so digits in a string count as well. */
function numberOrDigits(schema: z.ZodType<number, number>, description: string) {
  const digits = z
    .string()
    .transform((value) => value.trim())
    .refine((value) => value === '' || numeric.test(value))
    .transform((value) => (value === '' ? null : Number(value)))
    .pipe(schema.nullable());
  return z.union([schema, digits], { error: 'must be a number within the range of the field' }).nullish().describe(description);
}

export const number = (description: string) => numberOrDigits(z.number(), description);
export const integer = (description: string) => numberOrDigits(z.int32(), description);

/** An object of the sender's own making, handed on as it is: copying it would lose a key named `__proto__`. */
export const anyObject = (description: string) =>
  z
    .custom<Readonly<Record<string, unknown>>>(
      (value) => value === '' || (typeof value === 'object' && value !== null && !Array.isArray(value)),
      'must be an object',
    )
    .meta({ type: 'object', additionalProperties: true })
    .transform((value) => (isEmpty(value) ? null : value))
    .nullish()
    .describe(description);

export const boolean = (description: string) =>
  z
    .union([z.boolean(), z.literal('').transform(() => null)], { error: 'must be true or false' })
    .nullish()
    .describe(description);

/** As of every field, the empty text says nothing. */
const isEmpty = (value: unknown): boolean => value === '';
