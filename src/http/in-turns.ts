import type { Socket } from 'node:net';

/** For each millisecond of a turn of the event loop: refusing them takes a fraction of the next one, six tenths of it on a slow machine. */
const perMs = 4.5;
/** In any turn. The longer turns become, the fewer there are for each millisecond. */
const atLeast = 100;

/**
 * Answers callers at the end of the event loop's turn and listens to them again a few at a time, in order. Refusing costs less than serving, but
 * callers who are refused at once come back at once, and a turn lasts as long as anything arrives: so they could make it last for ever. What
 * they send meanwhile waits where it costs nothing, in the system's buffers.
 */
export function createTurns(): (socket: Socket, answer: () => void) => void {
  const unanswered: { readonly socket: Socket; readonly answer: () => void }[] = [];
  const held: Socket[] = [];
  let scheduled = false;
  let turnedAt = 0;

  function answerAll(): void {
    for (const { answer } of unanswered) answer();
  }

  function listen(): void {
    scheduled = false;
    const now = performance.now();
    for (const socket of held.splice(0, atLeast + (now - turnedAt) * perMs)) socket.resume();
    turnedAt = now;
    for (const { socket } of unanswered.splice(0)) {
      socket.pause();
      held.push(socket);
    }
    if (held.length > 0) schedule();
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(answerAll);
    // Node reads on when an answer is finished, which is before the next of these: what is paused then stays so.
    setImmediate(listen);
  }

  return (socket, answer) => {
    unanswered.push({ socket, answer });
    schedule();
  };
}
