/** Stretches of time as whole days of UTC, whole hours, and what is left: most of any range is kept as sums of those. */

const quarterMs = 900_000;
const hourMs = 4 * quarterMs;
const dayMs = 24 * hourMs;

export interface Stretch {
  readonly from: Date;
  readonly to: Date;
}

export interface Stretches {
  readonly days: readonly Stretch[];
  readonly hours: readonly Stretch[];
  readonly rest: readonly Stretch[];
}

/** Days first, hours at both ends where there are sums of hours, and what is left. */
export function toStretches(range: Stretch, withHours: boolean): Stretches {
  const day = inner(range, dayMs);
  const ends = day ? without(range, [day]) : [range];
  const hours = withHours ? ends.flatMap((end) => inner(end, hourMs) ?? []) : [];
  return { days: day ? [day] : [], hours, rest: ends.flatMap((end) => without(end, hours)) };
}

/** What is left of a range without stretches that lie within it. */
function without(range: Stretch, stretches: readonly Stretch[]): readonly Stretch[] {
  let left = [range];
  for (const { from, to } of stretches) {
    left = left.flatMap((part) => {
      if (part.to <= from || part.from >= to) return [part];
      const [before, after] = [
        { from: part.from, to: from },
        { from: to, to: part.to },
      ];
      return [before, after].filter((end) => end.from < end.to);
    });
  }
  return left;
}

/** The whole units of a range. */
function inner({ from, to }: Stretch, unitMs: number): Stretch | null {
  const first = Math.ceil(from.getTime() / unitMs) * unitMs;
  const last = Math.floor(to.getTime() / unitMs) * unitMs;
  return first < last ? { from: new Date(first), to: new Date(last) } : null;
}

/** Where each hour begins in which a moment lies that is no full hour. */
export const splitHours = (moments: readonly Date[]): readonly Date[] =>
  [...new Set(moments.filter((at) => at.getTime() % hourMs !== 0).map((at) => Math.floor(at.getTime() / hourMs) * hourMs))].map(
    (at) => new Date(at),
  );

export const quartersOf = (hour: Date): readonly Date[] => [0, 1, 2, 3].map((i) => new Date(hour.getTime() + i * quarterMs));

export const isMidnight = (at: Date): boolean => at.getTime() % dayMs === 0;
