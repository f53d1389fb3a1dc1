import { z } from 'zod';
import type { Lead, Prisma } from '../../prisma/generated/client/client.ts';
import type { InputIssue } from '../errors.ts';
import * as field from '../leads/fields.ts';
import { toIssue } from '../platform/check-input.ts';
import { type LeadPatch, type MergedLead, mergeLead } from '../leads/lead.ts';

/** What an event tells of the lead itself: any lead field under its flat name, `first_name` or `firstName`. */
export interface EventLeadFields {
  readonly patch: LeadPatch;
  readonly address: Readonly<Record<string, string>>;
  readonly issues: readonly InputIssue[];
}

export const noLeadFields: EventLeadFields = { patch: {}, address: {}, issues: [] };

const schema = z.object({
  email: field.email,
  firstName: field.text,
  lastName: field.text,
  phone: field.phone,
  company: field.text,
  position: field.text,
  website: field.text,
  twitter: field.text,
  linkedin: field.text,
  notes: field.text,
  birthDate: z.iso
    .date('must be an existing day written YYYY-MM-DD')
    .transform((day) => new Date(`${day}T00:00:00.000Z`))
    .refine((day) => day.getTime() <= Date.now(), 'must not be in the future')
    .nullish(),
  gender: field.text,
  source: field.text,
  campaign: field.text,
  domain: field.text,
  referrer: field.text,
  landingPage: field.text,
  ipAddress: field.text,
  userAgent: field.text,
  browser: field.text,
  deviceType: field.deviceType,
  product: field.text,
  externalId: field.externalId,
  sellerLeadId: field.strictText,
  utmSource: field.text,
  utmMedium: field.text,
  utmCampaign: field.text,
  utmTerm: field.text,
  utmContent: field.text,
  customData: field.customData,
});

/** Other names of a field. A field that comes under its own name as well keeps that, and the other is custom data. */
const otherNames: Readonly<Record<string, string>> = { mobile: 'phone', dateOfBirth: 'birthDate' };

const addressParts: Readonly<Record<string, string>> = {
  address: 'line1',
  address1: 'line1',
  line1: 'line1',
  address2: 'line2',
  line2: 'line2',
  city: 'city',
  state: 'state',
  zip: 'postalCode',
  zipCode: 'postalCode',
  postalCode: 'postalCode',
  country: 'country',
};
const mostAddressLetters = 200;

/**
 * Sorts what came along: fields that a lead has, parts of its address, and everything else, which is custom data. Ids, scores and times of ours
 * are never assigned. `given` can be stored; `asCame` is the same before characters were replaced.
 */
export function parseLeadFields(given: Readonly<Record<string, unknown>>, asCame: Readonly<Record<string, unknown>>): EventLeadFields {
  if (Object.keys(given).length === 0) return noLeadFields;
  const known: Record<string, unknown> = {};
  const names = new Map<string, string>();
  const address: Record<string, string> = {};
  const custom: [string, unknown][] = [];
  const issues: InputIssue[] = [];
  const sent = new Set(Object.entries(given).flatMap(([key, value]) => (value === null || value === '' ? [] : [toCamelCase(key)])));
  for (const [key, value] of Object.entries(given)) {
    const camel = toCamelCase(key);
    const own = Object.hasOwn(otherNames, camel) ? otherNames[camel] : undefined;
    const name = own === undefined || sent.has(own) ? camel : own;
    if (value === null || value === '') continue;
    if (Object.hasOwn(schema.shape, name)) {
      known[name] = name === 'customData' ? value : toText(field.strictFields.has(name) ? (asCame[key] ?? value) : value);
      names.set(name, key);
    } else if (Object.hasOwn(addressParts, name) && (typeof value === 'string' || typeof value === 'number')) {
      addAddressPart(address, name, String(value), key, issues);
    } else if (name === 'address' && typeof value === 'object') {
      for (const [part, text] of Object.entries(value)) {
        const partName = toCamelCase(part);
        if (Object.hasOwn(addressParts, partName) && typeof text === 'string') addAddressPart(address, partName, text, key, issues);
      }
    } else custom.push([key, value]);
  }
  const parsed = schema.safeParse(known);
  if (!parsed.success) {
    issues.push(...parsed.error.issues.map(toIssue).map((issue) => ({ ...issue, path: rename(issue.path, names) })));
    return { patch: {}, address, issues };
  }
  return { ...toPatch(parsed.data, custom, issues), address, issues };
}

function toPatch(
  { source, campaign, customData, ...fields }: z.output<typeof schema>,
  custom: readonly (readonly [string, unknown])[],
  issues: InputIssue[],
): { readonly patch: LeadPatch } {
  const attribution = { ...(source && { sourceName: source }), ...(campaign && { campaignName: campaign }) };
  if (custom.length === 0 && !customData) return { patch: { ...fields, ...attribution } };
  // fromEntries defines own properties, so a field named `__proto__` stays plain data.
  const merged = field.customData.safeParse(Object.fromEntries([...Object.entries(customData ?? {}), ...custom]));
  if (!merged.success) {
    issues.push(...merged.error.issues.map(toIssue).map((issue) => ({ ...issue, path: ['leadFields', ...issue.path] })));
    return { patch: {} };
  }
  return { patch: { ...fields, ...attribution, customData: merged.data } };
}

function addAddressPart(address: Record<string, string>, name: string, value: string, key: string, issues: InputIssue[]): void {
  const part = addressParts[name];
  if (value.length > mostAddressLetters) {
    issues.push({ path: ['leadFields', key], message: `must have at most ${mostAddressLetters} characters`, code: 'TOO_BIG' });
  } else if (part !== undefined && value !== '') address[part] = value.normalize('NFC');
}

/** Merges what an event tells of the lead. The address merges part by part. */
export function enrichLead(lead: Lead, { patch, address }: EventLeadFields, conflicts: readonly string[]): MergedLead {
  const merged = mergeLead(lead, patch, conflicts);
  const before = isObject(lead.address) ? lead.address : {};
  const isNews = Object.entries(address).some(([part, text]) => before[part] !== text);
  if (Object.keys(address).length === 0) return merged;
  const fields = { ...merged.fields, address: isNews ? ('SET' as const) : ('KEPT' as const) };
  if (!isNews) return { ...merged, fields };
  return {
    lead: { ...merged.lead, address: { ...before, ...address } },
    fields,
    previous: { ...merged.previous, address: lead.address },
    changed: true,
  };
}

const isObject = (value: Prisma.JsonValue): value is Prisma.JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const toCamelCase = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Senders write zip codes and phone numbers as numbers. */
const toText = (value: unknown): unknown => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : value);

const rename = ([name = '', ...rest]: readonly string[], names: ReadonlyMap<string, string>): readonly string[] => [
  'leadFields',
  names.get(name) ?? name,
  ...rest,
];
