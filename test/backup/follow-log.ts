import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

export interface Followed {
  /** Of the last change that was seen. */
  readonly cursor: string;
  readonly seqs: readonly number[];
}

interface Message {
  readonly leadChanges: { readonly cursor: string; readonly change: { readonly seq: number } | null };
}

const query = 'subscription ($after: Cursor) { leadChanges(after: $after) { cursor change { seq } } }';

/** Follows the log as a dashboard does, from a cursor or from now on, until it has seen `upTo` (a number of changes, or one seq). */
export async function followLog(
  base: string,
  key: Readonly<Record<string, string>>,
  after: string | null,
  upTo: { readonly count: number } | { readonly seq: number },
): Promise<Followed> {
  const client = createClient({
    url: `${base.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: key,
    retryAttempts: 0,
  });
  const seqs: number[] = [];
  let cursor = after ?? '';
  try {
    for await (const { data, errors } of client.iterate<Message>({ query, variables: { after } })) {
      if (!data) throw new Error(JSON.stringify(errors));
      ({ cursor } = data.leadChanges);
      if (data.leadChanges.change) seqs.push(data.leadChanges.change.seq);
      if ('seq' in upTo ? (seqs.at(-1) ?? 0) >= upTo.seq : seqs.length >= upTo.count) break;
    }
  } finally {
    await client.dispose();
  }
  return { cursor, seqs };
}
