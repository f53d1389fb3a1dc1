import { z } from 'zod';
import type { CostOperation, Prisma } from '../../prisma/generated/client/client.ts';
import { amount } from '../campaigns/campaign-input.ts';
import type { InputIssue } from '../errors.ts';
import { text } from '../leads/fields.ts';
import { toIssue } from '../platform/check-input.ts';
import { toStorable } from '../platform/text.ts';
import { parseConversionTime, zoneNames, zoneOffset } from './conversion-time.ts';
import { type EventLeadFields, noLeadFields, parseLeadFields } from './lead-fields.ts';

/** What `fireEvent` takes, as the graph hands it over. */
export interface FireEventInput {
  readonly cid?: string | null | undefined;
  readonly orgId?: string | null | undefined;
  readonly eventId: string;
  readonly transactionId: string;
  readonly pid?: string | null | undefined;
  readonly revenue?: Prisma.Decimal | null | undefined;
  readonly conversionDate?: string | null | undefined;
  readonly conversionTimezone?: string | null | undefined;
  readonly clid?: string | null | undefined;
  readonly sub?: readonly (string | null | undefined)[] | null | undefined;
  readonly adv?: readonly (string | null | undefined)[] | null | undefined;
  readonly utm?: unknown;
  readonly externalClickId?: string | null | undefined;
  readonly tcpaConsent?: boolean | null | undefined;
  readonly tcpaConsentDate?: Date | null | undefined;
  readonly cost?: Prisma.Decimal | null | undefined;
  readonly costOperation?: CostOperation | null | undefined;
  readonly adSpend?: Prisma.Decimal | null | undefined;
  readonly minPrice?: Prisma.Decimal | null | undefined;
  readonly leadFields?: unknown;
  readonly idempotencyKey?: string | null | undefined;
}

/** One request to fire an event, taken apart. What breaks a rule is in `issues`: the documented checks that come first look at other things. */
export interface Firing {
  readonly revenue: Prisma.Decimal | null;
  readonly cost: Prisma.Decimal | null;
  readonly costOperation: CostOperation;
  readonly adSpend: Prisma.Decimal | null;
  /** Null: now. */
  readonly occurredAt: Date | null;
  readonly details: Prisma.JsonObject;
  readonly lead: EventLeadFields;
  /** Revenue first. */
  readonly issues: readonly InputIssue[];
}

const record = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
);
const texts = z.array(text).max(20, 'must be at most 20 texts').nullish();

const schema = z.object({
  revenue: amount.nullish(),
  conversionTimezone: text.refine((zone) => !zone || zoneOffset(zone) !== null, `must be one of ${zoneNames.join(', ')}`),
  conversionDate: text,
  clid: text,
  sub: texts,
  adv: texts,
  utm: record.nullish(),
  externalClickId: text,
  tcpaConsent: z.boolean().nullish(),
  tcpaConsentDate: z.date().nullish(),
  cost: amount.nullish(),
  adSpend: amount.nullish(),
  minPrice: amount.nullish(),
  leadFields: record.nullish(),
});

/** Names under which the lead itself keeps parameters of its visit. */
const leadUtm = new Set(['source', 'medium', 'campaign', 'term', 'content']);

const nothing: Firing = {
  revenue: null,
  cost: null,
  costOperation: 'ADD',
  adSpend: null,
  occurredAt: null,
  details: {},
  lead: noLeadFields,
  issues: [],
};

/** Checks everything of a request but its ids. Never throws: the caller refuses when it is the turn of these checks. */
export function parseFiring(input: FireEventInput): Firing {
  const { value } = toStorable(input);
  const parsed = schema.safeParse(value);
  if (!parsed.success) return { ...nothing, revenue: input.revenue ?? null, issues: parsed.error.issues.map(toIssue) };
  const checked = parsed.data;
  const issues: InputIssue[] = [];
  const occurredAt = checked.conversionDate
    ? parseConversionTime(checked.conversionDate, zoneOffset(checked.conversionTimezone || 'UTC') ?? 0)
    : null;
  if (checked.conversionDate && occurredAt === null) {
    const message = 'must be an existing YYYY-MM-DD or YYYY-MM-DD HH:MM:SS';
    issues.push({ path: ['conversionDate'], message, code: 'INVALID_VALUE' });
  }
  const utm = toTexts(checked.utm);
  const visit = Object.fromEntries(Object.entries(utm).flatMap(([name, said]) => (leadUtm.has(name) ? [[`utm_${name}`, said]] : [])));
  const lead = parseLeadFields({ ...visit, ...checked.leadFields }, (input.leadFields ?? {}) as Readonly<Record<string, unknown>>);
  return {
    revenue: checked.revenue ?? null,
    cost: checked.cost ?? null,
    costOperation: input.costOperation ?? 'ADD',
    adSpend: checked.adSpend ?? null,
    occurredAt,
    lead,
    details: toDetails(checked, utm),
    issues: [...issues, ...lead.issues],
  };
}

/** What was said, without what was left out. */
function toDetails(checked: z.output<typeof schema>, utm: Readonly<Record<string, string>>): Prisma.JsonObject {
  const { clid, sub, adv, externalClickId, tcpaConsent, tcpaConsentDate, minPrice, conversionDate, conversionTimezone } = checked;
  return {
    ...(clid && { clid }),
    ...(sub?.some(Boolean) && { sub: sub.map((one) => one || null) }),
    ...(adv?.some(Boolean) && { adv: adv.map((one) => one || null) }),
    ...(Object.keys(utm).length > 0 && { utm }),
    ...(externalClickId && { externalClickId }),
    ...(typeof tcpaConsent === 'boolean' && { tcpaConsent }),
    ...(tcpaConsentDate && { tcpaConsentDate: tcpaConsentDate.toISOString().slice(0, 10) }),
    ...(minPrice && { minPrice: minPrice.toFixed() }),
    ...(conversionDate && { conversionDate }),
    ...(conversionTimezone && { conversionTimezone }),
  };
}

function toTexts(object: Readonly<Record<string, unknown>> | null | undefined): Readonly<Record<string, string>> {
  const entries = Object.entries(object ?? {}).slice(0, 50);
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (typeof value === 'string' && value !== '' ? [[name, value.slice(0, 4096)]] : [])),
  );
}
