/** One of many who have something to do. Must not throw. */
export interface TurnTaker {
  readonly takeTurn: () => void;
}

export type LineUp = (taker: TurnTaker) => void;

/** So long at a time. Whatever else arrives, a request or an answer of the database, waits no longer than this for its part of the event loop. */
const sliceMs = 2;

/**
 * Those who are told of one change all have to write at once, which for thousands takes a good part of a second. They do so in order, a slice at
 * a time: meanwhile the next change is heard and read, and who writes later takes it along.
 */
export function createTurns(now: () => number = () => performance.now()): LineUp {
  const line: TurnTaker[] = [];
  let scheduled = false;

  function serve(): void {
    const end = now() + sliceMs;
    let served = 0;
    for (; served < line.length && (served === 0 || now() < end); served += 1) line[served]?.takeTurn();
    line.splice(0, served);
    scheduled = line.length > 0;
    if (scheduled) setImmediate(serve);
  }

  return (taker) => {
    line.push(taker);
    if (scheduled) return;
    scheduled = true;
    setImmediate(serve);
  };
}
