import type { IncomingMessage } from 'node:http';
import type { HttpFault } from './fault.ts';

export const maxBodyBytes = 256 * 1024;

export const payloadTooLarge: HttpFault = {
  status: 413,
  code: 'PAYLOAD_TOO_LARGE',
  message: `The body is larger than ${maxBodyBytes / 1024} KB. Send less, or split it.`,
};

/** How long a caller that still sends gets to notice the answer before its connection is cut. */
const lingerMs = 500;

/**
 * Reads a whole body, or gives null when it is larger than we take: then the rest stays unread and the connection closes after the answer.
 * Calls `done` once, or never when the caller goes away meanwhile.
 */
export function readBody(request: IncomingMessage, done: (body: Buffer | null) => void): void {
  if (Number(request.headers['content-length']) > maxBodyBytes) {
    // Reading a body nobody wants would be work for the attacker's benefit; a listener keeps Node from draining it.
    request.on('data', ignore);
    stopReading(request);
    done(null);
    return;
  }
  let size = 0;
  const chunks: Buffer[] = [];
  const take = (chunk: Buffer): void => {
    size += chunk.length;
    if (size <= maxBodyBytes) {
      chunks.push(chunk);
      return;
    }
    request.off('data', take).off('end', finish).on('data', ignore);
    stopReading(request);
    done(null);
  };
  const finish = (): void => {
    const [first] = chunks;
    done(first && chunks.length === 1 ? first : Buffer.concat(chunks, size));
  };
  request.on('data', take).on('end', finish).on('error', ignore);
}

/**
 * Leaves the rest of a body on the wire. Destroying a socket with unread bytes resets the connection, and a reset can overtake the
 * answer: so say goodbye first and cut a little later.
 */
function stopReading(request: IncomingMessage): void {
  const { socket } = request;
  request.pause();
  // Node's stream asks for more in the next tick; microtasks come after that.
  queueMicrotask(() => socket.pause());
  socket.destroySoon = () => {
    socket.end();
    setTimeout(() => socket.destroy(), lingerMs).unref();
  };
}

function ignore(): void {}
