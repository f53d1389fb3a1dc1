import { expect } from 'vitest';
import type { Json, TestApp } from '../support/app.ts';

/** What tests of CRM activity ask of a server, as one account. */
export interface CrmAccount {
  readonly record: (crmLeadId: string, payload: object, more?: object) => Promise<Json>;
  readonly link: (input: object) => Promise<Json>;
  readonly postback: (input: object) => Promise<Json>;
  readonly ask: (query: string, variables?: Record<string, unknown>) => Promise<Json>;
  readonly story: (id: string) => Promise<Json>;
}

const recordDocument = `mutation ($input: RecordCrmActivityInput!) { recordCrmActivity(input: $input) { __typename
  ... on RecordCrmActivitySuccess { stored lead { number email } activity { id crmLeadId eventType status payload payloadText occurredAt receivedAt actor } }
  ... on Error { code } ... on InvalidInputError { issues { path message } } } }`;
const linkDocument = `mutation ($input: LinkCrmLeadInput!) { linkCrmLead(input: $input) { __typename
  ... on LinkCrmLeadSuccess { bound lead { id crmLeadId } } ... on Error { code } } }`;
const postbackDocument = `mutation ($input: RecordPostbackInput!) { recordPostback(input: $input) { __typename
  ... on RecordPostbackSuccess { created lead { id number crmLeadId } submission { id crmLeadId fields } } ... on Error { code } } }`;
const storyDocument = `query ($id: ID!) { lead(by: { id: $id }) { crmLeadId
  crmActivity(first: 100) { totalCount nodes { crmLeadId eventType payloadText occurredAt lead { id } } }
  timeline(first: 100) { totalCount nodes { type label summary actor origin occurredAt crmActivity { payloadText } } } } }`;

export function asAccount(app: TestApp, token: string): CrmAccount {
  const ask: CrmAccount['ask'] = async (query, variables) => {
    const { data, errors } = await app.graphql(query, variables, { 'x-api-key': token });
    expect(errors).toBeUndefined();
    return data;
  };
  return {
    ask,
    record: async (crmLeadId, payload, more = {}) => {
      const { recordCrmActivity } = await ask(recordDocument, { input: { crmLeadId, payload, ...more } });
      return recordCrmActivity;
    },
    link: async (input) => (await ask(linkDocument, { input })).linkCrmLead,
    postback: async (input) => (await ask(postbackDocument, { input })).recordPostback,
    story: async (id) => (await ask(storyDocument, { id })).lead,
  };
}

export async function newAccount(app: TestApp, rootKey: string): Promise<CrmAccount> {
  const { data } = await app.graphql(
    'mutation ($name: String!) { createAccount(input: { name: $name }) { ... on CreateAccountSuccess { token } } }',
    { name: crypto.randomUUID() },
    { 'x-api-key': rootKey },
  );
  return asAccount(app, data.createAccount.token);
}
