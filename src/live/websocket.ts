import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { WebSocket, WebSocketServer } from 'ws';
import type { Yoga } from '../graphql/server.ts';
import { reasonOf } from '../platform/error-reason.ts';
import type { Log } from '../platform/log.ts';
import type { SendPayload } from './live-results.ts';
import { createProtocol } from './protocol.ts';
import { createSeats } from './seats.ts';
import { asksForWebSocket, stayWithHttp } from './stay-with-http.ts';
import { foreignPage, isForeign, noRoom, pathOf, refuseUpgrade, unknownPath } from './upgrade.ts';

export interface WebSocketOptions {
  readonly server: Server;
  readonly yoga: Yoga;
  readonly log: Log;
  /** Pages of these origins may connect, beside those that this server serves itself. */
  readonly allowedOrigins?: readonly string[];
  readonly limits?: Partial<WebSocketLimits>;
}

export interface WebSocketLimits {
  readonly connections: number;
  /** Of one key: it leaves room for the others. */
  readonly connectionsOfKey: number;
  /** Of one address, before a key was shown: whoever has none cannot keep others out by waiting. */
  readonly newcomersOfAddress: number;
  /** Operations under way on one connection. */
  readonly operations: number;
  readonly messageBytes: number;
  /** Frames of any kind from one client within a second. */
  readonly framesPerSecond: number;
  readonly initWaitMs: number;
  readonly pingEveryMs: number;
}

export interface LiveSockets {
  /** Open connections. */
  readonly size: number;
  /** Tells every client that the server goes away, and waits a moment for them to hang up. */
  readonly close: () => Promise<void>;
}

const usualLimits: WebSocketLimits = {
  connections: 10_000,
  connectionsOfKey: 8000,
  newcomersOfAddress: 1000,
  operations: 100,
  messageBytes: 64 * 1024,
  framesPerSecond: 2000,
  initWaitMs: 10_000,
  pingEveryMs: 12_000,
};

/** A message in thousands of pieces costs far more memory than its bytes. (Apart, because ws's types do not know these options.) */
const fragmentLimits = { maxFragments: 256, maxBufferedChunks: 1024 };

/** ws says "policy violation" of a message in too many pieces, and nowhere else without a reason; clients know "message too big". */
class BoundedSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code === closeCodes.policyViolation && reason === undefined ? closeCodes.tooBig : code, reason);
  }
}

const closeCodes = { goingAway: 1001, policyViolation: 1008, tooBig: 1009, internalError: 4500 } as const;
/** A client that broke a rule may still read why, but not for long. */
const lastWordsMs = 1000;
const goodbyeMs = 2000;

