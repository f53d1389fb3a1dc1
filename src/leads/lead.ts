import type { Lead, Prisma } from '../../prisma/generated/client/client.ts';
import { toEmailKey } from './email.ts';
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
export function mergeLead(lead: Lead, patch: LeadPatch, conflicts: ReadonlySet<string> = new Set()): MergedLead {
  const fields: Record<string, FieldOutcome> = {};
  const previous: Record<string, unknown> = {};
  const next = { ...lead } as Record<string, unknown>;
  for (const field of patchFields) {
    const value = patch[field];
    if (value === undefined) continue;
    if (value === null || value === '' || isSame(value, lead[field])) fields[field] = 'KEPT';
    else if (conflicts.has(field)) fields[field] = 'CONFLICT';
    else {
      fields[field] = 'SET';
      previous[field] = lead[field];
      next[field] = value;
    }
  }
  if (patch.customData) mergeCustomData(lead, patch.customData, next, fields, previous);
  const changed = Object.keys(previous).length > 0;
  const merged = changed ? derive(next as Lead, fields) : lead;
  return { lead: merged, fields, previous: previous as Prisma.InputJsonObject, changed };
}

function mergeCustomData(
  lead: Lead,
  added: Readonly<Record<string, unknown>>,
  next: Record<string, unknown>,
  fields: Record<string, FieldOutcome>,
  previous: Record<string, unknown>,
): void {
  const stored = toObject(lead.customData);
  // Entries rather than a spread of assignments: a key named `__proto__` must stay data.
  const merged = Object.fromEntries([
    ...Object.entries(stored),
    ...Object.entries(added).filter(([, value]) => value !== null && value !== ''),
  ]);
  if (JSON.stringify(merged) === JSON.stringify(stored)) {
    fields['customData'] = 'KEPT';
    return;
  }
  fields['customData'] = 'SET';
  previous['customData'] = stored;
  next['customData'] = merged;
}

/** What follows from other fields. */
function derive(lead: Lead, fields: Readonly<Record<string, FieldOutcome>>): Lead {
  if (fields['email'] !== 'SET' && fields['phone'] !== 'SET') return lead;
  const emailKey = lead.email === null ? null : toEmailKey(lead.email);
  return { ...lead, emailKey, phoneE164: fields['phone'] === 'SET' && lead.phone !== null ? toE164(lead.phone) : lead.phoneE164 };
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  return typeof a === 'object' && typeof b === 'object' && a !== null && b !== null && JSON.stringify(a) === JSON.stringify(b);
}

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
