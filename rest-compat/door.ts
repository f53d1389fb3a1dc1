import { hash } from 'node:crypto';
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
      shutUntil.set(toCaller(credential), now() + shutMs);
    },
    isShut(credential) {
      if (shutUntil.size === 0) return false;
      const caller = toCaller(credential);
      const until = shutUntil.get(caller);
      if (until === undefined) return false;
      if (now() < until) return true;
      shutUntil.delete(caller);
      return false;
    },
  };
}

/** A secret is not kept to remember who showed it. */
const toCaller = (credential: Credential): string => (credential === null ? '' : hash('sha256', JSON.stringify(credential), 'base64'));
