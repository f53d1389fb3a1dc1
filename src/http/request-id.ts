import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

// No `@`: an address is no id.
const sane = /^[\w.:+/=-]{1,128}$/;

/** The id that the caller gave the request, when it is fit for a log line and a header; otherwise a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && sane.test(given) ? given : randomUUID();
}
