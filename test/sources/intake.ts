import { expect } from 'vitest';
import { mutate } from '../events/store.ts';
import type { Json, RestAnswer, TestApp } from '../support/app.ts';

export const rootKey = 'the-root-key';
export const asRoot = { 'x-api-key': rootKey };

export interface SourceAccess {
  readonly id: string;
  readonly key: string;
  /** The documented headers. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A source that may send leads, unless the settings say otherwise. */
export async function makeSource(app: TestApp, settings: Record<string, unknown> = {}): Promise<SourceAccess> {
  const { data, errors } = await app.graphql(
    `mutation ($input: CreateSourceInput!) { createSource(input: $input) {
      ... on CreateSourceSuccess { key source { id } } ... on InvalidInputError { issues { path message } }
    } }`,
    { input: { name: 'Partner', complianceApproved: true, ...settings } },
    asRoot,
  );
  expect(errors).toBeUndefined();
  const { key, source } = data.createSource;
  return { id: source.id, key, headers: { 'x-leadping-source-id': source.id, 'x-leadping-source-key': key } };
}

let leads = 0;

/** A flat lead that every approved source may send, under an email of its own. */
export const flatLead = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  firstName: 'Jo',
  email: `lead${(leads += 1)}@intake.test`,
  trustedFormUrl: 'https://cert.trustedform.com/example',
  ...fields,
});

export const post = (app: TestApp, source: SourceAccess, body: unknown): Promise<RestAnswer> =>
  app.send('POST', '/leads/intake', body, source.headers);

export async function ask(app: TestApp, query: string, variables: Record<string, unknown> = {}) {
  const { data, errors } = await app.graphql(query, variables, asRoot);
  expect(errors).toBeUndefined();
  return data;
}

export const findLead = async (app: TestApp, id: string) =>
  (
    await ask(
      app,
      `query ($id: ID!) { lead(by: { id: $id }) {
        id email phone phoneE164 birthDate gender tags cost price customData sourceName trustedFormStatus ipAddress userAgent externalId
        address { line1 state postalCode } source { id name } duplicateOf { id } conversation { status isUnread }
        phoneLookup { country region type timeZones provider }
        submissions { nodes { outcome reasons ipAddress body } } timeline { nodes { type origin summary } }
      } }`,
      { id },
    )
  ).lead;

export const rejected = async (app: TestApp, sourceId: string) =>
  (
    await ask(
      app,
      `query ($id: ID!) { submissions(filter: { outcome: REJECTED, sourceId: $id }) { nodes { reasons body lead { id } } } }`,
      {
        id: sourceId,
      },
    )
  ).submissions.nodes;

/** Hands in a lead by the graph, with the certificate that every source wants. */
export const submitLead = (app: TestApp, sourceId: string, contact: object, externalId?: string): Promise<Json> => {
  const metadata = { trustedFormUrl: 'https://cert.trustedform.com/x', externalId };
  const selection = 'lead { id uuid duplicateOf { id } } submission { outcome }';
  return mutate(app, 'submitLead', { sourceId, contact, metadata, customer: {} }, selection, asRoot);
};
