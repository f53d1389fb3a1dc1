/** Calendar days, YYYY-MM-DD, as they are in a zone. */

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  // Sweden writes a time as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: zone });
  formats.set(zone, format);
  return format;
}

export const dayOf = (time: Date, zone: string): string => formatOf(zone).format(time).slice(0, 10);

/** The moment at which a day begins in a zone; null: it is no day. */
export function startOfDay(day: string, zone: string): Date | null {
  const utc = Date.parse(`${day}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(utc)) return null;
  const guess = utc - offsetMs(utc, zone);
  // Between the two the clocks may be changed.
  const better = new Date(utc - offsetMs(guess, zone));
  // Where they are changed at midnight there may be no 00:00.
  return dayOf(better, zone) === day ? better : new Date(guess);
}

const offsetMs = (timeMs: number, zone: string): number =>
  Date.parse(`${formatOf(zone).format(timeMs).replace(' ', 'T')}Z`) - Math.floor(timeMs / 1000) * 1000;
