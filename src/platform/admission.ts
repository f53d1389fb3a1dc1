export interface AdmissionOptions {
  /** Whoever comes in is to be answered in this time. */
  readonly maxMs: number;
  /** So many at once are never too many. */
  readonly atLeast: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

export interface Admission {
  /** Whether somebody who came now would be let in: for those who can be told before more is done for them. */
  readonly hasRoom: () => boolean;
  /** False: too many are being answered. Otherwise call `leave` once, when this one was. */
  readonly enter: () => boolean;
  readonly leave: () => void;
}

const windowMs = 200;
/** In answers a millisecond. Before a pace was measured, and long after: the first burst passes whole. */
const usualPace = 1;
/** How much the latest measurement counts. */
const newest = 0.5;
/** What each window's length without a queue adds to the pace, of which it says nothing: a slow time is forgotten within a minute, asked or not. */
const recovery = 1.02;

/**
 * Lets in as many at once as are answered in time at the pace of late. The others are told so at once, which is better than a place at the end of
 * a queue that is too long, and keeps it short for those within. The pace is measured while there is always something to do.
 */
export function createAdmission({ maxMs, atLeast, now = () => performance.now() }: AdmissionOptions): Admission {
  let pace = usualPace;
  let inside = 0;
  let fewest = 0;
  let answered = 0;
  let beganAt = now();

  function measure(): void {
    const elapsedMs = now() - beganAt;
    if (elapsedMs < windowMs) return;
    const wasBusy = fewest >= atLeast / 2;
    if (wasBusy) pace = pace * (1 - newest) + (answered / elapsedMs) * newest;
    else if (pace < usualPace) pace = Math.min(usualPace, pace * recovery ** (elapsedMs / windowMs));
    beganAt += elapsedMs;
    answered = 0;
    fewest = inside;
  }

  const hasRoom = (): boolean => inside < Math.max(atLeast, pace * maxMs);

  return {
    hasRoom,
    enter() {
      if (inside === 0) measure();
      if (!hasRoom()) return false;
      inside += 1;
      return true;
    },
    leave() {
      inside -= 1;
      answered += 1;
      fewest = Math.min(fewest, inside);
      measure();
    },
  };
}
