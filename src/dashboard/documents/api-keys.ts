import { type Connection, graphql, type PageVariables, type Refusal, refusalFields } from '../graph/document.ts';
import type { Scope } from './session.ts';

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
  readonly keyPreview: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}

export const apiKeys = graphql<{ readonly apiKeys: Connection<ApiKey> }, PageVariables>(/* GraphQL */ `
  query ApiKeys($first: Int!, $after: String) {
    apiKeys(first: $first, after: $after) {
      nodes { id name scope keyPreview createdAt lastUsedAt revokedAt }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const createApiKey = graphql<
  { readonly createApiKey: { readonly __typename: 'CreateApiKeySuccess'; readonly token: string } | Refusal },
  { readonly name: string; readonly scope: Scope }
>(/* GraphQL */ `
  mutation CreateApiKey($name: String!, $scope: ApiKeyScope!) {
    createApiKey(input: { name: $name, scope: $scope }) { ... on CreateApiKeySuccess { token } ${refusalFields} }
  }
`);

export const revokeApiKey = graphql<
  { readonly revokeApiKey: { readonly __typename: 'RevokeApiKeySuccess' } | Refusal },
  { readonly apiKeyId: string }
>(/* GraphQL */ `
  mutation RevokeApiKey($apiKeyId: ID!) {
    revokeApiKey(input: { apiKeyId: $apiKeyId }) {
      __typename
      ... on Error { code message }
    }
  }
`);
