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
  /** The conditions, by their place, that the index is asked for. The others are looked up in what it finds. */
  readonly indexed: readonly number[];
  readonly indexUs: number;
  /** How many leads meet all conditions, as far as the sample tells. */
  readonly matches: number;
}

/** Measured at a million leads: microseconds of the database for a lead in a row of them, and for one looked up by its number. */
export const walkedUs = 0.45;
export const candidateUs = 3;
/** For an entry of the text index, and for a lead found by it. */
const entryUs = 0.4;
const foundUs = 10;

/**
 * What to ask the text index for. It must list all leads that meet a condition, which takes long for the beginning of many words, so it is asked
 * for those conditions that together cost least.
 */
export function planSearch({ met, conditions, matches, span }: WordSample): WordPlan {
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
  return { indexed, indexUs, matches: (matches / looked) * span };
}
