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
  /** What counts while this one is loaded, until its own time is over. */
  former: Entry<Value> | undefined;
}

/**
 * Remembers what was loaded for a moment; those who ask for one key meanwhile share one load. A failed load is not remembered. A key that is
 * still asked for in the second half of its time is loaded anew: in a flood that takes long, and all who waited for it would be through the
 * door before the first of them is told that there is no room.
 */
export function createBriefMemory<Value>({
  keepMs,
  maxEntries,
  load,
  now = () => performance.now(),
}: BriefMemoryOptions<Value>): BriefMemory<Value> {
  const entries = new Map<string, Entry<Value>>();

  function ask(key: string, askedAt: number, former?: Entry<Value>): Promise<Value> {
    const loading = load(key).then(
      (value) => {
        entry.value = value;
        entry.former = undefined;
        return value;
      },
      (error: unknown) => {
        if (entries.get(key) === entry) forget(key, entry);
        throw error;
      },
    );
    const entry: Entry<Value> = { askedAt, value: loading, former };
    // Deleted first, so that the map stays in order of age and its first entry is the one to forget.
    entries.delete(key);
    entries.set(key, entry);
    const [oldest] = entries.keys();
    if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);
    return loading;
  }

  function forget(key: string, { former }: Entry<Value>): void {
    if (former) entries.set(key, former);
    else entries.delete(key);
  }

  return {
    get(key) {
      const at = now();
      // Counted from the question, not the answer: whatever changed before the question is in the answer, however late it came.
      const counts = (entry: Entry<Value>): boolean => at - entry.askedAt < keepMs;
      const known = entries.get(key);
      if (!known || !counts(known)) return ask(key, at);
      if (known.former) return counts(known.former) ? known.former.value : known.value;
      if (at - known.askedAt >= keepMs / 2 && !(known.value instanceof Promise)) ask(key, at, known).catch(() => undefined);
      return known.value;
    },
    clear: () => entries.clear(),
  };
}
