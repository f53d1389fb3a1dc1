/** Counts by the millisecond: hundreds of thousands of times in little memory. */
export interface Histogram {
  readonly size: number;
  readonly add: (ms: number) => void;
  /** The time that this share took at most; 0 when there is none. */
  readonly at: (share: number) => number;
}

const buckets = 10_000;

export function createHistogram(): Histogram {
  const counts = new Uint32Array(buckets);
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(ms) {
      const bucket = Math.min(buckets - 1, Math.ceil(ms));
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      size += 1;
    },
    at(share) {
      let left = Math.ceil(size * share);
      if (left === 0) return 0;
      for (const [ms, times] of counts.entries()) if ((left -= times) <= 0) return ms;
      return buckets;
    },
  };
}
