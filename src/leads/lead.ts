import type { Lead, Prisma } from '../../prisma/generated/client/client.ts';
import { isSameJson } from '../platform/same-json.ts';
import { InvalidInputError } from '../errors.ts';
import { toEmailKey } from './email.ts';
import { customDataProblem } from './fields.ts';
import { toE164 } from './phone.ts';

/** The fields of a lead that a sender may fill. */
export type LeadPatch = {
  readonly [Field in (typeof patchFields)[number]]?: Lead[Field] | null | undefined;
} & { readonly customData?: Readonly<Record<string, unknown>> | null | undefined };

const patchFields = [
  'email',
  'firstName',
  'lastName',
  'phone',
  'company',
  'position',
  'website',
  'twitter',
  'linkedin',
  'notes',
  'score',
  'birthDate',
  'gender',
  'sourceName',
  'campaignName',
  'domain',
  'utmSource',
  'utmMedium',
  'utmCampaign',
  'utmTerm',
  'utmContent',
  'referrer',
  'landingPage',
  'ipAddress',
  'userAgent',
  'browser',
  'deviceType',
  'formPercent',
  'formCompleted',
  'formTotal',
  'externalId',
  'sellerLeadId',
  'product',
  'trustedFormUrl',
  'price',
  'crmLeadId',
  'transactionId',
] as const satisfies readonly (keyof Lead)[];

/** What became of a field that came along: stored, left as it was, or refused because another lead owns the value. */
export type FieldOutcome = 'SET' | 'KEPT' | 'CONFLICT';

export interface MergedLead {
  readonly lead: Lead;
  readonly fields: Readonly<Record<string, FieldOutcome>>;
  /** Former values of the fields that changed. */
  readonly previous: Prisma.InputJsonObject;
  readonly changed: boolean;
}

/**
 * Merges what a sender knows into a lead: an absent, null or empty field keeps the stored value, `customData` merges key by key.
 * `conflicts` are fields whose value belongs to another lead; they are kept and reported.
 */
export function mergeLead(lead: Lead, patch: LeadPatch, conflicts: readonly string[] = []): MergedLead {
  const fields: Record<string, FieldOutcome> = {};
  const previous: Record<string, unknown> = {};
  const next: Lead = { ...lead };
  let changed = false;
  for (const field of patchFields) {
    const value = patch[field];
    if (value === undefined) continue;
    if (value === null || value === '' || isSame(value, lead[field]) || isFollowUpId(field, lead)) fields[field] = 'KEPT';
    else if (conflicts.includes(field)) fields[field] = 'CONFLICT';
    else {
      fields[field] = 'SET';
      previous[field] = lead[field];
      assign(next, field, value);
      changed = true;
    }
  }
  if (patch.customData && mergeCustomData(lead, patch.customData, next, fields, previous)) changed = true;
  if (fields['email'] === 'SET') next.emailKey = next.email === null ? null : toEmailKey(next.email);
  if (fields['phone'] === 'SET') Object.assign(next, followPhone(next, previous));
  return { lead: changed ? next : lead, fields, previous: previous as Prisma.InputJsonObject, changed };
}

/** What follows from the phone that a lead was just given: its E.164 form, and nothing of what was known of another number. Notes former values. */
export function followPhone(lead: Lead, previous: Record<string, unknown>): Pick<Lead, 'phoneE164' | 'phoneLookup'> {
  const phoneE164 = lead.phone === null ? null : toE164(lead.phone);
  if (phoneE164 === lead.phoneE164) return { phoneE164, phoneLookup: lead.phoneLookup };
  previous['phoneE164'] = lead.phoneE164;
  if (lead.phoneLookup !== null) previous['phoneLookup'] = lead.phoneLookup;
  return { phoneE164, phoneLookup: null };
}

/** A follow-up's CRM id stands on its submission: the lead keeps the one that the CRM knows it by. */
const isFollowUpId = (field: string, lead: Lead): boolean => field === 'crmLeadId' && lead.crmLeadId !== null;

function assign<Field extends (typeof patchFields)[number]>(lead: Lead, field: Field, value: Lead[Field] | undefined): void {
  if (value !== undefined) lead[field] = value;
}

/** Whether anything changed. */
function mergeCustomData(
  lead: Lead,
  added: Readonly<Record<string, unknown>>,
  next: Lead,
  fields: Record<string, FieldOutcome>,
  previous: Record<string, unknown>,
): boolean {
  const stored = toObject(lead.customData);
  const news = Object.entries(added).filter(([key, value]) => value !== null && value !== '' && !isSame(value, ownValue(stored, key)));
  if (news.length === 0) {
    fields['customData'] = 'KEPT';
    return false;
  }
  fields['customData'] = 'SET';
  previous['customData'] = stored;
  // Entries rather than assignments: a key named `__proto__` must stay data.
  const merged = Object.fromEntries([...Object.entries(stored), ...news]);
  if (Object.keys(stored).length > 0) assertCustomDataFits(merged);
  next.customData = merged as Prisma.JsonObject;
  return true;
}

