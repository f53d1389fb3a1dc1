import { type Connection, type Counted, graphql, type PageVariables, type Refusal, refusalFields } from '../graph/document.ts';

export interface UnmatchedActivity {
  readonly id: string;
  readonly crmLeadId: string;
  readonly eventType: string;
  readonly status: string | null;
  readonly payload: unknown;
  readonly occurredAt: string;
  readonly receivedAt: string;
}

export const unmatchedCrmActivity = graphql<
  { readonly unmatchedCrmActivity: Connection<UnmatchedActivity> & Counted },
  PageVariables
>(/* GraphQL */ `
  query UnmatchedCrmActivity($first: Int!, $after: String) {
    unmatchedCrmActivity(first: $first, after: $after) {
      totalCount
      totalCountIsExact
      nodes { id crmLeadId eventType status payload occurredAt receivedAt }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const leadByNumber = graphql<{ readonly lead: { readonly id: string } | null }, { readonly number: number }>(/* GraphQL */ `
  query LeadByNumber($number: Int!) { lead(by: { number: $number }) { id } }
`);

export const linkCrmLead = graphql<
  { readonly linkCrmLead: { readonly __typename: 'LinkCrmLeadSuccess'; readonly bound: number } | Refusal },
  { readonly leadId: string; readonly crmLeadId: string }
>(/* GraphQL */ `
  mutation LinkCrmLead($leadId: ID!, $crmLeadId: String!) {
    linkCrmLead(input: { leadId: $leadId, crmLeadId: $crmLeadId }) { ... on LinkCrmLeadSuccess { bound } ${refusalFields} }
  }
`);
