/** A turn of the event loop has time for so many, beside what was accepted and the answers of the database. */
const perTurn = 48;

/**
 * Does some of what waits in each turn of the event loop, in order. Refusing costs less than serving, but callers who are refused at once come
 * back at once; answered a few at a time, they cannot fill every turn and starve what was accepted.
 */
export function createTurns(): (work: () => void) => void {
  const waiting: (() => void)[] = [];
  let scheduled = false;

  function takeTurn(): void {
    scheduled = false;
    for (const work of waiting.splice(0, perTurn)) work();
    schedule();
  }

  function schedule(): void {
    if (scheduled || waiting.length === 0) return;
    scheduled = true;
    setImmediate(takeTurn);
  }

  return (work) => {
    waiting.push(work);
    schedule();
  };
}
