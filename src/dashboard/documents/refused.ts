import { type Connection, type Counted, graphql } from '../graph/document.ts';
import { type Receipt, receiptFields } from './lead.ts';

export interface RefusedReceipt extends Receipt {
  readonly outcome: 'REJECTED';
}

export const refusedSubmissions = graphql<
  { readonly submissions: Connection<RefusedReceipt> & Counted },
  { readonly first: number }
>(/* GraphQL */ `
  query RefusedSubmissions($first: Int!) {
    submissions(first: $first, filter: { outcome: [REJECTED] }) {
      totalCount
      totalCountIsExact
      nodes { ${receiptFields} }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
