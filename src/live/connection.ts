import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket as ProtocolSocket } from 'graphql-ws';
import type { RawData, WebSocket } from 'ws';
import type { ServerContext } from '../graphql/server.ts';
import type { Log } from '../platform/log.ts';
import type { SendPayloads } from './live-results.ts';
import { framesOf } from './frames.ts';
import type { Seats } from './seats.ts';

/** What is asked of a handshake later on. The request itself would keep all of its headers, and a stream, for as long as the connection lasts. */
export type Caller = Pick<ServerContext, 'req' | 'ipAddress'>;

export function callerOf({ headers, socket }: IncomingMessage): Caller {
  const { authorization, 'x-api-key': key, 'user-agent': userAgent } = headers;
  return { req: { headers: { authorization, 'x-api-key': key, 'user-agent': userAgent } }, ipAddress: socket.remoteAddress ?? null };
}

/** What the connections of one server have in common. */
export interface ConnectionRules {
  readonly framesPerSecond: number;
  readonly keys: Seats;
  readonly log: Log;
}

export const closeCodes = { goingAway: 1001, policyViolation: 1008, tooBig: 1009, internalError: 4500 } as const;
/** A client that broke a rule may still read why, but not for long. */
const lastWordsMs = 1000;

type Handle = Parameters<ProtocolSocket['onMessage']>[0];

/** One connection: a class, because there are thousands of them, and a closure for each of its functions would be most of what one takes. */
export class Connection implements ProtocolSocket {
  readonly protocol: string;
  readonly caller: Caller;
  readonly #socket: WebSocket;
  /** What the socket writes to. */
  readonly #stream: Duplex;
  readonly #rules: ConnectionRules;
  readonly #leaveNewcomers: () => void;
  #leaveKey: (() => void) | null = null;
  #handle: Handle | null = null;
  #alive = true;
  #frames = 0;
  #secondBegan = performance.now();

  constructor(socket: WebSocket, stream: Duplex, caller: Caller, rules: ConnectionRules, leaveNewcomers: () => void) {
    this.protocol = socket.protocol;
    this.caller = caller;
    this.#socket = socket;
    this.#stream = stream;
    this.#rules = rules;
    this.#leaveNewcomers = leaveNewcomers;
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  onMessage(handle: Handle): void {
    this.#handle = handle;
  }

  /** Whether the holder of this credential may have one more connection. */
  admit(credential: string): boolean {
    this.#leaveKey = this.#rules.keys.take(credential);
    if (!this.#leaveKey) return false;
    this.#leaveNewcomers();
    return true;
  }

  /** Calls back when the bytes left this process, so a client that does not read stops the stream that feeds it. */
  write(...[texts, sent]: Parameters<SendPayloads>): void {
    // Not at once: the next message would be here before this one has returned.
    if (!this.#isOpen) return void setImmediate(sent);
    this.#stream.write(framesOf(texts), sent);
  }

  send(text: string): Promise<void> {
    return new Promise((resolve, reject) => this.write([text], (error) => (error ? reject(error) : resolve())));
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    // Half a minute is what ws gives a client to hang up: too long for one that nobody knows, since it holds a place.
    if (!this.#leaveKey) this.#terminateSoon();
  }

  receive(data: RawData): void {
    this.#countFrame();
    if (!this.#isOpen) return;
    const text = Buffer.isBuffer(data) ? data.toString('utf8') : '';
    if (text === '') return this.#dismiss('Empty message');
    this.#handle?.(text).catch((error: unknown) => {
      // A send that failed because the client left is not worth a word.
      if (!this.#isOpen) return;
      this.#rules.log.error({ type: error instanceof Error ? error.name : typeof error }, 'websocket message could not be handled');
      this.#socket.close(closeCodes.internalError, 'Internal server error');
    });
  }

  pinged(data: Buffer): void {
    this.#countFrame();
    if (this.#isOpen) this.#socket.pong(data);
  }

  ponged(): void {
    this.#alive = true;
    this.#countFrame();
  }

  /** Asks whether the client is still there; ends the connection when it did not answer the last time. */
  beat(): void {
    // One that is being closed has ws's own time limit to take the close frame.
    if (!this.#isOpen) return;
    if (!this.#alive) return this.#socket.terminate();
    this.#alive = false;
    this.#socket.ping();
  }

  /** What is too large or malformed: ws has sent the fitting close code already. */
  broken(): void {
    this.#terminateSoon();
  }

  closed(): void {
    this.#leaveKey?.();
  }

  #countFrame(): void {
    const now = performance.now();
    if (now - this.#secondBegan >= 1000) {
      this.#secondBegan = now;
      this.#frames = 0;
    }
    this.#frames += 1;
    if (this.#frames > this.#rules.framesPerSecond) this.#dismiss('Too many frames');
  }

  #dismiss(reason: string): void {
    if (!this.#isOpen) return;
    this.#socket.close(closeCodes.policyViolation, reason);
    this.#terminateSoon();
  }

  #terminateSoon(): void {
    setTimeout(() => this.#socket.terminate(), lastWordsMs).unref();
  }
}
