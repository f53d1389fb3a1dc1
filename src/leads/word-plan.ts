/** What a sample of an account's leads says about a search. */
export interface WordSample {
  /** How many leads were looked at, by the conditions that they met: bit i for the condition i. */
  readonly met: readonly { readonly mask: number; readonly leads: number }[];
  readonly conditions: number;
  /** How many of them met all conditions, of which the sample may know only some. */
  readonly matches: number;
  /** How many leads there are to look through in all, at most. */
  readonly span: number;
}

export interface WordPlan {
  /** How many leads to look through, in their order, before the index is asked; the whole span: it need not be asked. */
  readonly walk: number;
  /** The conditions, by their place, that the index is asked for. The others are looked up in what it finds. */
  readonly indexed: readonly number[];
}

/** A condition that fewer meet is found by the index in no time. */
const rareShare = 0.01;
const fewMatches = 3;

/** Whether a sample is enough to plan by: some condition is rare, or it met leads that meet all. Of common ones that rarely meet it says little. */
export function isTelling({ met, conditions, matches }: WordSample): boolean {
  const looked = met.reduce((sum, { leads }) => sum + leads, 0);
  const shareOf = (i: number): number =>
    met.reduce((sum, { mask, leads }) => (mask & (1 << i) ? sum + leads : sum), 0) / Math.max(looked, 1);
  return matches >= fewMatches || Array.from({ length: conditions }, (_, i) => shareOf(i)).some((share) => share < rareShare);
}

/** Measured at a million leads: microseconds of the database for a lead walked, for an entry of the text index, for a lead found by it. */
const walkedUs = 0.45;
const entryUs = 0.4;
const foundUs = 10;

/**
 * How to find `wanted` leads that meet all conditions at the least cost. The index must list all leads that meet a condition, which takes long for
 * the beginning of many words; looking through the leads in order takes long when few match. Each is tried for as long as the other would take.
 */
export function planSearch({ met, conditions, matches, span }: WordSample, wanted: number): WordPlan {
  const looked = Math.max(
    met.reduce((sum, { leads }) => sum + leads, 0),
    1,
  );
  // Words go together ("O'Brien"), so the sample is asked for each set of them. What it did not meet may still be in hundreds of leads.
  const leadsWith = (places: readonly number[]): number => {
    const mask = places.reduce((bits, i) => bits | (1 << i), 0);
    const count = met.reduce((sum, group) => ((group.mask & mask) === mask ? sum + group.leads : sum), 0);
    return (Math.max(count, 0.5) / looked) * span;
  };
  const costOf = (places: readonly number[]): number =>
    places.reduce((sum, i) => sum + leadsWith([i]), 0) * entryUs + leadsWith(places) * foundUs;

  let indexed: readonly number[] = [];
  let indexUs = Infinity;
  for (;;) {
    const longer = Array.from({ length: conditions }, (_, i) => i)
      .filter((i) => !indexed.includes(i))
      .map((i) => [...indexed, i]);
    const [best] = longer.toSorted((a, b) => costOf(a) - costOf(b));
    if (!best || costOf(best) >= indexUs) break;
    indexed = best;
    indexUs = costOf(best);
  }
  const worth = Math.ceil(indexUs / walkedUs);
  if (worth >= span) return { walk: span, indexed };
  const expected = (wanted * looked) / (matches + 0.5);
  return { walk: expected > worth ? 0 : worth, indexed };
}
