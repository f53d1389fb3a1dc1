import { z } from 'zod';
import { toDigits } from '../exact-numbers.ts';
import { isRealDay } from '../real-day.ts';

/** What a message of a missing field says, and by which it is known. */
export const missing = 'is required';

const scalarText = z.union([z.string(), z.number()], 'must be a text');

/** A text, or nothing. Senders write ids that look like numbers as numbers. */
const text = (description: string) => scalarText.nullish().describe(description);

export const requiredId = (description: string) =>
  z
    .unknown()
    .refine((value) => value !== undefined && value !== null && value !== '' && !(typeof value === 'string' && value.trim() === ''), {
      error: missing,
      abort: true,
    })
    .refine((value) => typeof value === 'string' || typeof value === 'number', 'must be a text')
    .transform(String)
    .meta({ type: 'string', description });

/** Amounts stay as they are here: whether they obey their rule is asked in the documented order, after the lead and the event. */
const amount = (description: string) => z.unknown().optional().meta({ type: 'number', description });

const isDay = (value: string): boolean => value === '' || (/^\d{4}-\d{2}-\d{2}$/.test(value) && isRealDay(value));

const consents: ReadonlyMap<unknown, boolean | null> = new Map<unknown, boolean | null>([
  [0, false],
  [1, true],
  ['0', false],
  ['1', true],
  [false, false],
  [true, true],
  ['', null],
]);

const costOperations: ReadonlyMap<string, 'ADD' | 'SUBTRACT' | 'OVERRIDE' | null> = new Map([
  ['add', 'ADD'],
  ['substract', 'SUBTRACT'],
  ['subtract', 'SUBTRACT'],
  ['override', 'OVERRIDE'],
  ['', null],
]);

/** Both documented forms of the body, for every endpoint. */
export const eventFields = {
  event_id: requiredId('Event ID which you want to fire for the lead. Must be configured for the campaign.'),
  transaction_id: requiredId("Lead's Transaction ID; the lead's own id is taken as well."),
  pid: text('PID is partner ID (source unique ID). Defaults to organic if omitted.'),
  revenue: amount('Revenue amount. Required when the event is a conversion.'),
  amount: amount('Amount is conversion amount for lead: another name for revenue.'),
  clid: text('clid of the offer'),
  conversion_date: text("'YYYY-MM-DD' or 'YYYY-MM-DD HH:MM:SS'. Omitted: now."),
  conversion_timezone: text(
    'PST (UTC-8), EST (-5), CST (-6), MST (-7), AKST (-9), SST (-11), HST (-10), AST (-4): each a fixed offset, without daylight saving. Omitted: UTC.',
  ),
  ...Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`sub${n}`, text(`Sub ID ${n} of lead's partner tracking URL`)])),
  ...Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`adv${n}`, text(`Adv ID ${n} of lead's partner tracking URL`)])),
  utm_source: text('UTM Source'),
  utm_medium: text('UTM Medium'),
  utm_campaign: text('UTM Campaign'),
  utm_adgroup: text('UTM AdGroup'),
  utm_matchtype: text('UTM MatchType'),
  utm_term: text('UTM Term'),
  utm_content: text('UTM Content'),
  external_clickid: text('External Click ID'),
  utm_creative: text('UTM Creative'),
  utm_placement: text('UTM Placement'),
  tcpa_consent_date: z
    .string('must be a day')
    .refine(isDay, 'must be an existing day written YYYY-MM-DD')
    .nullish()
    .describe('TCPA Consent Date in YYYY-MM-DD format'),
  tcpa_consent: z
    .union([z.number(), z.string(), z.boolean()], 'must be 0 or 1')
    .refine((value) => consents.has(value), 'must be 0 or 1')
    .nullish()
    .describe('TCPA consent field as 0 or 1'),
  cost: amount('Cost of the lead'),
  cost_operation: z
    .string('must be a text')
    .refine((value) => costOperations.has(value.trim().toLowerCase()), "must be 'add', 'substract' or 'override'")
    .nullish()
    .describe("What to do with cost: 'add', 'substract' or 'override'. Omitted: add."),
  adSpend: amount('Adspend of the lead'),
  min_price: amount('Minimum buying price: sell at this price or above.'),
};

