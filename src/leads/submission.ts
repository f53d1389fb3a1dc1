import { z } from 'zod';
import { Prisma } from '../../prisma/generated/client/client.ts';
import type { InputIssue } from '../errors.ts';
import { toIssue } from '../platform/check-input.ts';
import { hasControlCharacter, maxTextLength, toStorable } from '../platform/text.ts';
import { toStateCode } from '../sources/us-states.ts';
import * as field from './fields.ts';
import { phoneTypes } from './phone-lookup/phone-lookup.ts';
import { isSecretName } from './secret-name.ts';

type Text = string | null | undefined;

/** What `submitLead` takes: the structured lead of the intake documents, as the graph hands it over. */
export interface SubmitLeadInput {
  readonly sourceId?: Text;
  readonly metadata: SubmittedMetadata;
  readonly contact: SubmittedContact;
  readonly customer: SubmittedCustomer;
  readonly tagIds?: readonly string[] | null | undefined;
  readonly tagNames?: readonly string[] | null | undefined;
  /** The request itself comes from the person's browser: its address and user agent are the lead's. */
  readonly recordRequest?: boolean | null | undefined;
  /** What a translator of another format could not read. */
  readonly unreadable?: readonly UnreadableField[] | null | undefined;
  readonly idempotencyKey?: Text;
}

export interface UnreadableField {
  readonly path: readonly string[];
  readonly message: string;
  readonly code: string;
}

export interface SubmittedMetadata {
  readonly externalId?: Text;
  readonly sellerLeadId?: Text;
  readonly crmLeadId?: Text;
  readonly utmSource?: Text;
  readonly utmMedium?: Text;
  readonly utmCampaign?: Text;
  readonly utmTerm?: Text;
  readonly utmContent?: Text;
  readonly referrer?: Text;
  readonly landingPage?: Text;
  readonly subId?: Text;
  readonly pubId?: Text;
  readonly ipAddress?: Text;
  readonly userAgent?: Text;
  readonly price?: Prisma.Decimal | null | undefined;
  readonly directPostPrice?: Prisma.Decimal | null | undefined;
  readonly product?: Text;
  readonly vertical?: Text;
  readonly trustedFormUrl?: Text;
  readonly createdAt?: Date | null | undefined;
  readonly sourceMetadata?: unknown;
}

export interface SubmittedContact {
  readonly firstName?: Text;
  readonly lastName?: Text;
  readonly email?: Text;
  readonly phone?: { readonly number?: Text; readonly type?: Text } | null | undefined;
  readonly streetAddress?: SubmittedAddress | null | undefined;
  readonly coordinate?:
    | { readonly latitude?: number | null | undefined; readonly longitude?: number | null | undefined }
    | null
    | undefined;
  readonly timeZoneId?: Text;
}

export interface SubmittedAddress {
  readonly address1?: Text;
  readonly address2?: Text;
  readonly line1?: Text;
  readonly line2?: Text;
  readonly city?: Text;
  readonly state?: Text;
  readonly province?: Text;
  readonly region?: Text;
  readonly postalCode?: Text;
  readonly country?: Text;
  readonly additionalInfo?: Text;
}

export interface SubmittedCustomer {
  readonly birthDate?: Date | null | undefined;
  readonly gender?: Text;
  readonly height?: number | null | undefined;
  readonly weight?: number | null | undefined;
  readonly maritalStatus?: Text;
  readonly income?: number | null | undefined;
  readonly isHomeowner?: boolean | null | undefined;
  readonly monthsAtResidence?: number | null | undefined;
  readonly creditScore?: number | null | undefined;
  readonly hasBankruptcy?: boolean | null | undefined;
  readonly employmentType?: Text;
  readonly numberOfDependents?: number | null | undefined;
  readonly hasMedicalCondition?: boolean | null | undefined;
}

const money = z
  .custom<Prisma.Decimal>((value) => Prisma.Decimal.isDecimal(value))
  .refine((amount) => !amount.isNegative(), 'must not be negative')
  .nullish();

/** A known word in any case; another one is not worth losing a lead, and is not kept. */
const oneOf = (words: readonly string[], synonyms: Readonly<Record<string, string>> = {}) => {
  const known = new Map([...words.map((word): [string, string] => [word.toLowerCase(), word]), ...Object.entries(synonyms)]);
  return field.text.transform((value) => known.get(value?.trim().toLowerCase() ?? '') ?? null).optional();
};

