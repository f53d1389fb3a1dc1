import { hashOf, isSameHash } from '../auth/api-key.ts';
import type { SourceCredential } from '../auth/credential.ts';
import { createBriefMemory } from '../auth/brief-memory.ts';
import type { Database } from '../platform/database.ts';
import { uuidOf } from '../platform/ids.ts';
import type { Log } from '../platform/log.ts';
import { type ActiveSource, isSourceKey } from './source.ts';
import { createSourceLookup, type KeyedSource } from './source-lookup.ts';

/** The sources as intake sees them: what another process changed counts within a second, what this one changed at once. */
export interface SourceRegister {
  /** The source whose key this is; null: there is none, the key does not count any more, or it belongs to another source than the one named. */
  readonly byCredential: (credential: SourceCredential) => ActiveSource | null | Promise<ActiveSource | null>;
  readonly byId: (id: string) => ActiveSource | null | Promise<ActiveSource | null>;
  /** The seconds that a source has to wait because its minute is full; 0: none. */
  readonly secondsToWait: (id: string) => number;
  /** Remembers that the minute of a source is full. */
  readonly holdOff: (id: string, seconds: number) => void;
  /** Call after changing a source. */
  readonly refresh: () => void;
  readonly close: () => Promise<void>;
}

const rememberMs = 1000;
const maxRemembered = 10_000;

export function createSourceRegister(database: Pick<Database, 'writePool'>, log: Log): SourceRegister {
  const lookup = createSourceLookup(database.writePool, log);
  const memory = { keepMs: rememberMs, maxEntries: maxRemembered };
  const byHash = createBriefMemory<KeyedSource | null>({ ...memory, load: lookup.byKeyHash });
  const byId = createBriefMemory<ActiveSource | null>({ ...memory, load: lookup.byId });

  /** Monotonic ends of full minutes. Few: a source is in here for a minute at most, and there are not many sources. */
  const fullUntil = new Map<string, number>();

  return {
    secondsToWait(id) {
      const until = fullUntil.get(id);
      if (until === undefined) return 0;
      const ms = until - performance.now();
      if (ms <= 0) fullUntil.delete(id);
      return Math.max(0, Math.ceil(ms / 1000));
    },
    holdOff: (id, seconds) => void fullUntil.set(id, performance.now() + seconds * 1000),
    byCredential({ sourceId, key }) {
      // Both tell before any query whether there can be such a source.
      const id = sourceId === null ? null : uuidOf('Source', sourceId);
      if (key === null || !isSourceKey(key) || (sourceId !== null && id === null)) return null;
      const hash = hashOf(key);
      const found = byHash.get(hash);
      return found instanceof Promise ? found.then((source) => confirm(source, hash, id)) : confirm(found, hash, id);
    },
    byId: byId.get,
    refresh() {
      byHash.clear();
      byId.clear();
    },
    close: () => lookup.drained(),
  };
}

/** The right key with another source's id is answered like an unknown one. */
function confirm(source: KeyedSource | null, hash: string, id: string | null): ActiveSource | null {
  return source && isSameHash(source.hash, hash) && (id === null || id === source.id) ? source : null;
}
