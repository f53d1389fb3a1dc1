import type { FormattedExecutionResult } from 'graphql-ws';
import { type LiveServer, rootKey } from './live-server.ts';

/** What both transports offer to a subscriber, so that one list of behaviours can be run on both. */
export type Subscribe = (server: LiveServer, query: string, variables?: Record<string, unknown>, key?: string) => Results;

export type Result = FormattedExecutionResult<Record<string, unknown>, unknown>;

export type Results = AsyncGenerator<Result, void>;

export const overWebSocket: Subscribe = async function* (server, query, variables = {}, key = rootKey) {
  const client = server.connect({ 'x-api-key': key });
  try {
    yield* client.iterate({ query, variables });
  } finally {
    await client.dispose();
  }
};

export const overServerSentEvents: Subscribe = async function* (server, query, variables = {}, key = rootKey) {
  const abort = new AbortController();
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'x-api-key': key },
    body: JSON.stringify({ query, variables }),
    signal: abort.signal,
  });
  if (!response.body) throw new Error('an event stream without a body');
  try {
    yield* readEvents(response.body);
  } finally {
    abort.abort();
  }
};

async function* readEvents(body: ReadableStream<Uint8Array>): Results {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const lines = new Map(event.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
      if (lines.get('event') === 'complete') return;
      if (lines.get('event') === 'next') yield JSON.parse(lines.get('data') ?? '');
    }
  }
}
