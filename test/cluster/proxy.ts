import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** A plain reverse proxy, as an operator has one: the servers that are ready take turns. What was sent to a server is never sent to another. */
export interface Proxy {
  readonly url: string;
  /** How many requests each server was sent. */
  readonly sent: ReadonlyMap<string, number>;
  /** Resolves when the server was found ready, or not ready. */
  readonly sees: (server: string, ready: boolean) => Promise<void>;
  readonly close: () => Promise<void>;
}

const askEveryMs = 100;

export async function startProxy(servers: readonly string[]): Promise<Proxy> {
  const ready = new Set<string>();
  const sent = new Map<string, number>(servers.map((server) => [server, 0]));
  const agent = new Agent({ keepAlive: true });
  const tunnels = new Set<Duplex>();
  let turn = 0;

  const over = new AbortController();

  async function ask(server: string): Promise<void> {
    const isReady = await fetch(`${server}/readyz`).then(
      ({ status }) => status === 200,
      () => false,
    );
    if (isReady) ready.add(server);
    else ready.delete(server);
  }

  async function keepAsking(server: string): Promise<void> {
    while (!over.signal.aborted) {
      await ask(server);
      await new Promise((resolve) => setTimeout(resolve, askEveryMs));
    }
  }

  function nextServer(): string | undefined {
    const able = servers.filter((server) => ready.has(server));
    return able[(turn += 1) % able.length];
  }

  function forward(incoming: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const server = nextServer();
    if (server === undefined) return refuse(response, 'no server is ready');
    const { method, headers } = incoming;
    const outgoing = request(new URL(incoming.url ?? '/', server), { method, headers, agent });
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', (error) => {
      // Nobody listens there any more, so nothing was sent.
      if (!('code' in error) || error.code !== 'ECONNREFUSED') return refuse(response, error.message);
      ready.delete(server);
      forward(incoming, body, response);
    });
    response.on('close', () => outgoing.destroy());
    outgoing.on('socket', () => sent.set(server, (sent.get(server) ?? 0) + 1));
    outgoing.end(body);
  }

  function tunnel(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const server = nextServer();
    if (server === undefined) return void socket.destroy();
    const { hostname, port } = new URL(server);
    const upstream = connect(Number(port), hostname);
    for (const [from, to] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      tunnels.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        tunnels.delete(from);
        to.destroy();
      });
    }
    const lines: string[] = [`${incoming.method} ${incoming.url} HTTP/1.1`];
    for (let i = 0; i < incoming.rawHeaders.length; i += 2) lines.push(`${incoming.rawHeaders[i]}: ${incoming.rawHeaders[i + 1]}`);
    upstream.write(`${lines.join('\r\n')}\r\n\r\n`);
    upstream.write(head);
    socket.pipe(upstream).pipe(socket);
  }

  const proxy = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => forward(incoming, Buffer.concat(chunks), response));
  });
  proxy.on('upgrade', tunnel);
  // Longer than its clients keep a connection, so that it never closes one that they are about to use.
  proxy.keepAliveTimeout = 60_000;
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  await Promise.all(servers.map(ask));
  for (const server of servers) void keepAsking(server);

  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    sent,
    async sees(server, wanted) {
      while (ready.has(server) !== wanted) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    async close() {
      over.abort();
      for (const socket of tunnels) socket.destroy();
      agent.destroy();
      proxy.closeAllConnections();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

function refuse(response: ServerResponse, why: string): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(502).end(why);
}
