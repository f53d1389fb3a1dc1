import { readFileSync } from 'node:fs';

/** What the database, webhooks and files may need beside the callers' connections. */
const mostReserved = 512;

/**
 * How many connections a server may hold, so that it never runs out of descriptors for its own work: half of what the process may open, or all
 * but some hundreds. A caller beyond that is refused at once; everybody who is connected goes on. Null where the system does not say.
 */
export function mostConnections(): number | null {
  try {
    const limit = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]);
    return Number.isFinite(limit) ? limit - Math.min(mostReserved, Math.ceil(limit / 2)) : null;
  } catch {
    return null;
  }
}
