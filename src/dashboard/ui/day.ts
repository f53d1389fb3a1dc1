/** Calendar days, YYYY-MM-DD, as they are in a zone. */

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const shape = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
  const format = new Intl.DateTimeFormat('en-US', { ...shape, era: 'short', hourCycle: 'h23', timeZone: zone });
  formats.set(zone, format);
  return format;
}

/** What the clocks of a zone show at a moment, as if they showed UTC. Not read from a text: no language writes the year 20 as 0020. */
function clockMs(timeMs: number, zone: string): number {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(timeMs)
      .map(({ type, value }) => [type, value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const clock = new Date(0);
  clock.setUTCFullYear(parts.get('era') === 'BC' ? 1 - part('year') : part('year'), part('month') - 1, part('day'));
  return clock.setUTCHours(part('hour'), part('minute'), part('second'));
}

export const dayOf = (time: Date, zone: string): string => toDay(clockMs(time.getTime(), zone));

const toDay = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

/** The moment at which a day begins in a zone; null: it is no day, or the server does not know the year of that moment. */
export function startOfDay(day: string, zone: string): Date | null {
  const utc = midnightOf(day);
  if (utc === null) return null;
  const guess = utc - offsetMs(utc, zone);
  // Between the two the clocks may be changed.
  const better = utc - offsetMs(guess, zone);
  // Where they are changed at midnight there may be no 00:00.
  return inKnownYear(toDay(clockMs(better, zone)) === day ? better : guess);
}

/** The last millisecond of a day in a zone; null as for its beginning. */
export function endOfDay(day: string, zone: string): Date | null {
  const utc = midnightOf(day);
  const next = utc === null ? null : startOfDay(toDay(utc + dayMs), zone);
  return next && inKnownYear(next.getTime() - 1);
}

const dayMs = 86_400_000;

/** In UTC; null: it is no day. A browser takes 2026-02-30 for a day of March. */
function midnightOf(day: string): number | null {
  const utc = Date.parse(`${day}T00:00:00Z`);
  return /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(utc) && toDay(utc) === day ? utc : null;
}

const offsetMs = (timeMs: number, zone: string): number => clockMs(timeMs, zone) - Math.floor(timeMs / 1000) * 1000;

/** The server knows the years 1 to 9999. */
function inKnownYear(timeMs: number): Date | null {
  const time = new Date(timeMs);
  return time.getUTCFullYear() >= 1 && time.getUTCFullYear() <= 9999 ? time : null;
}