export const amountNames: ReadonlySet<string> = new Set(['revenue', 'amount', 'cost', 'adSpend', 'min_price']);

type Sent = Readonly<Record<string, unknown>>;

/** The mutation's input. What is not among the documented names is a field of the lead. */
export function toInput(sent: Sent): Record<string, unknown> {
  const extra = Object.entries(sent).filter(([name]) => !Object.hasOwn(eventFields, name) && name !== 'cid');
  const operation = sent['cost_operation'];
  return {
    eventId: sent['event_id'],
    transactionId: sent['transaction_id'],
    pid: toText(sent['pid']),
    revenue: toAmount(isAbsent(sent['revenue']) ? sent['amount'] : sent['revenue']),
    conversionDate: toText(sent['conversion_date']),
    conversionTimezone: toText(sent['conversion_timezone']),
    clid: toText(sent['clid']),
    sub: toList(sent, 'sub'),
    adv: toList(sent, 'adv'),
    utm: toUtm(sent),
    externalClickId: toText(sent['external_clickid']),
    tcpaConsent: consents.get(sent['tcpa_consent']),
    tcpaConsentDate: sent['tcpa_consent_date'] || undefined,
    cost: toAmount(sent['cost']),
    costOperation: typeof operation === 'string' ? costOperations.get(operation.trim().toLowerCase()) : undefined,
    adSpend: toAmount(sent['adSpend']),
    minPrice: toAmount(sent['min_price']),
    ...(extra.length > 0 && { leadFields: Object.fromEntries(extra) }),
  };
}

const toText = (value: unknown): string | undefined => (isAbsent(value) ? undefined : String(value));

const isAbsent = (value: unknown): boolean => value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

function toList(sent: Sent, prefix: 'sub' | 'adv'): (string | null)[] | undefined {
  const items = [1, 2, 3, 4, 5].map((n) => toText(sent[`${prefix}${n}`]) ?? null);
  return items.some((item) => item !== null) ? items : undefined;
}

function toUtm(sent: Sent): Record<string, string> | undefined {
  const names = Object.keys(eventFields).filter((name) => name.startsWith('utm_'));
  const pairs = names.flatMap((name) => {
    const value = toText(sent[name]);
    return value === undefined ? [] : [[name.slice('utm_'.length), value] as const];
  });
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}

const decimal = /^[+-]?\d{1,20}(\.\d{1,18})?$/;

/** The mutation refuses it when it is the turn of the amounts: refused here, it would come before a missing lead. */
const unreadable = '-1';

/** An amount as exact digits. */
function toAmount(value: unknown): string | undefined {
  if (isAbsent(value)) return undefined;
  const digits = typeof value === 'number' ? toDigits(value) : typeof value === 'string' ? value.trim() : '';
  return decimal.test(digits) ? digits : unreadable;
}

const names: ReadonlyMap<string, string> = new Map([
  ['eventId', 'event_id'],
  ['transactionId', 'transaction_id'],
  ['conversionDate', 'conversion_date'],
  ['conversionTimezone', 'conversion_timezone'],
  ['externalClickId', 'external_clickid'],
  ['tcpaConsent', 'tcpa_consent'],
  ['tcpaConsentDate', 'tcpa_consent_date'],
  ['costOperation', 'cost_operation'],
  ['minPrice', 'min_price'],
]);

/** What a sender calls the field at a path of the mutation's input. */
export function toFieldName([first = '', ...rest]: readonly string[]): string {
  if (first === 'leadFields') return rest.join('.');
  if ((first === 'sub' || first === 'adv') && rest[0] !== undefined) return `${first}${Number(rest[0]) + 1}`;
  return [names.get(first) ?? first, ...rest].join('.');
}
