/** So few in one turn are never too many. */
const fewest = 64;
/** The same after a turn in which a whole crowd asked: the shorter a turn, the sooner those who came in are answered. */
const fewestInFlood = 32;
const flood = 256;
const longMs = 25;
/** A long turn that ended earlier says nothing of this one. */
const latelyMs = 250;

/**
 * Tells whether requests fill the turns of the event loop, one after another: whatever else waits, such as what the database answered, comes
 * between two turns only. Ask for each request; true: this one is too many for its turn. One burst passes whole.
 */
export function createTurnWatch(now: () => number = () => performance.now()): () => boolean {
  let asked = 0;
  let beganAt = 0;
  let longUntil = 0;
  let most = fewest;

  function end(): void {
    const endedAt = now();
    if (endedAt - beganAt > longMs) longUntil = endedAt + latelyMs;
    most = asked > flood ? fewestInFlood : fewest;
    asked = 0;
  }

  return () => {
    const at = now();
    if (asked === 0) {
      beganAt = at;
      setImmediate(end);
    }
    asked += 1;
    return asked > most && at - beganAt > longMs && beganAt < longUntil;
  };
}
