import { graphql } from '../graph/document.ts';
import { type LeadRow, leadRowFields } from './leads.ts';

export interface LiveChange {
  readonly seq: number;
  readonly type: string;
  readonly summary: string;
  readonly origin: string;
  readonly recordedAt: string;
  readonly leadId: string | null;
  /** The lead as it is now; null when it is gone. */
  readonly lead: LeadRow | null;
}

export interface LiveMessage {
  readonly cursor: string;
  readonly change: LiveChange | null;
  readonly gap: { readonly toCursor: string } | null;
}

export const leadChanges = graphql<{ readonly leadChanges: LiveMessage }, { readonly after: string | null }>(/* GraphQL */ `
  subscription LeadChanges($after: Cursor) {
    leadChanges(after: $after) {
      cursor
      gap { toCursor }
      change { seq type summary origin recordedAt leadId lead { ${leadRowFields} } }
    }
  }
`);
