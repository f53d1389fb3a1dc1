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

export interface Wait {
  /** How many tries failed. */
  readonly tries: number;
  /** What the receiver asked for; null: nothing. */
  readonly retryAfterMs: number | null;
  /** From 0 to 1: keeps the retries of an endpoint that was down from arriving together. */
  readonly random: number;
}

/** How long to wait for the next try; null: that was the last one. A receiver that asks for patience gets it, for a day at most. */
export function waitMs({ tries, retryAfterMs, random }: Wait): number | null {
  const seconds = retryPlanSeconds[tries];
  if (seconds === undefined) return null;
  const planned = seconds * 1000 * (1 + jitter * (2 * random - 1));
  return Math.round(Math.max(planned, Math.min(retryAfterMs ?? 0, longestWaitMs)));
}

/** What `Retry-After` asks for: seconds, or a date. Null where it says nothing sensible. */
export function parseRetryAfter(value: string | undefined, now: Date): number | null {
  const text = value?.trim() ?? '';
  if (/^\d+(\.\d+)?(e\d+)?$/i.test(text)) return Number(text) * 1000;
  const date = /^[A-Za-z]{3}, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now.getTime());
}
