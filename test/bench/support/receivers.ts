import { once } from 'node:events';
import { createServer } from 'node:http';

export interface BenchReceiver {
  readonly url: string;
  readonly close: () => void;
}

/** A receiver of webhooks in this process. Without `onBody` it never answers. */
export async function startReceiver(onBody: ((body: string) => void) | null): Promise<BenchReceiver> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => (body += text));
    request.on('end', () => {
      if (!onBody) return;
      onBody(body);
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('a server that listens has an address');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
