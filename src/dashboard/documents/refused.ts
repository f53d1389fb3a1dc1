import { type Connection, type Counted, graphql, type PageVariables } from '../graph/document.ts';
import { type Receipt, receiptFields } from './lead.ts';

/** Why leads were refused, and how often. */
export interface RefusedReason {
  readonly reason: string;
  readonly count: number;
  readonly lastAt: string;
  readonly sources: readonly { readonly id: string; readonly name: string }[];
}

export interface RefusedVariables {
  readonly sourceId: string | null;
  readonly receivedFrom: string | null;
}

export const refusedReasons = graphql<
  { readonly refusedReasons: readonly RefusedReason[]; readonly submissions: Counted },
  RefusedVariables
>(/* GraphQL */ `
  query RefusedReasons($sourceId: ID, $receivedFrom: DateTime) {
    refusedReasons(sourceId: $sourceId, receivedFrom: $receivedFrom, first: 100) { reason count lastAt sources { id name } }
    submissions(first: 1, filter: { outcome: [REJECTED], sourceId: $sourceId, receivedFrom: $receivedFrom }) { totalCount totalCountIsExact }
  }
`);

export interface RefusedForVariables extends RefusedVariables, PageVariables {
  readonly reason: string;
}

export const refusedFor = graphql<{ readonly submissions: Connection<Receipt> }, RefusedForVariables>(/* GraphQL */ `
  query RefusedFor($reason: String!, $sourceId: ID, $receivedFrom: DateTime, $first: Int!, $after: String) {
    submissions(first: $first, after: $after, filter: { refusedFor: [$reason], sourceId: $sourceId, receivedFrom: $receivedFrom }) {
      nodes { ${receiptFields} }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
