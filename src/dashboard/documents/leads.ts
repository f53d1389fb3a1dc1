import { type Connection, type Counted, graphql, type PageVariables, type Refusal, refusalFields } from '../graph/document.ts';

/** A lead as lists show it. */
export interface LeadRow {
  readonly id: string;
  readonly number: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly company: string | null;
  readonly stage: { readonly name: string };
  readonly sourceName: string | null;
  readonly campaignName: string | null;
  readonly form: { readonly completionPercent: number | null };
  readonly ipAddress: string | null;
  readonly deviceType: string | null;
}

export const leadRowFields = `id number createdAt updatedAt firstName lastName email phone company stage { name } sourceName campaignName
  form { completionPercent } ipAddress deviceType`;

export type LeadOrder = 'NEWEST' | 'OLDEST' | 'RECENTLY_UPDATED' | 'STAGE';

export interface LeadFilter {
  readonly search?: string;
  readonly stage?: readonly string[];
  readonly source?: readonly string[];
  readonly campaign?: readonly string[];
  readonly deviceType?: readonly string[];
  readonly createdFrom?: string;
  readonly createdTo?: string;
}

export interface LeadPageVariables extends PageVariables {
  readonly filter: LeadFilter;
  readonly orderBy: LeadOrder;
}

export const leadRows = graphql<{ readonly leads: Connection<LeadRow> }, LeadPageVariables>(/* GraphQL */ `
  query LeadRows($first: Int!, $after: String, $filter: LeadFilter, $orderBy: LeadOrder) {
    leads(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      nodes { ${leadRowFields} }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const leadCount = graphql<{ readonly leads: Counted }, { readonly filter: LeadFilter }>(/* GraphQL */ `
  query LeadCount($filter: LeadFilter) {
    leads(first: 1, filter: $filter) { totalCount totalCountIsExact }
  }
`);

export const deleteLead = graphql<
  { readonly deleteLead: { readonly __typename: 'DeleteLeadSuccess' } | Refusal },
  { readonly leadId: string }
>(/* GraphQL */ `
  mutation DeleteLead($leadId: ID!) {
    deleteLead(input: { leadId: $leadId }) { ${refusalFields} }
  }
`);

export interface EraseLeadInput {
  readonly leadId: string;
  readonly includeDuplicates: boolean;
  readonly reason?: string;
}

export const eraseLead = graphql<
  { readonly eraseLead: { readonly __typename: 'EraseLeadSuccess'; readonly duplicatesLeft: number } | Refusal },
  { readonly input: EraseLeadInput }
>(/* GraphQL */ `
  mutation EraseLead($input: EraseLeadInput!) {
    eraseLead(input: $input) { ... on EraseLeadSuccess { duplicatesLeft } ${refusalFields} }
  }
`);

export const moveLead = graphql<
  { readonly moveLead: { readonly __typename: 'MoveLeadSuccess' } | Refusal },
  { readonly leadId: string; readonly stage: string; readonly reason?: string }
>(/* GraphQL */ `
  mutation MoveLead($leadId: ID!, $stage: String!, $reason: String) {
    moveLead(input: { leadId: $leadId, stage: $stage, reason: $reason }) { ${refusalFields} }
  }
`);

export const whatGoesWithLead = graphql<
  {
    readonly lead: Readonly<Record<'stageHistory' | 'submissions' | 'events' | 'crmActivity', Pick<Counted, 'totalCount'>>> | null;
  },
  { readonly id: string }
>(/* GraphQL */ `
  query WhatGoesWithLead($id: ID!) {
    lead(by: { id: $id }) {
      stageHistory(first: 1) { totalCount }
      submissions(first: 1) { totalCount }
      events(first: 1) { totalCount }
      crmActivity(first: 1) { totalCount }
    }
  }
`);
