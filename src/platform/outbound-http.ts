import { lookup } from 'node:dns/promises';
import http, { type IncomingHttpHeaders, type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import { BlockList, isIP } from 'node:net';
import { isAddressIn, isPublicAddress } from './public-address.ts';

/** Why a call to another server gave no answer. */
export type OutboundFailure = 'invalid_url' | 'blocked_address' | 'name_not_found' | 'timeout' | 'connect_timeout' | 'connection_failed';

export class OutboundError extends Error {
  readonly reason: OutboundFailure;
  constructor(reason: OutboundFailure, detail = '') {
    super(detail === '' ? reason : `${reason}: ${detail}`);
    this.name = 'OutboundError';
    this.reason = reason;
  }
}

export interface OutboundRequest {
  readonly url: URL;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** For everything together: name, connection, answer. */
  readonly deadlineMs: number;
  /** For the connection alone. */
  readonly connectMs?: number;
  readonly signal?: AbortSignal;
  /** How much of the answer's body to read. */
  readonly maxBodyBytes?: number;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As far as it was read. */
  readonly body: Buffer;
  readonly isTruncated: boolean;
  /** The address that was called. */
  readonly address: string;
}

export interface OutboundHttp {
  /** Calls a server of the public internet. A redirect is an answer like any other: nobody follows it. Rejects with OutboundError. */
  readonly call: (request: OutboundRequest) => Promise<OutboundAnswer>;
  /** The addresses that a URL may be called at now. Rejects with OutboundError when there is none. */
  readonly resolve: (url: URL) => Promise<readonly string[]>;
}

export interface ClosableOutboundHttp extends OutboundHttp {
  /** Lets go of idle connections. */
  readonly close: () => void;
}

export interface OutboundHttpOptions {
  /** Networks that may be called though they are not public. */
  readonly allowed?: BlockList;
  /** The addresses of a name. */
  readonly lookUp?: (name: string) => Promise<readonly string[]>;
  /** Keeps connections for the next call. */
  readonly keepAlive?: boolean;
}

/**
 * The only place where this server connects to an address that somebody else chose. A name is resolved here, once; its addresses are checked;
 * and the connection goes to the checked address itself, so that a second answer of the name server can change nothing.
 */
export function createOutboundHttp(options: OutboundHttpOptions = {}): ClosableOutboundHttp {
  const { allowed = new BlockList(), lookUp = lookUpName, keepAlive = false } = options;
  const agents = keepAlive ? createAgents() : null;
  const isAllowed = (address: string): boolean => isPublicAddress(address) || isAddressIn(allowed, address);

  async function resolve(url: URL): Promise<readonly string[]> {
    if ((url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '' || url.password !== '') {
      throw new OutboundError('invalid_url');
    }
    const host = hostOf(url);
    const found = isIP(host) === 0 ? await lookUp(host).catch(() => []) : [host];
    if (found.length === 0) throw new OutboundError('name_not_found');
    const addresses = found.filter(isAllowed);
    if (addresses.length === 0) throw new OutboundError('blocked_address');
    // IPv4 first: a host without an IPv6 route would otherwise fail before it tries.
    return addresses.toSorted((a, b) => isIP(a) - isIP(b));
  }

  async function call(request: OutboundRequest): Promise<OutboundAnswer> {
    // By hand and not by AbortSignal.timeout and AbortSignal.any, which cost a fifth of a call.
    const ending = new AbortController();
    const end = (): void => ending.abort();
    const deadline = setTimeout(end, request.deadlineMs);
    request.signal?.addEventListener('abort', end, { once: true });
    if (request.signal?.aborted) end();
    try {
      const addresses = await untilAborted(resolve(request.url), ending.signal);
      return await untilAborted(callAny(request, addresses, ending.signal), ending.signal);
    } finally {
      clearTimeout(deadline);
      request.signal?.removeEventListener('abort', end);
    }
  }

  /** At the first address that can be reached. */
  async function callAny(request: OutboundRequest, addresses: readonly string[], signal: AbortSignal): Promise<OutboundAnswer> {
    let failure: unknown = null;
    for (const address of addresses) {
      try {
        return await send(request, address, agents, signal);
      } catch (error) {
        failure = error;
        if (!isUnreached(error)) break;
      }
    }
    throw toOutboundError(failure, signal);
  }

  return {
    call,
    resolve,
    close() {
      agents?.http.destroy();
      agents?.https.destroy();
    },
  };
}

interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

/**
 * An agent knows its connections by the address that was checked, not by the name: one that is kept is used again only by a call whose own
 * check led to the same address.
 */
function createAgents(): Agents {
  const options = { keepAlive: true, maxFreeSockets: 64, scheduling: 'lifo', timeout: 30_000 } as const;
  return { http: new http.Agent(options), https: new https.Agent(options) };
}

export const lookUpName = async (name: string): Promise<readonly string[]> =>
  (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address);

/** The host as a name server or a socket takes it: an IPv6 address without its brackets. */
const hostOf = ({ hostname }: URL): string => (hostname.startsWith('[') ? hostname.slice(1, -1) : hostname);

const usualBodyBytes = 64 * 1024;

async function send(request: OutboundRequest, address: string, agents: Agents | null, signal: AbortSignal): Promise<OutboundAnswer> {
  for (;;) {
    const outgoing = { reused: false };
    try {
      return await sendOnce(request, address, agents, signal, outgoing);
    } catch (error) {
      // A kept connection that the server had closed meanwhile says nothing about the server: the next one is tried, in the end a new one.
      if (!outgoing.reused || signal.aborted || !isReset(error)) throw error;
    }
  }
}

function sendOnce(
  request: OutboundRequest,
  address: string,
  agents: Agents | null,
  signal: AbortSignal,
  connection: { reused: boolean },
): Promise<OutboundAnswer> {
  const { url, method = 'GET', headers = {}, body, maxBodyBytes = usualBodyBytes } = request;
  const host = hostOf(url);
  const options: RequestOptions & https.RequestOptions = {
    // The checked address, not the name: nothing is resolved again.
    host: address,
    port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
    path: `${url.pathname}${url.search}`,
    method,
    // The name for which the certificate must stand; a bare address has none.
    ...(isIP(host) === 0 && { servername: host }),
    headers: { ...headers, host: url.host, ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }) },
    agent: (url.protocol === 'https:' ? agents?.https : agents?.http) ?? false,
    signal,
  };
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === 'https:' ? https : http).request(options, (answer) => {
      readBounded(answer, maxBodyBytes).then(
        ({ bytes, isTruncated }) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: bytes, isTruncated, address }),
        reject,
      );
    });
    // Nobody asked for another protocol. Without a listener Node ends the connection and tells nobody.
    outgoing.on('upgrade', ({ statusCode = 0, headers: sent }, socket) => {
      socket.destroy();
      resolve({ status: statusCode, headers: sent, body: Buffer.alloc(0), isTruncated: false, address });
    });
    outgoing.on('error', (error) => {
      connection.reused = outgoing.reusedSocket;
      reject(error);
    });
    if (request.connectMs !== undefined)
      limitConnecting(outgoing, url.protocol === 'https:' ? 'secureConnect' : 'connect', request.connectMs);
    outgoing.end(body);
  });
}

