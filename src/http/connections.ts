import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { answerInProgress } from './answer-in-progress.ts';

const lookAgainMs = 50;

export interface Connections {
  /** Lets each connection go as soon as it has nothing to finish; cuts what is left after `graceMs`. Call it when the server accepts no more. */
  readonly drain: (graceMs: number) => { readonly stop: () => void };
}

/** Knows a server's connections, to let go of them gently. */
export function trackConnections(server: Server): Connections {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

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
