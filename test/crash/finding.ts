/** One promise held against what the database holds after the attacks. */
export interface Finding {
  readonly promise: string;
  /** What there must be, once each. */
  readonly expected: number;
  readonly found: number;
  readonly lost: number;
  /** Of something twice, or of something that nobody sent. */
  readonly doubled: number;
  /** Everything else that is not as it should be. */
  readonly wrong: readonly string[];
}

export const isKept = ({ lost, doubled, wrong }: Finding): boolean => lost === 0 && doubled === 0 && wrong.length === 0;

/** Holds what must be there once each against what is there. */
export function compare(promise: string, expected: readonly string[], found: readonly string[], wrong: readonly string[] = []): Finding {
  const times = new Map<string, number>();
  for (const token of found) times.set(token, (times.get(token) ?? 0) + 1);
  const wanted = new Set(expected);
  const lost = [...wanted].filter((token) => !times.has(token)).length;
  const surplus = [...times].reduce((sum, [token, count]) => sum + (wanted.has(token) ? count - 1 : count), 0);
  return { promise, expected: wanted.size, found: found.length, lost, doubled: surplus, wrong };
}

/** A promise that is kept when nothing contradicts it. */
export function uncontradicted(promise: string, looked: number, wrong: readonly string[]): Finding {
  return { promise, expected: looked, found: looked, lost: 0, doubled: 0, wrong };
}
