export interface RateLimitOptions {
  /** How many of one key pass in a window; 0: all. */
  readonly limit: number;
  readonly windowMs: number;
  readonly maxKeys: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

export interface RateLimit {
  /** Counts one for the key. Gives 0 while it is within the limit, otherwise the seconds until the window ends. */
  readonly hit: (key: string) => number;
}

interface Window {
  readonly endsAt: number;
  count: number;
}

/** Counts in fixed windows, in this process. A window begins with the first hit; the oldest is forgotten when there are too many. */
export function createRateLimit({ limit, windowMs, maxKeys, now = () => performance.now() }: RateLimitOptions): RateLimit {
  const windows = new Map<string, Window>();

  function open(key: string, at: number): Window {
    const window = { endsAt: at + windowMs, count: 0 };
    // Deleted first, so that the map stays in the order in which windows end.
    windows.delete(key);
    windows.set(key, window);
    const [oldest] = windows.keys();
    if (windows.size > maxKeys && oldest !== undefined) windows.delete(oldest);
    return window;
  }

  return {
    hit(key) {
      if (limit === 0) return 0;
      const at = now();
      const known = windows.get(key);
      const window = known && known.endsAt > at ? known : open(key, at);
      window.count += 1;
      return window.count <= limit ? 0 : Math.max(1, Math.ceil((window.endsAt - at) / 1000));
    },
  };
}
