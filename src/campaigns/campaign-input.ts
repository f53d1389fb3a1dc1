import { z } from 'zod';
import { Prisma } from '../../prisma/generated/client/client.ts';
import { nameSchema } from '../auth/name.ts';
import { moneyScale } from '../platform/money.ts';
import { hasControlCharacter } from '../platform/text.ts';

/** The rules that campaigns, event types and their settings obey. */

export interface PayoutInput {
  readonly fixed?: Prisma.Decimal | null | undefined;
  readonly percent?: Prisma.Decimal | null | undefined;
}

export interface CampaignEventInput {
  readonly eventId: string;
  readonly enabled?: boolean | null | undefined;
  readonly isConversion?: boolean | null | undefined;
  readonly allowRepeats?: boolean | null | undefined;
  readonly payout?: PayoutInput | null | undefined;
}

const maxIdLength = 100;
const mostEvents = 200;

const decimal = z.custom<Prisma.Decimal>((value) => Prisma.Decimal.isDecimal(value), 'must be a number');

/** Amounts stay below 10^13, so that sums of millions of them fit the database's columns. */
export const amount = decimal
  .refine((value) => value.isFinite() && value.gte(0), 'must be 0 or more')
  .refine((value) => value.lt('1e13'), 'must be less than 10000000000000')
  .refine((value) => value.decimalPlaces() <= moneyScale, `must have at most ${moneyScale} digits after the point`);

const percent = decimal
  .refine((value) => value.gte(0) && value.lte(1000), 'must be from 0 to 1000')
  .refine((value) => value.decimalPlaces() <= 6, 'must have at most 6 digits after the point');

/** An id that other systems put into addresses and bodies. */
const externalId = z
  .string()
  .refine((text) => !hasControlCharacter(text), 'must be one line of text')
  .transform((text) => text.trim())
  .pipe(z.string().min(1, 'must not be empty').max(maxIdLength, `must have at most ${maxIdLength} characters`));

// The paths of the REST endpoints: POST /api/event/trigger would never reach a campaign of that name.
const reserved = ['trigger', 'global'];

export const cid = externalId.refine(
  (text) => !reserved.includes(text) && !text.includes('/'),
  'must not be `trigger`, `global`, or hold a slash',
);
export const eventId = externalId;
export const name = nameSchema;
export const description = z.string().max(4096, 'must have at most 4096 characters').nullish();
export const payout = z.object({ fixed: amount.nullish(), percent: percent.nullish() }).nullish();

export const campaignEvents = z
  .array(
    z.object({
      eventId,
      enabled: z.boolean().nullish(),
      isConversion: z.boolean().nullish(),
      allowRepeats: z.boolean().nullish(),
      payout,
    }),
  )
  .max(mostEvents, `must be at most ${mostEvents} events`)
  .refine((events) => new Set(events.map((event) => event.eventId)).size === events.length, 'must name each event once');

/** A payout as the tables hold it. */
export const toStoredPayout = (given: PayoutInput | null | undefined) => ({
  payoutFixed: given?.fixed ?? null,
  payoutPercent: given?.percent ?? null,
});
