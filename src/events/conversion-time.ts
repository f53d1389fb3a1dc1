import { isRealDay, parseInstant } from '../platform/instant.ts';

/**
 * Hours from UTC of the zones that the event documents name. Each is a fixed offset, as documented: `PST` is UTC-8 in July too, whatever
 * the clocks on the Pacific coast say then.
 */
const zones: Readonly<Record<string, number>> = {
  PST: -8,
  EST: -5,
  CST: -6,
  MST: -7,
  AKST: -9,
  SST: -11,
  HST: -10,
  AST: -4,
  UTC: 0,
  GMT: 0,
};

export const zoneNames = Object.keys(zones);

const localTime = /^(\d{4}-\d{2}-\d{2})(?:[ T]([01]\d|2[0-3]):([0-5]\d):([0-5]\d))?$/;

/** Hours from UTC, or null for a zone that we do not know. */
export const zoneOffset = (zone: string): number | null => {
  const name = zone.trim().toUpperCase();
  return Object.hasOwn(zones, name) ? (zones[name] ?? null) : null;
};

/** The moment that `YYYY-MM-DD`, `YYYY-MM-DD HH:MM:SS` or an RFC 3339 time names; null when there is none. A day begins at midnight in its zone. */
export function parseConversionTime(text: string, offsetHours: number): Date | null {
  const trimmed = text.trim();
  const local = localTime.exec(trimmed);
  if (!local) return parseInstant(trimmed);
  const [, day = '', hours = '00', minutes = '00', seconds = '00'] = local;
  if (!isRealDay(day)) return null;
  return new Date(Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`) - offsetHours * 3_600_000);
}
