import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Log } from '../platform/log.ts';
import { answerInProgress } from './answer-in-progress.ts';
import { type HttpFault, toProblemDetails } from './fault.ts';

const faults: Readonly<Record<string, HttpFault>> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: 'BAD_REQUEST', message: 'The request line and headers are larger than 16 KB.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'REQUEST_TIMEOUT', message: 'The request did not arrive in time.' },
};

const malformed: HttpFault = { status: 400, code: 'BAD_REQUEST', message: 'The request does not follow HTTP/1.1.' };

const lingerMs = 500;

/** Answers bytes that never became a request: the parser refused them, or they came too slowly. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex, log: Log): void {
  // Answered already, and cut in a moment: the parser complains again about every further packet.
  if (socket.writableEnded) return;
  // A reset connection has nobody to answer to; one whose answer has begun would get a second one in its middle.
  if (error.code === 'ECONNRESET' || !socket.writable || answerInProgress(socket)?.headersSent) {
    socket.destroy();
    return;
  }
  const fault = faults[error.code ?? ''] ?? malformed;
  const requestId = randomUUID();
  log.info({ requestId, status: fault.status, code: fault.code, reason: error.code }, 'request refused by the parser');
  answerRaw(socket, fault, requestId);
}

/** Answers on a bare socket and closes it. */
function answerRaw(socket: Duplex, fault: HttpFault, requestId: string): void {
  const body = toProblemDetails(fault, requestId);
  socket.end(
    `HTTP/1.1 ${fault.status} ${STATUS_CODES[fault.status] ?? 'Error'}\r\n` +
      'Content-Type: application/problem+json; charset=utf-8\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n` +
      `X-Request-Id: ${requestId}\r\n` +
      'X-Content-Type-Options: nosniff\r\n' +
      'Connection: close\r\n\r\n' +
      body,
  );
  // Not at once: a reset because of unread bytes can overtake the answer.
  setTimeout(() => socket.destroy(), lingerMs).unref();
}
