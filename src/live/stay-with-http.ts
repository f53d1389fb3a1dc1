import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { answerInProgress } from '../http/answer-in-progress.ts';

/** Whether the caller asks for a WebSocket; others, like Java's HTTP client, ask every server for HTTP/2. */
export const asksForWebSocket = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket';

/**
 * Serves a request as if it had asked for no other protocol, which is a server's right. Node takes the connection out of HTTP as soon as
 * anybody listens to upgrades, with the body unread: so it is handed back, the same request before it without the header.
 */
export function stayWithHttp(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  // A caller that does not wait for its answers: the one under way would end up between the new ones.
  if (answerInProgress(socket)) return void socket.destroy();
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(i, i + 2);
    if (name.toLowerCase() !== 'upgrade') lines.push(`${name}: ${value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}
