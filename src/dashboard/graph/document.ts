/** An operation with the types of its answer and its variables. Its text is checked against `schema.graphql` by a test. */
export interface GraphDocument<Data, Variables> {
  readonly text: string;
  /** Never present: it only carries the types. */
  readonly types?: (data: Data, variables: Variables) => void;
}

export const graphql = <Data, Variables = NoVariables>(text: string): GraphDocument<Data, Variables> => ({ text });

export type NoVariables = Readonly<Record<string, never>>;

export interface Connection<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** The variables of a page of a list. */
export interface PageVariables {
  readonly first: number;
  readonly after: string | null;
}

export interface Counted {
  readonly totalCount: number;
  readonly totalCountIsExact: boolean;
}

/** A member of a result union that says why a mutation refused. */
export interface Refusal {
  readonly __typename: `${string}Error`;
  readonly code: string;
  readonly message: string;
  readonly issues?: readonly { readonly path: readonly string[]; readonly message: string }[];
}

export const isRefusal = (result: { readonly __typename: string }): result is Refusal => result.__typename.endsWith('Error');

/** What to tell people of a refusal. */
export const reasonOf = ({ message, issues = [] }: Refusal): string =>
  issues.length === 0 ? message : issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join(' ');

/** What every mutation asks of its refusals. */
export const refusalFields = /* GraphQL */ `
  __typename
  ... on Error { code message }
  ... on InvalidInputError { issues { path message } }
`;
