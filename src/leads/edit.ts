import type { Lead, Prisma } from '../../prisma/generated/client/client.ts';
import { isSameJson } from '../platform/same-json.ts';
import { toEmailKey } from './email.ts';
import { assertCustomDataFits, followPhone } from './lead.ts';

/** What a person may change of a lead by hand. Absent: stays. Null: is cleared. */
export interface LeadEdit {
  readonly email?: string | null | undefined;
  readonly firstName?: string | null | undefined;
  readonly lastName?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly company?: string | null | undefined;
  readonly position?: string | null | undefined;
  readonly website?: string | null | undefined;
  readonly twitter?: string | null | undefined;
  readonly linkedin?: string | null | undefined;
  readonly notes?: string | null | undefined;
  readonly score?: number | null | undefined;
  readonly address?: object | null | undefined;
  readonly birthDate?: Date | null | undefined;
  readonly gender?: string | null | undefined;
  readonly source?: string | null | undefined;
  readonly campaign?: string | null | undefined;
  readonly domain?: string | null | undefined;
  readonly deviceType?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly customData?: unknown;
  readonly product?: string | null | undefined;
  readonly externalId?: string | null | undefined;
  readonly sellerLeadId?: string | null | undefined;
  readonly crmLeadId?: string | null | undefined;
}

export interface EditedLead {
  readonly lead: Lead;
  readonly previous: Prisma.InputJsonObject;
  readonly changed: boolean;
}

/** Applies an edit. `changed` is false when every value was there already. */
export function editLead(lead: Lead, edit: LeadEdit, now: Date): EditedLead {
  const { source, campaign, tags, customData, ...plain } = edit;
  const wanted: Partial<Record<keyof Lead, unknown>> = {
    ...plain,
    sourceName: source,
    campaignName: campaign,
    tags: tags === null ? [] : tags,
    customData: customData === undefined ? undefined : mergeOrClear(lead.customData, customData),
  };
  const previous: Record<string, unknown> = {};
  const next: Record<string, unknown> = { ...lead };
  for (const [field, value] of Object.entries(wanted)) {
    const before = lead[field as keyof Lead];
    const after = value === '' ? null : value;
    if (after === undefined || isSameJson(after, before)) continue;
    previous[field] = before;
    next[field] = after;
  }
  if (Object.keys(previous).length === 0) return { lead, previous: {}, changed: false };
  const edited = next as Lead;
  return {
    lead: {
      ...edited,
      ...('email' in previous && { emailKey: edited.email === null ? null : toEmailKey(edited.email) }),
      ...('phone' in previous && followPhone(edited, previous)),
      updatedAt: now,
    },
    previous: previous as Prisma.InputJsonObject,
    changed: true,
  };
}

function mergeOrClear(stored: Prisma.JsonValue, edit: unknown): unknown {
  if (edit === null) return {};
  const kept = Object.entries(stored ?? {}).filter(([key]) => !Object.hasOwn(edit as object, key));
  const set = Object.entries(edit as object).filter(([, value]) => value !== null);
  const merged = Object.fromEntries([...kept, ...set]);
  assertCustomDataFits(merged);
  return merged;
}
