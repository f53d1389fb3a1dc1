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
  const next: Record<string, unknown> = { ...lead };
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
  const merged = Object.fromEntries([...Object.entries(stored), ...Object.entries(added).filter(([, value]) => value !== null && value !== '')]);
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
  return {
    ...lead,
    ...(fields['email'] === 'SET' && { emailKey: lead.email === null ? null : toEmailKey(lead.email) }),
    ...(fields['phone'] === 'SET' && { phoneE164: lead.phone === null ? null : toE164(lead.phone) }),
  };
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

/** A lead of which nothing is known yet. */
export function emptyLead({ zero, ...known }: NewLead): Lead {
  return {
    ...known,
    ...noFields,
    updatedAt: known.createdAt,
    customData: {},
    tags: [],
    cost: zero,
    adSpend: zero,
    revenue: zero,
    payout: zero,
  };
}

const noFields = {
  ...(Object.fromEntries(patchFields.map((field) => [field, null])) as Record<(typeof patchFields)[number], null>),
  emailKey: null,
  phoneE164: null,
  address: null,
  trustedFormStatus: null,
  duplicateOfId: null,
};

const privateFields: ReadonlySet<string> = new Set(['accountId', 'emailKey']);

/** The lead as readers of the log see it: every field that is known, under its name in the graph's rows. */
export function publicLead(lead: Lead): Prisma.InputJsonObject {
  const known: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(lead)) if (value !== null && !privateFields.has(field)) known[field] = value;
  return known as Prisma.InputJsonObject;
}