/** Of a lead as a whole, however it came together. Throws InvalidInputError. */
export function assertCustomDataFits(customData: Readonly<Record<string, unknown>>): void {
  const problem = customDataProblem(customData);
  if (problem === null) return;
  throw new InvalidInputError([{ path: ['customData'], message: `${problem}, with what the lead holds already`, code: 'TOO_BIG' }]);
}

const ownValue = (object: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined;

const isSame = (a: unknown, b: unknown): boolean => a === b || (typeof a === 'object' && typeof b === 'object' && isSameJson(a, b));

const toObject = (value: Prisma.JsonValue): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};

export interface NewLead {
  readonly id: string;
  readonly accountId: string;
  readonly number: number;
  readonly stage: string;
  readonly createdAt: Date;
  readonly zero: Prisma.Decimal;
}

/**
 * A lead of which nothing is known yet. Written out field by field, like {@link toLead}: an object of this size that is put together
 * from parts becomes a hash table inside V8, and every later copy of it costs ten times as much.
 */
export function emptyLead({ id, accountId, number, stage, createdAt, zero }: NewLead): Lead {
  return {
    id,
    accountId,
    number,
    stage,
    email: null,
    emailKey: null,
    firstName: null,
    lastName: null,
    phone: null,
    phoneE164: null,
    company: null,
    position: null,
    website: null,
    twitter: null,
    linkedin: null,
    notes: null,
    score: null,
    address: null,
    birthDate: null,
    gender: null,
    sourceName: null,
    sourceId: null,
    campaignName: null,
    domain: null,
    utmSource: null,
    utmMedium: null,
    utmCampaign: null,
    utmTerm: null,
    utmContent: null,
    referrer: null,
    landingPage: null,
    ipAddress: null,
    userAgent: null,
    browser: null,
    deviceType: null,
    formPercent: null,
    formCompleted: null,
    formTotal: null,
    customData: {},
    tags: [],
    externalId: null,
    sellerLeadId: null,
    product: null,
    trustedFormUrl: null,
    trustedFormStatus: null,
    phoneLookup: null,
    price: null,
    crmLeadId: null,
    transactionId: null,
    cost: zero,
    adSpend: zero,
    revenue: zero,
    payout: zero,
    duplicateOfId: null,
    createdAt,
    updatedAt: createdAt,
    lastSeq: 0n,
  };
}

/** A lead as read from the database, in the shape of {@link emptyLead}. */
export function toLead(row: Lead): Lead {
  return {
    id: row.id,
    accountId: row.accountId,
    number: row.number,
    stage: row.stage,
    email: row.email,
    emailKey: row.emailKey,
    firstName: row.firstName,
    lastName: row.lastName,
    phone: row.phone,
    phoneE164: row.phoneE164,
    company: row.company,
    position: row.position,
    website: row.website,
    twitter: row.twitter,
    linkedin: row.linkedin,
    notes: row.notes,
    score: row.score,
    address: row.address,
    birthDate: row.birthDate,
    gender: row.gender,
    sourceName: row.sourceName,
    sourceId: row.sourceId,
    campaignName: row.campaignName,
    domain: row.domain,
    utmSource: row.utmSource,
    utmMedium: row.utmMedium,
    utmCampaign: row.utmCampaign,
    utmTerm: row.utmTerm,
    utmContent: row.utmContent,
    referrer: row.referrer,
    landingPage: row.landingPage,
    ipAddress: row.ipAddress,
    userAgent: row.userAgent,
    browser: row.browser,
    deviceType: row.deviceType,
    formPercent: row.formPercent,
    formCompleted: row.formCompleted,
    formTotal: row.formTotal,
    customData: row.customData,
    tags: row.tags,
    externalId: row.externalId,
    sellerLeadId: row.sellerLeadId,
    product: row.product,
    trustedFormUrl: row.trustedFormUrl,
    trustedFormStatus: row.trustedFormStatus,
    phoneLookup: row.phoneLookup,
    price: row.price,
    crmLeadId: row.crmLeadId,
    transactionId: row.transactionId,
    cost: row.cost,
    adSpend: row.adSpend,
    revenue: row.revenue,
    payout: row.payout,
    duplicateOfId: row.duplicateOfId,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    lastSeq: row.lastSeq,
  };
}
