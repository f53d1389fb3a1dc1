import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import type { Yoga } from '../graphql/server.ts';
import { reasonOf } from '../platform/error-reason.ts';
import type { Log } from '../platform/log.ts';
import { callerOf, closeCodes, Connection } from './connection.ts';
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

const goodbyeMs = 2000;

/** Serves graphql-transport-ws on the HTTP server's own port: queries, mutations and subscriptions. */
export function attachWebSocket({ server, yoga, log, allowedOrigins = [], limits: given }: WebSocketOptions): LiveSockets {
  const limits = { ...usualLimits, ...given };
  const protocol = createProtocol({ yoga, log, operations: limits.operations, initWaitMs: limits.initWaitMs });
  const connections = new Map<WebSocket, Connection>();
  const newcomers = createSeats(limits.newcomersOfAddress);
  const keys = createSeats(limits.connectionsOfKey);
  const rules = { framesPerSecond: limits.framesPerSecond, keys, log };
  /** Who is asked together whether they are there: thousands at once, and their answers, would keep everything else waiting. The next round first. */
  const rounds = Array.from({ length: 12 }, () => new Set<Connection>());
  let closing = false;

  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    WebSocket: BoundedSocket,
    handleProtocols,
    maxPayload: limits.messageBytes,
    ...fragmentLimits,
    // ws ends a connection with too many pings without a word; counting frames gives the reason.
    autoPong: false,
  });

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!asksForWebSocket(request)) return stayWithHttp(server, request, socket, head);
    socket.on('error', destroy);
    if (pathOf(request) !== '/graphql') return refuseUpgrade(socket, unknownPath);
    if (isForeign(request, allowedOrigins)) return refuseUpgrade(socket, foreignPage);
    if (closing || connections.size >= limits.connections) return refuseUpgrade(socket, noRoom);
    const caller = callerOf(request);
    const leave = newcomers.take(caller.ipAddress ?? '');
    if (!leave) return refuseUpgrade(socket, noRoom);
    socket.on('close', leave);
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      welcome(webSocket, new Connection(webSocket, socket, caller, rules, leave)),
    );
  }

  function welcome(socket: WebSocket, connection: Connection): void {
    connections.set(socket, connection);
    const [round] = rounds.toSorted((one, other) => one.size - other.size);
    round?.add(connection);
    socket.on('message', onMessage);
    socket.on('ping', onPing);
    socket.on('pong', onPong);
    socket.on('error', onError);
    const closed = protocol.opened(connection, connection);
    socket.on('close', (code, reason) => {
      connections.delete(socket);
      round?.delete(connection);
      connection.closed();
      void closed(code, String(reason));
    });
  }

  function onMessage(this: WebSocket, data: RawData): void {
    connections.get(this)?.receive(data);
  }

  function onPing(this: WebSocket, data: Buffer): void {
    connections.get(this)?.pinged(data);
  }

  function onPong(this: WebSocket): void {
    connections.get(this)?.ponged();
  }

  function onError(this: WebSocket, error: Error): void {
    log.info({ reason: reasonOf(error) }, 'websocket client broke the protocol');
    connections.get(this)?.broken();
  }

  const heartbeat = setInterval(() => {
    const round = rounds.shift() ?? new Set();
    rounds.push(round);
    for (const connection of round) connection.beat();
  }, limits.pingEveryMs / rounds.length);
  heartbeat.unref();

  server.on('upgrade', onUpgrade);

  return {
    get size() {
      return connections.size;
    },
    async close() {
      closing = true;
      clearInterval(heartbeat);
      for (const socket of connections.keys()) socket.close(closeCodes.goingAway, 'Going away');
      const deadline = performance.now() + goodbyeMs;
      while (connections.size > 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
      for (const socket of connections.keys()) socket.terminate();
      sockets.close();
    },
  };
}

/** Not a closure of the upgrade: each connection would keep its request. */
function destroy(this: Duplex): void {
  this.destroy();
}