const amount = z.number().min(0, 'must not be negative').nullish();

const sourceMetadata = z
  .custom<Readonly<Record<string, unknown>>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object of texts',
  )
  .transform((entries, ctx) => {
    const problem = field.customDataProblem(entries);
    if (problem !== null) ctx.addIssue({ code: 'custom', message: problem });
    for (const [name, value] of Object.entries(entries)) {
      if (isSecretName(name)) ctx.addIssue({ code: 'custom', path: [name], message: secretMessage, params: { code: 'SECRET_REFUSED' } });
      else if (typeof value === 'object' && value !== null) ctx.addIssue({ code: 'custom', path: [name], message: 'must be a text' });
      else if (typeof value === 'string' && value.length > 4096)
        ctx.addIssue({ code: 'custom', path: [name], message: 'must have at most 4096 characters' });
    }
    // fromEntries defines own properties, so a key like `__proto__` stays plain data.
    return Object.fromEntries(Object.entries(entries).flatMap(([name, value]) => (isScalar(value) ? [[name, String(value)]] : [])));
  })
  .nullish();

const isScalar = (value: unknown): value is string | number | boolean => ['string', 'number', 'boolean'].includes(typeof value);

const secretMessage = 'looks like a secret, and lead metadata must not hold any: it was not stored';

const text = field.text;
const line = text;
const strictText = field.strictText;

const schema = z.object({
  metadata: z.object({
    externalId: field.externalId,
    sellerLeadId: strictText,
    crmLeadId: field.crmLeadId,
    utmSource: text,
    utmMedium: text,
    utmCampaign: text,
    utmTerm: text,
    utmContent: text,
    referrer: text,
    landingPage: text,
    subId: text,
    pubId: text,
    ipAddress: text,
    userAgent: text,
    price: money,
    directPostPrice: money,
    product: text,
    vertical: text,
    sourceMetadata,
  }),
  contact: z.object({
    firstName: text,
    lastName: text,
    phone: z.object({ type: oneOf(phoneTypes) }).nullish(),
    streetAddress: z
      .object({
        address1: line,
        address2: line,
        line1: line,
        line2: line,
        city: line,
        state: line,
        province: line,
        region: line,
        postalCode: line,
        country: line,
        additionalInfo: line,
      })
      .nullish(),
    coordinate: z
      .object({
        latitude: z.number().min(-90, 'must be from -90 to 90').max(90, 'must be from -90 to 90').nullish(),
        longitude: z.number().min(-180, 'must be from -180 to 180').max(180, 'must be from -180 to 180').nullish(),
      })
      .nullish(),
    timeZoneId: text,
  }),
  customer: z.object({
    birthDate: field.pastDate,
    gender: oneOf(['M', 'F', 'NonBinary', 'PreferNotToSay', 'Other'], { male: 'M', female: 'F' }),
    height: amount,
    weight: amount,
    maritalStatus: oneOf(['Married', 'Single', 'Widow', 'Separated', 'Divorced']),
    income: amount,
    isHomeowner: z.boolean().nullish(),
    monthsAtResidence: amount,
    creditScore: amount,
    hasBankruptcy: z.boolean().nullish(),
    employmentType: oneOf([
      'Employed',
      'PartTime',
      'SelfEmployed',
      'Contractor',
      'Unemployed',
      'Retired',
      'Student',
      'Military',
      'Homemaker',
      'Disabled',
      'Other',
    ]),
    numberOfDependents: amount,
    hasMedicalCondition: z.boolean().nullish(),
  }),
  tagIds: field.tags,
  tagNames: field.tags,
});

/** The fields that have no check of their own, as their rules leave them. */
export type PlainFields = z.output<typeof schema>;

export interface ParsedSubmission {
  /** Null when one of them breaks a rule. */
  readonly fields: PlainFields | null;
  readonly issues: readonly InputIssue[];
  /** Paths of the texts in which a character had to be replaced. */
  readonly replaced: readonly string[];
  readonly email: string | null;
  readonly phone: string | null;
  readonly state: State | null;
  readonly product: string | null;
  readonly trustedFormUrl: string | null;
  /** Control characters in these are a fault of the sender. */
  readonly hasControlIn: { readonly email: boolean; readonly phone: boolean };
}

export interface State {
  readonly text: string;
  /** Null: no state that we know. */
  readonly code: string | null;
}

