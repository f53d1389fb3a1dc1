import { type FormFields, lastOfEach } from '../form-fields.ts';
import type { Field } from './fields.ts';
import { isMissing, text, texts } from './fields.ts';
import { customer, metadata, readField, streetAddress, type Unreadable } from './structured.ts';

interface FlatField {
  readonly field: Field;
  /** Where the value stands in the structured lead. */
  readonly path: readonly string[];
}

const at = (part: string, fields: Readonly<Record<string, Field>>, names: readonly string[]): [string, FlatField][] =>
  names.flatMap((name) => (fields[name] ? [[name, { field: fields[name], path: [part, name] }]] : []));

const alias = (name: string, field: Field, ...path: readonly string[]): [string, FlatField] => [name, { field, path }];

const address = (name: string, target: keyof typeof streetAddress = name as keyof typeof streetAddress): [string, FlatField] =>
  alias(name, streetAddress[target], 'contact', 'streetAddress', target);

/** The flat fields in the order of their documentation. Of two names for one thing the first that is not blank counts. */
export const flatFields: ReadonlyMap<string, FlatField> = new Map([
  alias('firstName', text(), 'contact', 'firstName'),
  alias('lastName', text(), 'contact', 'lastName'),
  alias('email', text('An email address or a phone number is required.'), 'contact', 'email'),
  alias('phone', text('A possible U.S. number, E.164 preferred.'), 'contact', 'phone', 'number'),
  alias('phoneType', text('Mobile, Landline, Voip, ...'), 'contact', 'phone', 'type'),
  address('address1'),
  address('address2'),
  address('city'),
  address('state'),
  alias('zip', text('Postal code.'), 'contact', 'streetAddress', 'postalCode'),
  alias('postalCode', text('Another name of zip.'), 'contact', 'streetAddress', 'postalCode'),
  alias('birthDate', customer.birthDate, 'customer', 'birthDate'),
  alias('dateOfBirth', { ...customer.birthDate, describe: 'Another name of birthDate.' }, 'customer', 'birthDate'),
  alias('gender', customer.gender, 'customer', 'gender'),
  ...at('metadata', metadata, ['subId', 'externalId', 'sellerLeadId', 'crmLeadId']),
  alias('sellerLeadIdentifier', text('Another name of sellerLeadId.'), 'metadata', 'sellerLeadId'),
  ...at('metadata', metadata, [
    'price',
    'directPostPrice',
    'product',
    'vertical',
    'utmSource',
    'utmMedium',
    'utmCampaign',
    'utmTerm',
    'utmContent',
    'landingPage',
    'referrer',
    'trustedFormUrl',
    'sourceMetadata',
  ]),
  alias('tagIds', texts('Tags. They have no ids of their own here: a name is one.'), 'tagIds'),
  alias('tagNames', texts('Tags, beside those that the source gives to each lead.'), 'tagNames'),
]);

const placedFields = [...flatFields].map(([name, { field, path }]) => [name, { field, path, place: path.join('.') }] as const);

/** The structured lead that flat fields stand for, as `submitLead` takes it: its three objects are always there. */
export function readFlatLead(flat: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const unreadable: Unreadable[] = [];
  const lead: Record<string, unknown> = { metadata: {}, contact: {}, customer: {} };
  const taken = new Set<string>();
  for (const [name, { field, path, place }] of placedFields) {
    const value = flat[name];
    if (isMissing(value) || taken.has(place)) continue;
    taken.add(place);
    put(lead, path, readField(field, value, path, unreadable));
  }
  return unreadable.length > 0 ? { ...lead, unreadable } : lead;
}

/** Only along paths of our own: no name here comes from a caller. */
function put(lead: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let target = lead;
  const last = path.length - 1;
  for (let i = 0; i < last; i++) target = (target[path[i] ?? ''] ??= {}) as Record<string, unknown>;
  target[path[last] ?? ''] = value;
}

const namesByPath: ReadonlyMap<string, string> = new Map(
  [...flatFields].toReversed().map(([name, { path }]): [string, string] => [path.join('.'), name]),
);

/** What a flat caller calls the field at a path of the structured lead; what stands below it is the caller's own. */
export function toFlatName(path: readonly string[]): string {
  for (let length = path.length; length > 0; length -= 1) {
    const name = namesByPath.get(path.slice(0, length).join('.'));
    if (name !== undefined) return [name, ...path.slice(length)].join('.');
  }
  return path.at(-1) ?? '';
}

export const toPascal = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

const isList = (name: string): boolean => flatFields.get(name)?.field.type === 'array';

/** A form's `sourceMetadata[placement]` and `sourceMetadata.placement` beside the whole as JSON. A list takes every field of its name, anything else the last. */
export function fromForm(form: FormFields): Readonly<Record<string, unknown>> {
  const last = lastOfEach(form);
  const fields = { ...last, ...Object.fromEntries(Object.entries(form).filter(([name]) => isList(name))) };
  const parts = Object.entries(last).flatMap(([name, value]): [string, string][] => {
    const match = /^sourceMetadata(?:\[([^\]]+)\]|\.(.+))$/.exec(name);
    const inner = match?.[1] ?? match?.[2];
    return inner === undefined ? [] : [[inner, value]];
  });
  return parts.length === 0 ? fields : { ...fields, sourceMetadata: Object.fromEntries(parts) };
}

/** The Pascal-case parameters of the address under the names of the flat body. Of several of one name a list takes all, anything else the last. */
export function fromQuery(query: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => {
      const flat = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
      return [flat, Array.isArray(value) && !isList(flat) ? value.at(-1) : value];
    }),
  );
}
