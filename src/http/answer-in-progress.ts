import { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** The answer that a connection is busy with, or null. Node keeps it on the socket and offers no public way to ask. */
export function answerInProgress(socket: Duplex): ServerResponse | null {
  const answer: unknown = Reflect.get(socket, '_httpMessage');
  return answer instanceof ServerResponse ? answer : null;
}
