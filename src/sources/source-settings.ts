import { z } from 'zod';
import { type Prisma, Prisma as PrismaValues } from '../../prisma/generated/client/client.ts';
import { hasControlCharacter } from '../platform/text.ts';
import { toProductKey } from './source.ts';
import { toStateCode } from './us-states.ts';

/** What people set of a source, as the graph hands it over. Absent: stays. Null: is cleared. */
export interface SourceSettings {
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly enabled?: boolean | null | undefined;
  readonly complianceApproved?: boolean | null | undefined;
  readonly complianceNotes?: string | null | undefined;
  readonly requiresTrustedForm?: boolean | null | undefined;
  readonly allowedStates?: readonly string[] | null | undefined;
  readonly allowedProducts?: readonly string[] | null | undefined;
  readonly defaultTags?: readonly string[] | null | undefined;
  readonly costPerLead?: Prisma.Decimal | null | undefined;
  readonly pid?: string | null | undefined;
}

const plain = z.string().refine((text) => !text.includes('\0') && text.isWellFormed(), 'must not contain characters that cannot be stored');

const line = (most: number) =>
  plain
    .refine((text) => !hasControlCharacter(text), 'must be one line of text')
    .transform((text) => text.trim().normalize('NFC'))
    .pipe(z.string().min(1, 'must not be empty').max(most, `must have at most ${most} characters`));

const note = plain.max(4096, 'must have at most 4096 characters').transform((text) => text.trim() || null);

const state = plain.transform((text, ctx) => {
  const code = toStateCode(text);
  if (code !== null) return code;
  ctx.addIssue({ code: 'custom', message: `must be a U.S. state, as two letters or by its name` });
  return z.NEVER;
});

const distinct = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] => [
  ...new Map(items.map((item) => [keyOf(item), item])).values(),
];

const flag = (whenNull: boolean) =>
  z
    .boolean()
    .nullish()
    .transform((value) => (value === null ? whenNull : value));

const list = <Item extends z.ZodType<string>>(item: Item, most: number, keyOf: (text: string) => string) =>
  z
    .array(item)
    .max(most, `must be at most ${most}`)
    .nullish()
    .transform((items) => (items === undefined ? undefined : distinct(items ?? [], keyOf)));

/** For the settings of an existing source; a new one needs its name as well. */
export const settingsSchema = z.object({
  name: line(255).optional(),
  description: note.nullish(),
  enabled: flag(true),
  complianceApproved: flag(false),
  complianceNotes: note.nullish(),
  requiresTrustedForm: flag(true),
  allowedStates: list(state, 100, (code) => code),
  allowedProducts: list(line(200), 200, toProductKey),
  defaultTags: list(line(100), 50, (tag) => tag),
  costPerLead: z
    .custom<Prisma.Decimal>((value) => PrismaValues.Decimal.isDecimal(value))
    .refine((cost) => !cost.isNegative(), 'must not be negative')
    // Like every amount: a lead's cost is a sum of these and of what events add.
    .refine((cost) => cost.lt('1e13'), 'must be less than 10000000000000')
    .nullish(),
  pid: line(255).nullish(),
});

/** Settings that obey their rules; an undefined one stays as it is. */
export type CheckedSettings = z.output<typeof settingsSchema>;