function limitConnecting(outgoing: http.ClientRequest, connected: 'connect' | 'secureConnect', connectMs: number): void {
  const timer = setTimeout(() => outgoing.destroy(new OutboundError('connect_timeout')), connectMs);
  const done = (): void => clearTimeout(timer);
  outgoing.once('close', done);
  outgoing.once('socket', (socket) => {
    if (outgoing.reusedSocket) done();
    else socket.once(connected, done);
  });
}

const isReset = (error: unknown): boolean => ['ECONNRESET', 'EPIPE'].includes(codeOf(error));

async function readBounded(answer: IncomingMessage, most: number): Promise<{ readonly bytes: Buffer; readonly isTruncated: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    // Leaving the loop ends the connection: what a server sends beyond this is not our memory's business.
    if (size > most) break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, most), isTruncated: size > most };
}

function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new OutboundError('timeout'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

const unreached = new Set(['ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL']);

/** No byte was sent, so another address of the name may be tried. */
const isUnreached = (error: unknown): boolean => unreached.has(codeOf(error));

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '');

function toOutboundError(error: unknown, signal: AbortSignal): OutboundError {
  if (error instanceof OutboundError) return error;
  return signal.aborted ? new OutboundError('timeout') : new OutboundError('connection_failed', codeOf(error));
}
