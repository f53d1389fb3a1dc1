import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { RestRoute } from '../../rest-compat/route.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../../src/http/server.ts';
import { sendRaw } from './running-app.ts';

export interface BareServer extends HttpServer {
  readonly url: string;
  readonly port: number;
  readonly logged: () => string;
  readonly sendRaw: (bytes: string | Buffer) => Promise<string>;
}

/** Answers with what it was called with. */
export const echo: RestRoute = {
  method: 'POST',
  path: '/echo',
  accepts: ['json', 'form'],
  handle: ({ body, isForm, params, query, ipAddress }) =>
    Promise.resolve({ status: 200, body: { body, isForm, params, query, ipAddress } }),
  refuse: ({ status, code, message, requestId }) => ({ status, body: { error: message, code, request_id: requestId } }),
};

/** Notes that it was called: nobody may be able to make it so. */
export const smuggledRoute = (served: string[]): RestRoute => ({
  ...echo,
  method: 'GET',
  path: '/smuggled',
  accepts: [],
  handle: ({ requestId }) => {
    served.push(requestId);
    return Promise.resolve({ status: 200, body: {} });
  },
});

/** The HTTP shell alone, without a database behind it. */
export async function startBareServer(options: Partial<HttpServerOptions> = {}): Promise<BareServer> {
  const lines: string[] = [];
  const http = createHttpServer({
    log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) }),
    registry: new Registry(),
    trustProxy: false,
    isReady: () => Promise.resolve(true),
    graphql: (request, response, info) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ method: request.method, body: 'body' in request ? request.body : null, info }));
    },
    routes: [echo],
    pages: [{ path: '/page', contentType: 'text/html; charset=utf-8', body: '<p>page</p>' }],
    ...options,
  });
  const url = await http.listen('127.0.0.1', 0);
  const port = Number(new URL(url).port);
  return { ...http, url, port, logged: () => lines.join(''), sendRaw: (bytes) => sendRaw(port, bytes) };
}