/** Serves graphql-transport-ws on the HTTP server's own port: queries, mutations and subscriptions. */
export function attachWebSocket({ server, yoga, log, allowedOrigins = [], limits: given }: WebSocketOptions): LiveSockets {
  const limits = { ...usualLimits, ...given };
  const protocol = createProtocol({ yoga, log, operations: limits.operations, initWaitMs: limits.initWaitMs });
  const alive = new WeakSet<WebSocket>();
  const newcomers = createSeats(limits.newcomersOfAddress);
  const keys = createSeats(limits.connectionsOfKey);
  let closing = false;

  const sockets = new WebSocketServer({
    noServer: true,
    WebSocket: BoundedSocket,
    handleProtocols,
    maxPayload: limits.messageBytes,
    ...fragmentLimits,
    // ws ends a connection with too many pings without a word; countFrames gives the reason.
    autoPong: false,
  });

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!asksForWebSocket(request)) return stayWithHttp(server, request, socket, head);
    socket.on('error', () => socket.destroy());
    if (pathOf(request) !== '/graphql') return refuseUpgrade(socket, unknownPath);
    if (isForeign(request, allowedOrigins)) return refuseUpgrade(socket, foreignPage);
    if (closing || sockets.clients.size >= limits.connections) return refuseUpgrade(socket, noRoom);
    const leave = newcomers.take(request.socket.remoteAddress ?? '');
    if (!leave) return refuseUpgrade(socket, noRoom);
    socket.once('close', leave);
    sockets.handleUpgrade(request, socket, head, (webSocket) => welcome(webSocket, request, leave));
  }

  function welcome(socket: WebSocket, request: IncomingMessage, leaveNewcomers: () => void): void {
    let admitted = false;
    const admit = (credential: string): boolean => {
      const leave = keys.take(credential);
      if (!leave) return false;
      admitted = true;
      leaveNewcomers();
      socket.once('close', leave);
      return true;
    };
    const isFlooding = countFrames(limits.framesPerSecond);
    const countFrame = () => {
      if (isFlooding()) dismiss(socket, 'Too many frames');
    };
    alive.add(socket);
    socket.on('pong', () => alive.add(socket));
    for (const frame of ['message', 'ping', 'pong']) socket.on(frame, countFrame);
    socket.on('ping', (data) => {
      if (socket.readyState === socket.OPEN) socket.pong(data);
    });
    // What is too large or malformed: ws has sent the fitting close code already.
    socket.on('error', (error) => {
      log.info({ reason: reasonOf(error) }, 'websocket client broke the protocol');
      terminateSoon(socket);
    });

    const write: SendPayload = (text, sent) => {
      if (socket.readyState === socket.OPEN) socket.send(text, sent);
      // Not at once: the next message would be here before this one has returned.
      else setImmediate(sent);
    };
    const send = (text: string): Promise<void> =>
      new Promise((resolve, reject) => write(text, (error) => (error ? reject(error) : resolve())));
    const close = (code: number, reason: string): void => {
      socket.close(code, reason);
      // Half a minute is what ws gives a client to hang up: too long for one that nobody knows, since it holds a place.
      if (!admitted) terminateSoon(socket);
    };
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send,
        close,
        onMessage: (handle) =>
          socket.on('message', (data) => {
            if (socket.readyState !== socket.OPEN) return;
            const text = Buffer.isBuffer(data) ? data.toString('utf8') : '';
            if (text === '') return dismiss(socket, 'Empty message');
            handle(text).catch((error: unknown) => {
              // A send that failed because the client left is not worth a word.
              if (socket.readyState !== socket.OPEN) return;
              log.error({ type: error instanceof Error ? error.name : typeof error }, 'websocket message could not be handled');
              socket.close(closeCodes.internalError, 'Internal server error');
            });
          }),
      },
      { request, write, close, admit, carriers: new Map() },
    );
    socket.once('close', (code, reason) => void closed(code, String(reason)));
  }

  const heartbeat = setInterval(() => {
    for (const socket of sockets.clients) {
      // One that is being closed has ws's own time limit to take the close frame.
      if (socket.readyState !== socket.OPEN) continue;
      if (!alive.delete(socket)) socket.terminate();
      else socket.ping();
    }
  }, limits.pingEveryMs);
  heartbeat.unref();

  server.on('upgrade', onUpgrade);

  return {
    get size() {
      return sockets.clients.size;
    },
    async close() {
      closing = true;
      clearInterval(heartbeat);
      for (const socket of sockets.clients) socket.close(closeCodes.goingAway, 'Going away');
      const deadline = performance.now() + goodbyeMs;
      while (sockets.clients.size > 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}

function dismiss(socket: WebSocket, reason: string): void {
  if (socket.readyState !== socket.OPEN) return;
  socket.close(closeCodes.policyViolation, reason);
  terminateSoon(socket);
}

function terminateSoon(socket: WebSocket): void {
  setTimeout(() => socket.terminate(), lastWordsMs).unref();
}

/** Says true once more frames came within one second than allowed. */
function countFrames(allowed: number): () => boolean {
  let frames = 0;
  let secondBegan = performance.now();
  return () => {
    const now = performance.now();
    if (now - secondBegan >= 1000) {
      secondBegan = now;
      frames = 0;
    }
    return (frames += 1) > allowed;
  };
}
