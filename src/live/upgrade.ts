import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

export interface UpgradeRefusal {
  readonly status: 403 | 404 | 503;
  readonly message: string;
}

export const unknownPath: UpgradeRefusal = { status: 404, message: 'WebSockets are served at /graphql only.' };
export const foreignPage: UpgradeRefusal = { status: 403, message: 'A page of another site may not open a WebSocket here.' };
export const noRoom: UpgradeRefusal = {
  status: 503,
  message: 'This server holds as many connections as it can, or is stopping. Try again.',
};

/** The path of a request without its query, whatever its form. */
export const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?', 1)[0] ?? '';

/**
 * Whether a page of another site opens this socket. Browsers ask no permission before they connect a WebSocket, so without this check
 * any page could use a server that trusts its network. Programs send no Origin and cannot be told apart, nor need they be.
 */
export function isForeign({ headers }: IncomingMessage, allowedOrigins: readonly string[]): boolean {
  const { origin } = headers;
  if (origin === undefined) return false;
  if (allowedOrigins.includes(origin)) return false;
  // No page can set X-Forwarded-Host on a WebSocket, so a proxy's word can be taken for this.
  const hosts = [headers.host, headers['x-forwarded-host']].map((host) => String(host).toLowerCase());
  return !URL.canParse(origin) || !hosts.includes(new URL(origin).host);
}

export function refuseUpgrade(socket: Duplex, { status, message }: UpgradeRefusal): void {
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'Connection: close', 'Content-Type: text/plain; charset=utf-8'];
  if (status === 503) head.push('Retry-After: 1');
  socket.end(`${head.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`);
}
