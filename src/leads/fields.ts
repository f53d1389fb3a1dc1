import { z } from 'zod';
import { hasControlCharacter, maxTextLength, measureJson, type StorableJson, toStorable } from '../platform/text.ts';
import { isEmail } from './email.ts';

/** The rules that a lead's fields obey, whoever sends them. */

const customDataLimit = { bytes: 64 * 1024, depth: 32, keys: 500 } as const;
const deviceTypes = ['desktop', 'mobile', 'tablet'];
const maxInt = 2_147_483_647;

const nfc = (value: string): string => value.normalize('NFC');
const bounded = z.string().max(maxTextLength, `must have at most ${maxTextLength} characters`);

export const text = bounded.transform(nfc).nullish();

const isClean = (value: string): boolean => !hasControlCharacter(value);
const uncleanMessage = 'must not contain control characters, nor half of a character';

/** For texts in which a control character is a fault of the sender, not a matter of taste. */
export const strictText = bounded.refine(isClean, uncleanMessage).nullish();

export const email = bounded
  .refine(isClean, uncleanMessage)
  .transform((value) => nfc(value.trim()))
  .refine((value) => value === '' || isEmail(value), 'must be an email address of at most 254 characters, like name@example.com')
  .nullish();

/** Longer ids would not fit into the indexes that find them. */
const maxIdLength = 255;
const id = z.string().max(maxIdLength, `must have at most ${maxIdLength} characters`);

/** What a source calls a lead: compared exactly. */
export const externalId = id.refine(isClean, uncleanMessage).nullish();

/** A CRM's id of a lead: compared exactly, but for space around it. */
export const crmLeadIdText = z
  .string()
  .trim()
  .max(maxIdLength, `must have at most ${maxIdLength} characters`)
  .refine(isClean, uncleanMessage);

export const crmLeadId = crmLeadIdText.nullish();

/** The id by which events name the lead, as its sender made it. */
export const transactionId = id
  .refine(isClean, uncleanMessage)
  .transform((value) => value.trim())
  .nullish();

export const phone = bounded.refine(isClean, uncleanMessage).transform(nfc).nullish();

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
    const message = customDataProblem(value);
    if (message !== null) ctx.addIssue({ code: 'custom', message });
  })
  .nullish();

/** The rule that custom data breaks, if any: in one request, and of a lead as a whole. */
export function customDataProblem(value: Readonly<Record<string, unknown>>): string | null {
  const size = measureJson(value, customDataLimit);
  if (size.depth > customDataLimit.depth || size.keys > customDataLimit.keys)
    return `must nest at most ${customDataLimit.depth} deep and hold at most ${customDataLimit.keys} keys`;
  return Buffer.byteLength(JSON.stringify(value)) > customDataLimit.bytes ? 'must be at most 64 KB as JSON' : null;
}

/** Fields that are stored as they came, or not at all. */
export const strictFields: ReadonlySet<string> = new Set([
  'leadId',
  'email',
  'phone',
  'crmLeadId',
  'transactionId',
  'externalId',
  'sellerLeadId',
]);

/** An input as it can be stored; but as it came where a character of a strict field would have to be replaced: the rule of that field refuses it. */
export function toCheckable<Input extends object>(input: Input): StorableJson<Input> {
  const { value, replaced } = toStorable(input);
  return { value: replaced.some((path) => strictFields.has(path)) ? input : value, replaced };
}
