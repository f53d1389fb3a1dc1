import { boolean, date, decimal, type Field, Misread, moment, number, object, text, texts } from './fields.ts';

/** The structured body, field by field: what a caller may send, and how each value is read. */
export interface Shape {
  readonly [name: string]: Field | Shape;
}

export const metadata = {
  trustedFormUrl: text(
    'The TrustedForm certificate of consent: http or https, hosted by trustedform.com. Required by nearly every source.',
  ),
  externalId: text('Your own id of the lead. One that you used before marks the lead as a possible duplicate of the first.'),
  sellerLeadId: text("The seller's id of the lead."),
  crmLeadId: text('The id of the lead in the CRM, by which the CRM webhook finds it.'),
  utmSource: text(),
  utmMedium: text(),
  utmCampaign: text(),
  utmTerm: text(),
  utmContent: text(),
  referrer: text(),
  landingPage: text(),
  subId: text(),
  pubId: text(),
  ipAddress: text("The visitor's address."),
  userAgent: text("The visitor's browser."),
  price: decimal(),
  directPostPrice: decimal(),
  product: text('Must be one of the allowed products, if the source has any; case does not matter.'),
  vertical: text(),
  createdAt: moment('When the lead was made, like 2026-06-15T14:03:11Z.'),
  sourceMetadata: object('Texts of your own. Only safe values: names such as password, token or apiKey are refused.'),
} satisfies Shape;

export const streetAddress = {
  address1: text(),
  address2: text(),
  line1: text('Another name of address1.'),
  line2: text('Another name of address2.'),
  city: text(),
  state: text('A U.S. state: two letters or its name.'),
  postalCode: text(),
  province: text('Another name of state.'),
  region: text('Another name of state.'),
  country: text(),
  additionalInfo: text(),
} satisfies Shape;

export const customer = {
  birthDate: date('YYYY-MM-DD, not in the future.'),
  gender: text('M, F, NonBinary, PreferNotToSay or Other; another word is accepted and not kept.'),
  height: number('Inches.'),
  weight: number('Pounds.'),
  maritalStatus: text('Married, Single, Widow, Separated or Divorced.'),
  income: number(),
  isHomeowner: boolean(),
  monthsAtResidence: number(),
  creditScore: number(),
  hasBankruptcy: boolean(),
  employmentType: text(
    'Employed, PartTime, SelfEmployed, Contractor, Unemployed, Retired, Student, Military, Homemaker, Disabled or Other.',
  ),
  numberOfDependents: number(),
  hasMedicalCondition: boolean(),
} satisfies Shape;

export const contact = {
  firstName: text(),
  lastName: text(),
  email: text('An email address or a phone number is required.'),
  phone: { number: text('A possible U.S. number, E.164 preferred.'), type: text('Mobile, Landline, Voip, ...') },
  streetAddress,
  coordinate: { latitude: number(), longitude: number() },
  timeZoneId: text(),
} satisfies Shape;

/** A field that could not be read, and why. */
export interface Unreadable {
  readonly path: readonly string[];
  readonly message: string;
  readonly code: string;
}

const isField = (entry: Field | Shape): entry is Field => typeof entry['read'] === 'function';

/** A structured lead as `submitLead` takes it. What cannot be read goes along by name, so that it is refused together with everything else. */
export function readLead(sent: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const unreadable: Unreadable[] = [];
  const part = (name: string, shape: Shape): unknown => {
    if (sent[name] === undefined || sent[name] === null) {
      unreadable.push({ path: [name], message: 'is required', code: 'REQUIRED' });
      return {};
    }
    return readShape(shape, sent[name], [name], unreadable) ?? {};
  };
  const input = {
    metadata: part('metadata', metadata),
    contact: part('contact', contact),
    customer: part('customer', customer),
    tagIds: readField(texts(), sent['tagIds'], ['tagIds'], unreadable),
    tagNames: readField(texts(), sent['tagNames'], ['tagNames'], unreadable),
  };
  return unreadable.length > 0 ? { ...input, unreadable } : input;
}

function readShape(shape: Shape, sent: unknown, path: readonly string[], unreadable: Unreadable[]): Record<string, unknown> | undefined {
  if (sent === undefined || sent === null) return undefined;
  // A phone may stand there as a bare text.
  const value = typeof sent === 'string' && path.at(-1) === 'phone' ? { number: sent } : sent;
  if (typeof value !== 'object' || Array.isArray(value)) {
    unreadable.push({ path, message: 'must be an object', code: 'INVALID_TYPE' });
    return undefined;
  }
  const found: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const entry = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (entry === undefined) continue;
    found[name] = isField(entry)
      ? readField(entry, inner, [...path, name], unreadable)
      : readShape(entry, inner, [...path, name], unreadable);
  }
  return found;
}

export function readField(field: Field, value: unknown, path: readonly string[], unreadable: Unreadable[]): unknown {
  try {
    return field.read(value);
  } catch (error) {
    if (!(error instanceof Misread)) throw error;
    unreadable.push({ path, message: error.message, code: 'INVALID_VALUE' });
    return undefined;
  }
}