const strictPaths: ReadonlySet<string> = new Set(['metadata.externalId', 'metadata.sellerLeadId', 'metadata.crmLeadId']);

/** Reads a submission: what has a check of its own in `submission-checks.ts` stands beside what has not. */
export function parseSubmission(input: SubmitLeadInput): ParsedSubmission {
  const { value, replaced } = toStorable(input);
  const strict = replaced.some((path) => strictPaths.has(path));
  const { fields, issues } = readFields(strict ? input : value);
  const { contact, metadata } = value;
  const raw = input.contact;
  return {
    fields: issues.length === 0 ? fields : null,
    issues,
    replaced,
    email: present(contact.email),
    phone: present(contact.phone?.number),
    state: toState(contact.streetAddress),
    product: present(metadata.product),
    trustedFormUrl: present(metadata.trustedFormUrl),
    hasControlIn: { email: hasControlCharacter(raw.email ?? ''), phone: hasControlCharacter(raw.phone?.number ?? '') },
  };
}

/** The rules field by field, as deep as objects stand in objects. */
interface Rules {
  readonly [name: string]: z.ZodType | Rules;
}

const rules: Rules = rulesOf(schema.shape);

function rulesOf(shape: Readonly<Record<string, z.core.$ZodType>>): Rules {
  return Object.fromEntries(
    Object.entries(shape).flatMap(([name, rule]): [string, z.ZodType | Rules][] => {
      const object = rule instanceof z.ZodOptional || rule instanceof z.ZodNullable ? innermost(rule) : rule;
      if (object instanceof z.ZodObject) return [[name, rulesOf(object.shape)]];
      return rule instanceof z.ZodType ? [[name, rule]] : [];
    }),
  );
}

function innermost(rule: z.core.$ZodType): z.core.$ZodType {
  return rule instanceof z.ZodOptional || rule instanceof z.ZodNullable ? innermost(rule.unwrap()) : rule;
}

/** Looks at what was sent and at nothing else: of some sixty fields a lead brings about twenty, and asking for the others costs as much. */
function readFields(input: SubmitLeadInput): { readonly fields: PlainFields; readonly issues: readonly InputIssue[] } {
  const { metadata, contact, customer, tagIds, tagNames } = input;
  const issues: InputIssue[] = [];
  // Each value has passed the rule that its type is made of.
  const fields = readObject(rules, { metadata, contact, customer, tagIds, tagNames }, [], issues) as PlainFields;
  return { fields, issues };
}

function readObject(of: Rules, values: object, path: readonly string[], issues: InputIssue[]): Record<string, unknown> {
  const sent = values as Readonly<Record<string, unknown>>;
  const found: Record<string, unknown> = {};
  for (const name in sent) {
    const value = sent[name];
    const rule = Object.hasOwn(of, name) ? of[name] : undefined;
    if (rule === undefined || value === null || value === undefined) continue;
    if (!(rule instanceof z.ZodType)) {
      found[name] = readObject(rule, value, [...path, name], issues);
      continue;
    }
    // Most fields are texts, and most texts are fine.
    if (typeof value === 'string' && value.length <= maxTextLength) {
      if (rule === text) {
        found[name] = value.normalize('NFC');
        continue;
      }
      if (rule === strictText && !hasControlCharacter(value)) {
        found[name] = value;
        continue;
      }
    }
    const checked = rule.safeParse(value);
    if (checked.success) found[name] = checked.data;
    else issues.push(...checked.error.issues.map((issue) => describe({ ...issue, path: [...path, name, ...issue.path] })));
  }
  return found;
}

function describe(issue: z.core.$ZodIssue): InputIssue {
  const secret = issue.code === 'custom' && issue.params?.['code'] === 'SECRET_REFUSED';
  return { ...toIssue(issue), ...(secret && { code: 'SECRET_REFUSED' }) };
}

const present = (value: Text): string | null => value?.trim().normalize('NFC') || null;

const unitedStates: ReadonlySet<string> = new Set(['', 'us', 'usa', 'u.s.', 'u.s.a.', 'united states', 'united states of america']);

/** An address abroad has a state of its own kind, which no list of ours knows. */
function toState(address: SubmittedAddress | null | undefined): State | null {
  const state = present(address?.state) ?? present(address?.province) ?? present(address?.region);
  if (state === null) return null;
  const code = toStateCode(state);
  const isAbroad = !unitedStates.has(address?.country?.trim().toLowerCase() ?? '');
  return isAbroad ? null : { text: state, code };
}
