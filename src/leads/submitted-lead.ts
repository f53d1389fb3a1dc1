import { type Lead, Prisma } from '../../prisma/generated/client/client.ts';
import type { RequestInfo } from '../context.ts';
import type { ActiveSource } from '../sources/source.ts';
import type { LeadPatch } from './lead.ts';
import type { ParsedSubmission, PlainFields } from './submission.ts';

export interface AcceptedSubmission extends ParsedSubmission {
  readonly fields: PlainFields;
}

/** What a submission says of a lead, in the lead's own fields. */
export function toPatch({ fields, ...parsed }: AcceptedSubmission, source: ActiveSource, request: RequestInfo | null): LeadPatch {
  const { metadata, contact, customer } = fields;
  return {
    email: parsed.email,
    firstName: contact.firstName,
    lastName: contact.lastName,
    phone: parsed.phone,
    birthDate: customer.birthDate,
    gender: customer.gender,
    sourceName: source.name,
    utmSource: metadata.utmSource,
    utmMedium: metadata.utmMedium,
    utmCampaign: metadata.utmCampaign,
    utmTerm: metadata.utmTerm,
    utmContent: metadata.utmContent,
    referrer: metadata.referrer,
    landingPage: metadata.landingPage,
    ipAddress: metadata.ipAddress || request?.ipAddress,
    userAgent: metadata.userAgent || request?.userAgent,
    externalId: metadata.externalId,
    sellerLeadId: metadata.sellerLeadId,
    crmLeadId: metadata.crmLeadId,
    product: parsed.product,
    trustedFormUrl: parsed.trustedFormUrl,
    price: metadata.price,
    customData: toCustomData(fields),
  };
}

/** What the merge of patches does not know: it belongs to leads of sources only. */
export function toSourceFields({ fields, ...parsed }: AcceptedSubmission, source: ActiveSource) {
  return {
    sourceId: source.id,
    address: toAddress(fields, parsed.state?.code ?? null),
    tags: [...new Set([...source.defaultTags, ...(fields.tagIds ?? []), ...(fields.tagNames ?? [])])],
    cost: source.costPerLead ?? zero,
  } satisfies Partial<Lead>;
}

const zero = new Prisma.Decimal(0);

/** Fields that only these documents know stand in `customData` under their documented names. */
function toCustomData({ metadata, contact, customer }: PlainFields): Readonly<Record<string, unknown>> {
  const { subId, pubId, vertical, directPostPrice, sourceMetadata } = metadata;
  const { birthDate: _, gender: __, ...details } = customer;
  return known({
    subId,
    pubId,
    vertical,
    directPostPrice: directPostPrice?.toFixed(),
    sourceMetadata,
    phoneType: contact.phone?.type,
    coordinate: known(contact.coordinate ?? {}),
    timeZoneId: contact.timeZoneId,
    customer: known(details),
    additionalInfo: contact.streetAddress?.additionalInfo,
  });
}

/** Without what was not sent. */
const known = (values: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== '' && !isEmptyObject(value)),
  );

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;

function toAddress({ contact: { streetAddress } }: PlainFields, stateCode: string | null): Prisma.JsonObject | null {
  if (!streetAddress) return null;
  const { address1, address2, line1, line2, city, state, province, region, postalCode, country } = streetAddress;
  const address = known({
    line1: line1 || address1,
    line2: line2 || address2,
    city,
    state: stateCode ?? (state || province || region),
    postalCode,
    country,
  });
  // Texts only, so it is JSON.
  return isEmptyObject(address) ? null : (address as Prisma.JsonObject);
}
