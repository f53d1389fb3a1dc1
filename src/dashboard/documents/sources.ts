import { type Connection, graphql, type PageVariables, type Refusal, refusalFields } from '../graph/document.ts';

export interface Source {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly enabled: boolean;
  readonly attached: boolean;
  readonly complianceApproved: boolean;
  readonly complianceNotes: string | null;
  readonly requiresTrustedForm: boolean;
  readonly allowedStates: readonly string[];
  readonly allowedProducts: readonly string[];
  readonly defaultTags: readonly string[];
  readonly costPerLead: string | null;
  readonly pid: string | null;
  readonly keyPreview: string | null;
  readonly lastLeadAt: string | null;
  readonly metrics: { readonly totalLeads: number; readonly duplicates: number; readonly rejected: number };
}

const sourceFields = `id name description enabled attached complianceApproved complianceNotes requiresTrustedForm allowedStates allowedProducts
  defaultTags costPerLead pid keyPreview lastLeadAt metrics { totalLeads duplicates rejected }`;

/** As many as one page holds. */
export const mostSources = 100;

export const allSources = graphql<{ readonly sources: Connection<Source> }, PageVariables>(/* GraphQL */ `
  query AllSources($first: Int!, $after: String) {
    sources(first: $first, after: $after) { nodes { ${sourceFields} } pageInfo { hasNextPage endCursor } }
  }
`);

export interface SourceSettings {
  readonly name: string;
  readonly description: string | null;
  readonly enabled: boolean;
  readonly complianceApproved: boolean;
  readonly complianceNotes: string | null;
  readonly requiresTrustedForm: boolean;
  readonly allowedStates: readonly string[];
  readonly allowedProducts: readonly string[];
  readonly defaultTags: readonly string[];
  readonly costPerLead: string | null;
  readonly pid: string | null;
  /** Whether it belongs to the account; for the root key only. */
  readonly attached?: boolean;
}

export const createSource = graphql<
  { readonly createSource: { readonly __typename: 'CreateSourceSuccess'; readonly key: string; readonly source: Source } | Refusal },
  { readonly input: SourceSettings }
>(/* GraphQL */ `
  mutation CreateSource($input: CreateSourceInput!) {
    createSource(input: $input) { ... on CreateSourceSuccess { key source { ${sourceFields} } } ${refusalFields} }
  }
`);

export const updateSource = graphql<
  { readonly updateSource: { readonly __typename: 'UpdateSourceSuccess' } | Refusal },
  { readonly input: { readonly sourceId: string } & Partial<SourceSettings> }
>(/* GraphQL */ `
  mutation UpdateSource($input: UpdateSourceInput!) { updateSource(input: $input) { ${refusalFields} } }
`);

export const rotateSourceKey = graphql<
  { readonly rotateSourceKey: { readonly __typename: 'RotateSourceKeySuccess'; readonly key: string } | Refusal },
  { readonly sourceId: string }
>(/* GraphQL */ `
  mutation RotateSourceKey($sourceId: ID!) {
    rotateSourceKey(input: { sourceId: $sourceId }) { ... on RotateSourceKeySuccess { key } ${refusalFields} }
  }
`);
