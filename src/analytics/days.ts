import { BadRequestError } from '../platform/connection.ts';
import { dayOf } from '../platform/instant.ts';

/** Calendar days in the zones of the world. */

const dayMs = 24 * 3600 * 1000;
/** Three years of days, and one for luck. */
const mostDays = 1097;

export interface DateRange {
  readonly from: Date;
  readonly to: Date;
}

/** Days one after another, and the moments at which they begin; the last moment is the end of the last day. */
export interface Days {
  /** Each as midnight UTC of its date. */
  readonly dates: readonly Date[];
  readonly bounds: readonly Date[];
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Throws BadRequestError for a name that is no zone. */
function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known) return known;
  const clock = createClock(timeZone);
  if (clocks.size >= 1000) clocks.clear();
  clocks.set(timeZone, clock);
  return clock;
}

function createClock(timeZone: string): Intl.DateTimeFormat {
  const shape = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', era: 'short', ...shape });
  } catch {
    throw new BadRequestError('`timeZone` must be an IANA name like "America/New_York".');
  }
}

/** What a wall clock in the zone shows at this moment, written as if it were UTC. */
function wallTime(clock: Intl.DateTimeFormat, atMs: number): number {
  const parts = Object.fromEntries(clock.formatToParts(atMs).map(({ type, value }) => [type, value]));
  const year = parts['era'] === 'BC' ? 1 - Number(parts['year']) : Number(parts['year']);
  const wall = new Date(0);
  wall.setUTCFullYear(year, Number(parts['month']) - 1, Number(parts['day']));
  wall.setUTCHours(Number(parts['hour']), Number(parts['minute']), Number(parts['second']));
  return wall.getTime();
}

const dateOf = (clock: Intl.DateTimeFormat, atMs: number): number => Math.floor(wallTime(clock, atMs) / dayMs) * dayMs;

/** The first moment of a date: also where the clock jumps over midnight, or shows it twice. */
function beginOf(clock: Intl.DateTimeFormat, date: number): number {
  const offsets = [date - dayMs, date + dayMs].map((atMs) => wallTime(clock, atMs) - atMs);
  const candidates = offsets.map((offset) => date - offset).sort((a, b) => a - b);
  return candidates.find((atMs) => dateOf(clock, atMs) >= date && dateOf(clock, atMs - 1) < date) ?? candidates[1] ?? date;
}

/** The date that it is in the zone, as midnight UTC. */
export const dateIn = (timeZone: string, now: Date): Date => new Date(dateOf(clockOf(timeZone), now.getTime()));

/** A day in a zone may begin or end on the day before or after in UTC, and that one must have a year of four digits too. */
const firstDay = '0001-01-02';
const lastDay = '9999-12-30';

/** Every day of the range in the zone. */
export function toDays({ from, to }: DateRange, timeZone: string): Days {
  if (dayOf(from) < firstDay || dayOf(to) > lastDay) throw new BadRequestError(`\`range\` must lie between ${firstDay} and ${lastDay}.`);
  const count = Math.round((to.getTime() - from.getTime()) / dayMs) + 1;
  if (count < 1) throw new BadRequestError('`range.from` must not be after `range.to`.');
  if (count > mostDays) throw new BadRequestError(`\`range\` must have at most ${mostDays} days.`);
  const clock = clockOf(timeZone);
  const dates = Array.from({ length: count }, (_, i) => new Date(from.getTime() + i * dayMs));
  const bounds = [...dates, new Date(to.getTime() + dayMs)].map((date) => new Date(beginOf(clock, date.getTime())));
  return { dates, bounds };
}

/** The last days up to today. */
export function lastDays(count: number, timeZone: string, now: Date): Days {
  const today = dateIn(timeZone, now);
  return toDays({ from: new Date(today.getTime() - (count - 1) * dayMs), to: today }, timeZone);
}
