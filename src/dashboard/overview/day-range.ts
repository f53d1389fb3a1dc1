import { dayOf } from '../ui/day.ts';

export interface DayRange {
  readonly from: string;
  readonly to: string;
}

/** The ranges to choose from, and how many days each has. */
export const ranges = [
  ['today', 'Today', 1],
  ['7d', 'Last 7 Days', 7],
  ['30d', 'Last 30 Days', 30],
  ['90d', 'Last 90 Days', 90],
  ['365d', 'Last 365 Days', 365],
] as const;

export type RangeName = (typeof ranges)[number][0] | 'custom';

const dayMs = 86_400_000;
const isDay = (text: string | null): text is string => text !== null && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));

/** The days that an address asks for, as they are in the zone; the last 30 when it asks for none. */
export function rangeOf(
  params: URLSearchParams,
  zone: string,
  now = new Date(),
): DayRange & { readonly name: RangeName; readonly label: string } {
  const from = params.get('from');
  const to = params.get('to');
  if (isDay(from) && isDay(to) && from <= to) return { name: 'custom', label: `${from} to ${to}`, from, to };
  const [name, label, days] = ranges.find(([known]) => known === params.get('range')) ?? ranges[2];
  const today = dayOf(now, zone);
  return { name, label, to: today, from: new Date(Date.parse(today) - (days - 1) * dayMs).toISOString().slice(0, 10) };
}
