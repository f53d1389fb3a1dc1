import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';

/** One call as the receiver got it. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly at: number;
}

export interface Receiver {
  readonly url: string;
  readonly calls: Call[];
  /** What it answers; by default 200 to everything. */
  answer: (call: Call, response: ServerResponse) => void;
  readonly close: () => Promise<void>;
}

/** A server on a free port that keeps what it is sent. */
export async function startReceiver(): Promise<Receiver> {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => (body += text));
    request.on('end', () => {
      const call = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body, at: performance.now() };
      calls.push(call);
      receiver.answer(call, response);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('a server that listens has an address');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    answer: (_call, response) => void response.writeHead(200).end('Webhook received'),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

export const header = (call: Call | undefined, name: string): string => String(call?.headers[name] ?? '');
