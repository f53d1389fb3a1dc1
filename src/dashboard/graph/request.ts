import { apiKey, credentials, signOut } from '../session.ts';
import type { GraphDocument } from './document.ts';

/** The server is away or has too much to do: the same question may be answered in a moment. */
const passing = ['OFFLINE', 'OVERLOADED', 'DB_UNAVAILABLE', 'SHUTTING_DOWN', 'RATE_LIMITED', 'REQUEST_TIMEOUT'];

/** A top-level error of the graph, or no answer at all (`OFFLINE`). */
export class GraphError extends Error {
  readonly code: string;
  readonly isPassing: boolean;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
    this.isPassing = passing.includes(code);
  }
}

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** Runs a query or a mutation. Rejects with GraphError. */
export async function request<Data, Variables>(
  document: GraphDocument<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Data> {
  const key = apiKey.get();
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...credentials() },
    body: JSON.stringify({ query: document.text, variables }),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new GraphError('OFFLINE', 'The server cannot be reached.');
  });
  const answer = await readAnswer<Data>(response);
  const [error] = answer.errors ?? [];
  if (error) {
    const code = error.extensions?.code ?? 'INTERNAL_SERVER_ERROR';
    if (code === 'UNAUTHENTICATED' && key !== null && key === apiKey.get()) signOut('The server does not take this key (any more).');
    throw new GraphError(code, error.message);
  }
  if (answer.data == null) throw new GraphError('OFFLINE', `The server answered ${response.status}.`);
  return answer.data;
}

async function readAnswer<Data>(response: Response): Promise<Answer<Data>> {
  try {
    return (await response.json()) as Answer<Data>;
  } catch {
    throw new GraphError('OFFLINE', `The server answered ${response.status}.`);
  }
}
