export interface BriefMemory<Value> {
  /** The value itself while it is remembered, otherwise a promise of it. */
  readonly get: (key: string) => Value | Promise<Value>;
  /** Forgets everything, so that what this process changed counts here at once. */
  readonly clear: () => void;
}

export interface BriefMemoryOptions<Value> {
  readonly keepMs: number;
  readonly maxEntries: number;
  readonly load: (key: string) => Promise<Value>;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

interface Entry<Value> {
  readonly askedAt: number;
  value: Value | Promise<Value>;
}

/** Remembers what was loaded for a moment; those who ask for one key meanwhile share one load. A failed load is not remembered. */
export function createBriefMemory<Value>({
  keepMs,
  maxEntries,
  load,
  now = () => performance.now(),
}: BriefMemoryOptions<Value>): BriefMemory<Value> {
  const entries = new Map<string, Entry<Value>>();

  function ask(key: string, askedAt: number): Promise<Value> {
    const loading = load(key).then(
      (value) => {
        entry.value = value;
        return value;
      },
      (error: unknown) => {
        if (entries.get(key) === entry) entries.delete(key);
        throw error;
      },
    );
    const entry: Entry<Value> = { askedAt, value: loading };
    // Deleted first, so that the map stays in order of age and its first entry is the one to forget.
    entries.delete(key);
    entries.set(key, entry);
    const [oldest] = entries.keys();
    if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);
    return loading;
  }

  return {
    get(key) {
      const known = entries.get(key);
      const at = now();
      // Counted from the question, not the answer: whatever changed before the question is in the answer, however late it came.
      return known !== undefined && at - known.askedAt < keepMs ? known.value : ask(key, at);
    },
    clear: () => entries.clear(),
  };
}
