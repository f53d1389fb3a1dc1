import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, RestRoute } from '../../rest-compat/route.ts';
import { UnavailableError } from '../errors.ts';
import type { Log } from '../platform/log.ts';
import { createTurns } from './in-turns.ts';
import { requestIdOf } from './request-id.ts';

export interface DoorkeeperOptions {
  readonly routes: readonly RestRoute[];
  /** What every answer carries, beside its request id. */
  readonly headersOf: (route: RestRoute) => Readonly<Record<string, string>>;
  readonly answered: (route: RestRoute, status: number, elapsedMs: number) => void;
  /** Whether it is a request at all: what is malformed is refused as such. */
  readonly isSound: (request: IncomingMessage) => boolean;
  readonly log: Log;
}

const tellEveryMs = 1000;
const { message } = new UnavailableError('OVERLOADED');
const overloaded = { status: 503, code: 'OVERLOADED', message, retryAfterSeconds: 1 } as const;

/**
 * Answers whoever was just told that too much is waiting, before anything else is done for the request: without the router and its hooks that
 * costs two thirds, and a flood consists of nothing else. False: the request may come in.
 */
export function createDoorkeeper(options: DoorkeeperOptions): (request: IncomingMessage, response: ServerResponse) => boolean {
  const inTurn = createTurns();
  const find = createFinder(options.routes.filter(({ isShut }) => isShut));
  let toldAt = 0;
  let refused = 0;

  /** One line for each request would be another flood. */
  function tell(): void {
    refused += 1;
    const now = performance.now();
    if (now - toldAt < tellEveryMs) return;
    options.log.warn({ refused }, 'refusing at the door: more arrives than can be served in time');
    toldAt = now;
    refused = 0;
  }

  return (request, response) => {
    const route = find(request);
    if (!route?.isShut?.(request.headers) || !options.isSound(request)) return false;
    const requestId = requestIdOf(request);
    const arrivedAt = performance.now();
    inTurn(request.socket, () => {
      send(response, route.refuse({ ...overloaded, requestId }), { ...options.headersOf(route), 'x-request-id': requestId });
      options.answered(route, overloaded.status, performance.now() - arrivedAt);
      tell();
    });
    return true;
  };
}

function send(response: ServerResponse, { status, body, headers }: Answer, common: Readonly<Record<string, string>>): void {
  const json = JSON.stringify(body);
  const length = Buffer.byteLength(json);
  response.writeHead(status, { ...common, ...headers, 'content-type': 'application/json; charset=utf-8', 'content-length': length });
  response.end(json);
}

/** By method and path as they are written: another spelling of the same address takes the long way. */
function createFinder(routes: readonly RestRoute[]): (request: IncomingMessage) => RestRoute | undefined {
  const fixed = new Map(routes.map((route) => [`${route.method} ${route.path}`, route]));
  const patterns = routes
    .filter(({ path }) => path.includes(':'))
    .map((route) => ({ route, pattern: new RegExp(`^${route.path.replaceAll(/:\w+/g, '[^/]+')}$`) }));
  return ({ method, url = '' }) => {
    const query = url.indexOf('?');
    const path = query < 0 ? url : url.slice(0, query);
    return fixed.get(`${method} ${path}`) ?? patterns.find(({ route, pattern }) => route.method === method && pattern.test(path))?.route;
  };
}
