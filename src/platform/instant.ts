const pattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** The moment that an RFC 3339 text with an offset names, or null. */
export function parseInstant(text: string): Date | null {
  if (!pattern.test(text) || !isRealDay(text)) return null;
  const instant = new Date(text);
  return hasFourDigitYear(instant) ? instant : null;
}

/** Whether a text begins with an existing day: 2026-02-30 is not one, though Date would make a March day of it. */
export function isRealDay(text: string): boolean {
  const midnight = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  return hasFourDigitYear(midnight) && midnight.toISOString().startsWith(text.slice(0, 10));
}

/** PostgreSQL knows no year 0, and RFC 3339 none after 9999; an offset may lead there from a year that both know. */
const hasFourDigitYear = (at: Date): boolean => at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9999;

/** The date of a moment in UTC, like `2026-11-20`. */
export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
