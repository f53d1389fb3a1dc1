import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { answerInProgress } from './answer-in-progress.ts';

const lookAgainMs = 50;
const lookForSlowReadersMs = 1000;

export interface Connections {
  /** Lets each connection go as soon as it has nothing to finish; cuts what is left after `graceMs`. Call it when the server accepts no more. */
  readonly drain: (graceMs: number) => { readonly stop: () => void };
}

/**
 * Knows a server's connections, to let go of them gently, and of those at once whose caller does not take a whole answer within
 * `answerMs`: bit by bit is no silence, so no timeout of Node's ends it. (Streams are not whole, and watched by whoever feeds them.)
 */
export function trackConnections(server: Server, answerMs: number): Connections {
  const sockets = new Set<Socket>();
  const untakenSince = new WeakMap<ServerResponse, number>();
  function forget(this: Socket): void {
    sockets.delete(this);
  }
  server.on('connection', (socket) => {
    // One that asked for another protocol comes back.
    if (sockets.has(socket)) return;
    sockets.add(socket);
    // One function for all of them: WebSockets stay for days.
    socket.on('close', forget);
  });

  function cutSlowReaders(): void {
    const now = performance.now();
    for (const socket of sockets) {
      const answer = answerInProgress(socket);
      if (!answer?.writableEnded) continue;
      const since = untakenSince.get(answer) ?? now;
      untakenSince.set(answer, since);
      if (now - since >= answerMs) socket.destroy();
    }
  }
  const watch = setInterval(cutSlowReaders, Math.min(lookForSlowReadersMs, answerMs / 4));
  watch.unref();
  server.once('close', () => clearInterval(watch));

  function release(): void {
    for (const socket of sockets) {
      // Browsers open connections in advance; Node counts one that never sent a byte as busy.
      if (socket.bytesRead === 0) socket.destroy();
      const answer = answerInProgress(socket);
      if (answer && !answer.headersSent) answer.shouldKeepAlive = false;
    }
    server.closeIdleConnections();
  }

  return {
    drain(graceMs) {
      release();
      const look = setInterval(release, lookAgainMs);
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      return {
        stop() {
          clearInterval(look);
          clearTimeout(cut);
        },
      };
    },
  };
}
