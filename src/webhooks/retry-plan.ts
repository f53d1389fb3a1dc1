/** Seconds before each try, counted from the one before: about eight and a half days in all. */
export const retryPlanSeconds = [
  0,
  5,
  60,
  5 * 60,
  30 * 60,
  2 * 3600,
  5 * 3600,
  10 * 3600,
  14 * 3600,
  20 * 3600,
  ...Array<number>(6).fill(24 * 3600),
] as const;

const jitter = 0.2;
const longestWaitMs = 24 * 3600 * 1000;
/** An endpoint that answers again is left alone for so long before what waits is tried sooner than planned: `Retry-After` up to this is obeyed by that. */
export const gentleMs = 60_000;

export interface FailedTry {
  /** How many tries of the plan had failed before. */
  readonly tries: number;
  /** When the plan's next try is, if this one was beyond the plan. */
  readonly plannedAt: Date | null;
  /** What the receiver asked for; null: nothing. */
  readonly retryAfterMs: number | null;
  /** From 0 to 1: keeps the retries of an endpoint that was down from arriving together. */
  readonly random: number;
  readonly now: Date;
}

export interface NextTry {
  readonly tries: number;
  readonly at: Date;
  /** Set where it must not be tried sooner than `at`. */
  readonly plannedAt: Date | null;
}

/**
 * When it is tried next; null: that was the last try of the plan. A receiver that asks for patience gets it, for a day at most. A try beyond the
 * plan, made because the endpoint had recovered, changes nothing of the plan.
 */
export function nextTry({ tries, plannedAt, retryAfterMs, random, now }: FailedTry): NextTry | null {
  const askedMs = Math.min(retryAfterMs ?? 0, longestWaitMs);
  if (plannedAt && plannedAt > now) {
    const at = new Date(Math.max(plannedAt.getTime(), now.getTime() + askedMs));
    return { tries, at, plannedAt: at };
  }
  const seconds = retryPlanSeconds[tries + 1];
  if (seconds === undefined) return null;
  const planned = seconds * 1000 * (1 + jitter * (2 * random - 1));
  const at = new Date(now.getTime() + Math.round(Math.max(planned, askedMs)));
  return { tries: tries + 1, at, plannedAt: askedMs > gentleMs ? at : null };
}

/** What `Retry-After` asks for: seconds, or a date. Null where it says nothing sensible. */
export function parseRetryAfter(value: string | undefined, now: Date): number | null {
  const text = value?.trim() ?? '';
  if (/^\d+(\.\d+)?(e\d+)?$/i.test(text)) return Number(text) * 1000;
  const date = /^[A-Za-z]{3}, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now.getTime());
}
