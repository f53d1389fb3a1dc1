import { z } from 'zod';
import { hasControlCharacter, maxTextLength, measureJson } from '../platform/text.ts';
import { isEmail } from './email.ts';

/** The rules that a lead's fields obey, whoever sends them. */

const customDataLimit = { bytes: 64 * 1024, depth: 32, keys: 500 } as const;
const deviceTypes = ['desktop', 'mobile', 'tablet'];
const maxInt = 2_147_483_647;

const nfc = (value: string): string => value.normalize('NFC');
const bounded = z.string().max(maxTextLength, `must have at most ${maxTextLength} characters`);

export const text = bounded.transform(nfc).nullish();

/** For texts in which a control character is a fault of the sender, not a matter of taste. */
export const strictText = bounded.refine((value) => !hasControlCharacter(value), 'must not contain control characters').nullish();

export const email = bounded
  .refine((value) => !hasControlCharacter(value), 'must not contain control characters')
  .transform((value) => nfc(value.trim()))
  .refine((value) => value === '' || isEmail(value), 'must be an email address of at most 254 characters, like name@example.com')
  .nullish();

/** Longer ids would not fit into the index that finds them. */
const maxCrmLeadIdLength = 255;

/** A CRM's id of a lead: compared exactly, but for space around it. */
export const crmLeadIdText = z
  .string()
  .trim()
  .max(maxCrmLeadIdLength, `must have at most ${maxCrmLeadIdLength} characters`)
  .refine((value) => !hasControlCharacter(value) && value.isWellFormed(), 'must not contain control characters');

export const crmLeadId = crmLeadIdText.nullish();

/** The id by which events name the lead, as its sender made it. */
export const transactionId = z
  .string()
  .max(255, 'must have at most 255 characters')
  .refine((value) => !hasControlCharacter(value), 'must not contain control characters')
  .transform((value) => value.trim())
  .nullish();

export const phone = bounded
  .refine((value) => !hasControlCharacter(value), 'must not contain control characters')
  .transform(nfc)
  .nullish();

export const count = z.number().int('must be a whole number').min(0, 'must not be negative').max(maxInt, 'is too large').nullish();

export const percent = z.number().min(0, 'must be from 0 to 100').max(100, 'must be from 0 to 100').nullish();

export const deviceType = z
  .string()
  .transform((value) => value.trim().toLowerCase())
  .refine((value) => value === '' || deviceTypes.includes(value), `must be one of ${deviceTypes.join(', ')}`)
  .nullish();

export const pastDate = z
  .date()
  .refine((day) => day.getTime() <= Date.now(), 'must not be in the future')
  .nullish();

const line = z.string().max(200, 'must have at most 200 characters').transform(nfc).nullish();

export const address = z.object({ line1: line, line2: line, city: line, state: line, postalCode: line, country: line }).nullish();

export const tags = z
  .array(z.string().trim().min(1, 'must not be empty').max(100, 'must have at most 100 characters').transform(nfc))
  .max(50, 'must be at most 50 tags')
  .transform((names) => [...new Set(names)])
  .nullish();

export const customData = z
  .custom<Readonly<Record<string, unknown>>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object',
  )
  .superRefine((value, ctx) => {
    const size = measureJson(value, customDataLimit);
    if (size.depth > customDataLimit.depth || size.keys > customDataLimit.keys) {
      ctx.addIssue({
        code: 'custom',
        message: `must nest at most ${customDataLimit.depth} deep and hold at most ${customDataLimit.keys} keys`,
      });
    } else if (Buffer.byteLength(JSON.stringify(value)) > customDataLimit.bytes) {
      ctx.addIssue({ code: 'custom', message: 'must be at most 64 KB as JSON' });
    }
  })
  .nullish();
