import { z } from 'zod';
import { toJsonNumber } from '../exact-numbers.ts';

const unknownIsNull = z.string().nullable();

/** The answer to an accepted lead, in the documented shape. */
export const leadSchema = z.object({
  id: z.string().describe('Names the lead here.'),
  createdAt: z.iso.datetime(),
  modifiedAt: z.iso.datetime().nullable(),
  enabled: z.boolean(),
  metadata: z
    .record(z.string(), z.unknown())
    .describe('As it was sent, with what the server recorded. A price is a string where a JSON number would lose digits.'),
  contact: z.object({
    firstName: unknownIsNull,
    lastName: unknownIsNull,
    email: unknownIsNull,
    phone: z
      .object({ number: z.string().describe('E.164 where possible.'), raw: z.string().describe('As it was sent.'), type: unknownIsNull })
      .nullable(),
    streetAddress: z.record(z.string(), z.unknown()).nullable(),
  }),
  customer: z.record(z.string(), z.unknown()),
  currentLeadStatus: z.null(),
  tags: z.array(z.string()),
  isArchived: z.boolean(),
  archivedAt: z.null(),
  archiveReason: z.null(),
  warnings: z.array(z.string()).optional().describe('What the receipt says beside the outcome.'),
});

export interface SubmittedLeadData {
  readonly lead: {
    readonly id: string;
    readonly createdAt: string;
    readonly externalId: string | null;
    readonly sellerLeadId: string | null;
    readonly utm: Readonly<Record<'source' | 'medium' | 'campaign' | 'term' | 'content', string | null>>;
    readonly product: string | null;
    readonly trustedFormUrl: string | null;
    readonly trustedFormStatus: string | null;
    readonly referrer: string | null;
    readonly landingPage: string | null;
    readonly ipAddress: string | null;
    readonly userAgent: string | null;
    readonly price: string | null;
    readonly customData: Readonly<Record<string, unknown>>;
    readonly firstName: string | null;
    readonly lastName: string | null;
    readonly email: string | null;
    readonly phone: string | null;
    readonly phoneE164: string | null;
    readonly address: Readonly<Record<string, string | null>> | null;
    readonly birthDate: string | null;
    readonly gender: string | null;
    readonly tags: readonly string[];
  };
  readonly submission: { readonly reasons: readonly string[] };
}

export const leadSelection = /* GraphQL */ `
  lead {
    id
    createdAt
    externalId
    sellerLeadId
    utm {
      source
      medium
      campaign
      term
      content
    }
    product
    trustedFormUrl
    trustedFormStatus
    referrer
    landingPage
    ipAddress
    userAgent
    price
    customData
    firstName
    lastName
    email
    phone
    phoneE164
    address {
      line1
      line2
      city
      state
      postalCode
      country
    }
    birthDate
    gender
    tags
  }
  submission {
    reasons
  }
`;

const replaced = 'CHAR_REPLACED: ';

const toMoney = (decimal: unknown): number | string | null => (typeof decimal === 'string' ? toJsonNumber(decimal) : null);

/** `fieldName` gives what the sender calls the field at a path of the structured lead. */
export function toLeadJson(
  { lead, submission }: SubmittedLeadData,
  fieldName: (path: readonly string[]) => string,
): z.output<typeof leadSchema> {
  const { utm, customData: more } = lead;
  const warnings = submission.reasons.flatMap((reason) => {
    const path = reason.startsWith(replaced) ? reason.slice(replaced.length).split('.') : null;
    return path ? [`${replaced}${fieldName(path)}`] : [];
  });
  return {
    id: lead.id,
    createdAt: lead.createdAt,
    modifiedAt: null,
    enabled: true,
    metadata: {
      trustedFormUrl: lead.trustedFormUrl,
      trustedFormStatus: lead.trustedFormStatus,
      externalId: lead.externalId,
      sellerLeadId: lead.sellerLeadId,
      utmSource: utm.source,
      utmMedium: utm.medium,
      utmCampaign: utm.campaign,
      utmTerm: utm.term,
      utmContent: utm.content,
      product: lead.product,
      vertical: more['vertical'] ?? null,
      referrer: lead.referrer,
      landingPage: lead.landingPage,
      subId: more['subId'] ?? null,
      pubId: more['pubId'] ?? null,
      ipAddress: lead.ipAddress,
      userAgent: lead.userAgent,
      price: toMoney(lead.price),
      directPostPrice: toMoney(more['directPostPrice']),
      complianceStatus: null,
      complianceBlockedReason: null,
      smsConsentStatus: null,
      smsOptedOut: false,
      isImported: false,
      sourceMetadata: more['sourceMetadata'] ?? {},
    },
    contact: {
      firstName: lead.firstName,
      lastName: lead.lastName,
      email: lead.email,
      phone: lead.phone === null ? null : { number: lead.phoneE164 ?? lead.phone, raw: lead.phone, type: textOf(more['phoneType']) },
      streetAddress: lead.address,
    },
    customer: { birthDate: lead.birthDate, gender: lead.gender, ...(more['customer'] as object | undefined) },
    currentLeadStatus: null,
    tags: [...lead.tags],
    isArchived: false,
    archivedAt: null,
    archiveReason: null,
    ...(warnings.length > 0 && { warnings }),
  };
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
