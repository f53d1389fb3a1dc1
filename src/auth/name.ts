import { z } from 'zod';
import { hasControlCharacter } from '../platform/text.ts';

const maxNameLength = 100;

/** What people call a key or an account. */
export const nameSchema = z
  .string()
  .refine((text) => !hasControlCharacter(text), 'must be one line of text')
  .transform((text) => text.trim().normalize('NFC'))
  .pipe(z.string().min(1, 'must not be empty').max(maxNameLength, `must have at most ${maxNameLength} characters`));
