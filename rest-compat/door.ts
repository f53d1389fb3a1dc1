import type { Credential } from '../src/auth/credential.ts';

/** Who was just told that too much is waiting. The next requests with the same credential are told so without a look at what they say. */
export interface Door {
  readonly shut: (credential: Credential) => void;
  readonly isShut: (credential: Credential) => boolean;
}

/** Far less than what waits takes to be served, so nobody idles behind a shut door; and long enough that few requests are refused the dear way. */
const shutMs = 50;
const mostCallers = 1000;

export function createDoor(now: () => number = () => performance.now()): Door {
  const shutUntil = new Map<string, number>();
  return {
    shut(credential) {
      if (shutUntil.size >= mostCallers) shutUntil.clear();
      shutUntil.set(JSON.stringify(credential), now() + shutMs);
    },
    isShut(credential) {
      if (shutUntil.size === 0) return false;
      const caller = JSON.stringify(credential);
      const until = shutUntil.get(caller);
      if (until === undefined) return false;
      if (now() < until) return true;
      shutUntil.delete(caller);
      return false;
    },
  };
}
