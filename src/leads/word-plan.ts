/** What a sample of an account's leads says about a search. */
export interface WordSample {
  /** How many leads were looked at, and how many of them met all conditions. */
  readonly leads: number;
  readonly matches: number;
  /** How many met each condition. */
  readonly counts: readonly number[];
  /** How many leads there are to look through in all, at most. */
  readonly span: number;
}

export interface WordPlan {
  /** How many leads to look through, in their order, before the index is asked; the whole span: it need not be asked. */
  readonly walk: number;
  /** The conditions, by their place, that the index is asked for. The others are looked up in what it finds. */
  readonly indexed: readonly number[];
}

/** Measured at a million leads: microseconds of the database for a lead walked, for an entry of the text index, for a lead found by it. */
const walkedUs = 0.45;
const entryUs = 0.4;
const foundUs = 4;

/**
 * How to find `wanted` leads that meet all conditions at the least cost. The index must list all leads that meet a condition, which takes long for
 * the beginning of many words; looking through the leads in order takes long when few match. Each is tried for as long as the other would take.
 */
export function planSearch({ leads, matches, counts, span }: WordSample, wanted: number): WordPlan {
  // One in the sample at least: what was not met there is rare, and may still be in a thousand leads.
  const shares = counts.map((count) => Math.max(count, 0.5) / Math.max(leads, 1));
  const rarestFirst = shares.map((_, i) => i).toSorted((a, b) => (shares[a] ?? 1) - (shares[b] ?? 1));
  const indexed: number[] = [];
  let entries = 0;
  let found = span;
  let indexUs = Infinity;
  for (const i of rarestFirst) {
    const share = shares[i] ?? 1;
    const cost = (entries + span * share) * entryUs + found * share * foundUs;
    if (cost >= indexUs) break;
    indexed.push(i);
    entries += span * share;
    found *= share;
    indexUs = cost;
  }
  const worth = Math.ceil(indexUs / walkedUs);
  if (worth >= span) return { walk: span, indexed };
  const expected = wanted / ((matches + 0.5) / Math.max(leads, 1));
  return { walk: expected > worth ? 0 : worth, indexed };
}
