import { toPublicId } from '../platform/ids.ts';
import { type Told, toSnapshot, transactionIdOf } from './payload.ts';

/** What may stand in braces in a URL, as buyers write their postbacks: `https://buyer.example/pb?tid={transaction_id}&amount={revenue}`. */

type Values = (told: Told) => unknown;

const ofLead =
  (field: string): Values =>
  ({ data }) =>
    toSnapshot(data)[field];

/** Of the fired event, where the change is one. */
const ofEvent =
  (field: string): Values =>
  ({ data }) =>
    property(property(data, 'leadEvent'), field);

const detail =
  (name: string, index?: number): Values =>
  (told) => {
    const value = property(ofEvent('details')(told), name);
    return index === undefined ? value : Array.isArray(value) ? value[index] : undefined;
  };

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;

const values: Readonly<Record<string, Values>> = {
  email: ofLead('email'),
  first_name: ofLead('firstName'),
  last_name: ofLead('lastName'),
  phone: ofLead('phoneE164'),
  company: ofLead('company'),
  website: ofLead('website'),
  position: ofLead('position'),
  score: ofLead('score'),
  stage: ofLead('stage'),
  source: ofLead('sourceName'),
  campaign: ofLead('campaignName'),
  domain: ofLead('domain'),
  external_id: ofLead('externalId'),
  seller_lead_id: ofLead('sellerLeadId'),
  crm_lead_id: ofLead('crmLeadId'),
  product: ofLead('product'),
  number: ofLead('number'),
  transaction_id: ({ data }) => transactionIdOf(toSnapshot(data)),
  cost: ofLead('cost'),
  lead_id: (told) => {
    const id = ofLead('id')(told);
    return typeof id === 'string' ? toPublicId('Lead', id) : undefined;
  },
  // The amount of this event; for other changes, what the lead has brought so far.
  revenue: (told) => ofEvent('revenue')(told) ?? ofLead('revenue')(told) ?? '0',
  payout: (told) => ofEvent('payout')(told) ?? ofLead('payout')(told) ?? '0',
  event_id: ofEvent('eventId'),
  pid: ofEvent('pid'),
  clid: detail('clid'),
  external_click_id: detail('externalClickId'),
  ...Object.fromEntries(
    [0, 1, 2, 3, 4].flatMap((i) => [[`sub${i + 1}`, detail('sub', i)] as const, [`adv${i + 1}`, detail('adv', i)] as const]),
  ),
  type: ({ type }) => type,
  seq: ({ seq }) => Number(seq),
  timestamp: ({ occurredAt }) => occurredAt.toISOString(),
};

export const placeholderNames: readonly string[] = Object.keys(values);

const placeholder = /\{([^{}]*)\}/g;

/** Names in braces behind the host that stand for nothing. Before that there may be none at all, which is the URL's own fault. */
export const unknownPlaceholders = (url: string): readonly string[] =>
  [...url.replace(/^[^:]*:\/\/[^/?#]*/, '').matchAll(placeholder)]
    .map(([, name = '']) => name)
    .filter((name) => !Object.hasOwn(values, name));

/** The URL with every placeholder filled in, percent-encoded, so that no value can reach beyond its place. Unknown values are empty. */
export const fillPlaceholders = (url: string, told: Told): string =>
  url.replace(placeholder, (_, name: string) => encode(values[name]?.(told)));

function encode(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') return '';
  return encodeURIComponent(String(value).toWellFormed()).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
