import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, RestRoute } from '../../rest-compat/route.ts';
import { UnavailableError } from '../errors.ts';
import type { Log } from '../platform/log.ts';
import { createTurns } from './in-turns.ts';
import { requestIdOf } from './request-id.ts';

/** A route that can be too busy, and says so in words of its own. */
export interface Doorway extends Pick<RestRoute, 'method' | 'path' | 'anyOrigin' | 'refuse'>, Required<Pick<RestRoute, 'isShut'>> {
  /** What its refusals carry that depends on who asks, their content type among it. */
  readonly refusalHeaders?: (request: IncomingMessage) => Readonly<Record<string, string>>;
}

export interface DoorkeeperOptions {
  readonly routes: readonly Doorway[];
  /** What every answer carries, beside its request id. */
  readonly commonHeaders: (route: Doorway) => Readonly<Record<string, string>>;
  readonly answered: (route: Doorway, status: number) => void;
  /** Whether it is a request at all: what is malformed is refused as such. */
  readonly isSound: (request: IncomingMessage) => boolean;
  readonly log: Log;
}

/** With the headers that are the same in each of its refusals, as Node writes them fastest: names and values in turn. */
interface Entrance {
  readonly route: Doorway;
  readonly headers: readonly string[];
}

const tellEveryMs = 1000;
const { message } = new UnavailableError('OVERLOADED');
const overloaded = { status: 503, code: 'OVERLOADED', message, retryAfterSeconds: 1 } as const;

export interface Doorkeeper {
  /** Answers whoever comes to a door that is shut. False: the request may come in. */
  readonly stops: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** The same for a request that had to be read before it was known that there is no room for it. False: it came by no doorway. */
  readonly turnAway: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/**
 * Refuses whoever is too much, before anything else is done for the request: without the router and its hooks that costs two thirds, and a
 * flood consists of nothing else. Those who are refused are listened to again in turns.
 */
export function createDoorkeeper(options: DoorkeeperOptions): Doorkeeper {
  const inTurn = createTurns();
  const find = createFinder(options.routes.map((route) => toEntrance(route, options.commonHeaders(route))));
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

  function refuse({ route, headers }: Entrance, request: IncomingMessage, response: ServerResponse): void {
    const requestId = requestIdOf(request);
    inTurn(request.socket, () => {
      const own = route.refusalHeaders ? Object.entries(route.refusalHeaders(request)).flat() : [];
      send(response, route.refuse({ ...overloaded, requestId }), [...headers, ...own, 'x-request-id', requestId]);
      options.answered(route, overloaded.status);
      tell();
    });
  }

  return {
    stops(request, response) {
      const entrance = find(request);
      if (!entrance?.route.isShut(request.headers) || !options.isSound(request)) return false;
      refuse(entrance, request, response);
      return true;
    },
    turnAway(request, response) {
      const entrance = find(request);
      if (entrance) refuse(entrance, request, response);
      return entrance !== undefined;
    },
  };
}

function toEntrance(route: Doorway, common: Readonly<Record<string, string>>): Entrance {
  const { headers } = route.refuse({ ...overloaded, requestId: '' });
  const type = route.refusalHeaders ? {} : { 'content-type': 'application/json; charset=utf-8' };
  return { route, headers: Object.entries({ ...common, ...type, ...headers }).flat() };
}

function send(response: ServerResponse, { status, body }: Answer, headers: string[]): void {
  const json = JSON.stringify(body);
  headers.push('content-length', String(Buffer.byteLength(json)));
  response.writeHead(status, headers);
  response.end(json);
}

/** By method and path as they are written: another spelling of the same address takes the long way. */
function createFinder(entrances: readonly Entrance[]): (request: IncomingMessage) => Entrance | undefined {
  const fixed = new Map(entrances.map((entrance) => [`${entrance.route.method} ${entrance.route.path}`, entrance]));
  const patterns = entrances
    .filter(({ route }) => route.path.includes(':'))
    .map((entrance) => ({ entrance, pattern: new RegExp(`^${entrance.route.path.replaceAll(/:\w+/g, '[^/]+')}$`) }));
  return ({ method, url = '' }) => {
    const query = url.indexOf('?');
    const path = query < 0 ? url : url.slice(0, query);
    const isMeant = ({ entrance, pattern }: (typeof patterns)[number]): boolean => entrance.route.method === method && pattern.test(path);
    return fixed.get(`${method} ${path}`) ?? patterns.find(isMeant)?.entrance;
  };
}
