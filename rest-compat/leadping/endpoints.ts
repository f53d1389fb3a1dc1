import { parse } from 'graphql';
import { z } from 'zod';
import { type DocumentedAnswer, type Endpoint, endpoint } from '../endpoint.ts';
import { leadpingAt } from './answers.ts';
import { flatExample, structuredExample, toCurl } from './examples.ts';
import type { Field } from './fields.ts';
import { flatFields, fromForm, fromQuery, readFlatLead, toFlatName, toPascal } from './flat.ts';
import { leadSchema, leadSelection, type SubmittedLeadData, toLeadJson } from './lead-json.ts';
import { contact, customer, metadata, readLead, type Shape } from './structured.ts';

interface Data {
  readonly submitLead: SubmittedLeadData;
}

const operation = parse(
  /* GraphQL */ `
    mutation SubmitLead($input: SubmitLeadInput!) {
      submitLead(input: $input) {
        __typename
        ... on SubmitLeadSuccess {
          ${leadSelection}
        }
        ... on Error {
          code
          message
        }
        ... on InvalidInputError {
          issues {
            path
            message
            code
          }
        }
      }
    }
  `,
  { noLocation: true },
);

/** Takes anything: what cannot be read is refused by the operation, so that the refusal names everything at once and leaves a receipt. */
const anything = (schema: Readonly<Record<string, unknown>>) => z.unknown().optional().meta(schema);

const ofField = ({ type, describe }: Field): Record<string, unknown> => ({ type, ...(describe !== '' && { description: describe }) });

const ofShape = (shape: Shape): Record<string, unknown> => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(shape).map(([name, entry]) => [
      name,
      typeof entry['read'] === 'function' ? ofField(entry as Field) : ofShape(entry as Shape),
    ]),
  ),
});

const structuredBody = z.object({
  metadata: anything({ ...ofShape(metadata), description: `Required: ${Object.keys(metadata).join(', ')}` }),
  contact: anything({
    ...ofShape(contact),
    description:
      'Required: firstName, lastName, email, phone {number, type}, streetAddress {address1, address2, city, state, postalCode, country; or line1, line2, province, region}, coordinate {latitude, longitude}, timeZoneId',
  }),
  customer: anything({ ...ofShape(customer), description: `Required, may be empty: ${Object.keys(customer).join(', ')}` }),
  tagIds: anything({ type: 'array', description: 'Tags. They have no ids of their own here: a name is one.' }),
  tagNames: anything({ type: 'array', description: 'Tags, beside those that the source gives to each lead.' }),
});

const flatBody = z.object(Object.fromEntries([...flatFields].map(([name, { field }]) => [name, anything(ofField(field))])));
const flatQuery = z.object(Object.fromEntries([...flatFields].map(([name, { field }]) => [toPascal(name), anything(ofField(field))])));

const toStructuredName = (path: readonly string[]): string => path.join('.');
const toQueryName = (path: readonly string[]): string => toPascal(toFlatName(path));

const answerWith =
  (fieldName: (path: readonly string[]) => string) =>
  ({ submitLead }: Data) => ({ status: 201, body: toLeadJson(submitLead, fieldName), headers: { 'cache-control': 'no-store' } });

const answers: readonly DocumentedAnswer[] = [{ status: 201, description: 'Lead was accepted and created.', schema: leadSchema }];

const refusals = {
  400: 'Payload shape, contact data, source compliance, TrustedForm, state, or product validation failed. A receipt with the reasons is kept.',
  401: 'Source credentials are missing or invalid.',
  403: 'Source exists but is disabled or not allowed to accept traffic.',
  429: 'The source sent too many requests within a minute, or too many wrong credentials came; try again after Retry-After.',
};

const prices = ['price', 'directPostPrice'];

const submitStructured = endpoint<z.output<typeof structuredBody>, undefined, Data>({
  method: 'POST',
  path: '/leads',
  dialect: leadpingAt('/leads'),
  body: structuredBody,
  operation,
  toVariables: ({ body, idempotencyKey }) => ({ input: { ...readLead(body), idempotencyKey } }),
  exact: new Set(prices.map((name) => `metadata.${name}`)),
  fieldName: toStructuredName,
  toAnswer: answerWith(toStructuredName),
  docs: {
    summary: 'Structured payload',
    description:
      'Submits a lead with the credentials of an approved source. Always makes a new lead: one with a known email, or with an externalId that the source used before, stands beside the first as its duplicate. Fields that are not listed are ignored.',
    examples: [{ title: 'The documented payload', curl: toCurl('/leads', structuredExample), body: structuredExample }],
    answers,
    refusals,
  },
});

const toFlatVariables = (flat: Readonly<Record<string, unknown>>, idempotencyKey: string | undefined) => ({
  input: { ...readFlatLead(flat), recordRequest: true, idempotencyKey },
});

const submitFlat = endpoint<Readonly<Record<string, unknown>>, undefined, Data>({
  method: 'POST',
  path: '/leads/intake',
  dialect: leadpingAt('/leads/intake'),
  body: flatBody,
  fromForm,
  operation,
  toVariables: ({ body, idempotencyKey }) => toFlatVariables(body, idempotencyKey),
  exact: new Set(prices),
  fieldName: toFlatName,
  toAnswer: answerWith(toFlatName),
  docs: {
    summary: 'Flat intake payload',
    description:
      'The same with common top-level fields, as JSON or as a form. Records the request IP address and user agent. In a form sourceMetadata is a JSON text, or sourceMetadata[name] fields; lists are separated by commas.',
    examples: [{ title: 'The documented payload', curl: toCurl('/leads/intake', flatExample), body: flatExample }],
    answers,
    refusals,
  },
});

const submitByQuery = endpoint<undefined, Readonly<Record<string, unknown>>, Data>({
  method: 'GET',
  path: '/leads/intake',
  writesOnGet: true,
  dialect: leadpingAt('/leads/intake'),
  query: flatQuery,
  operation,
  toVariables: ({ query, idempotencyKey }) => toFlatVariables(fromQuery(query), idempotencyKey),
  fieldName: toQueryName,
  toAnswer: answerWith(toQueryName),
  docs: {
    summary: 'Flat intake by query',
    description:
      'The same with the fields in Pascal case as parameters of the address. Credentials are taken from the headers only: an address is written to logs. Personal data is too, so prefer POST.',
    examples: [
      {
        title: 'By query',
        curl: `curl -G http://localhost:3000/leads/intake \\
-H "X-Leadping-Source-Id: $SOURCE_ID" -H "X-Leadping-Source-Key: $SOURCE_KEY" \\
-d FirstName=Jordan -d Phone=+15555550123 --data-urlencode TrustedFormUrl=https://cert.trustedform.com/example`,
      },
    ],
    answers,
    refusals,
  },
});

/** The Leadping endpoints, in the order of their documentation. */
export const leadpingEndpoints: readonly Endpoint[] = [submitStructured, submitFlat, submitByQuery];
