import { graphql } from '../graph/document.ts';

export type Scope = 'ADMIN' | 'EDITOR' | 'VIEWER' | 'INGEST';

export interface Viewer {
  readonly kind: 'ROOT' | 'API_KEY' | 'SOURCE' | 'CRM' | 'ANONYMOUS';
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly account: { readonly id: string; readonly name: string } | null;
}

export interface Stage {
  readonly name: string;
  readonly position: number;
  readonly leadCount: number;
}

export const whoAmI = graphql<{ readonly viewer: Viewer }>(/* GraphQL */ `
  query WhoAmI { viewer { kind name scopes account { id name } } }
`);

export const pipelineStages = graphql<{ readonly pipeline: { readonly stages: readonly Stage[] } }>(/* GraphQL */ `
  query PipelineStages { pipeline { stages { name position leadCount } } }
`);
