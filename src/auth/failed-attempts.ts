import { RateLimitedError, UnauthenticatedError } from '../errors.ts';
import { createRateLimit } from '../platform/rate-limit.ts';

/** Where a wrong credential came from and what it was tried on. */
export interface Attempt {
  readonly address: string | null;
  /** The source that was named, when there can be one like that. */
  readonly sourceId: string | null;
}

export interface FailedAttempts {
  /** The refusal of a wrong credential: after too many of them within a minute, a request to slow down. A good credential never asks here. */
  readonly refuse: (attempt: Attempt) => UnauthenticatedError | RateLimitedError;
}

const windowMs = 60_000;
const maxKeys = 20_000;

/** Counts wrong credentials by address and by the source they name, in this process. */
export function createFailedAttempts(limit: number): FailedAttempts {
  const addresses = createRateLimit({ limit, windowMs, maxKeys });
  const sources = createRateLimit({ limit, windowMs, maxKeys });
  return {
    refuse({ address, sourceId }) {
      const waits = [address === null ? 0 : addresses.hit(toNetwork(address)), sourceId === null ? 0 : sources.hit(sourceId)];
      const wait = Math.max(...waits);
      return wait > 0 ? new RateLimitedError('Too many requests with wrong credentials.', wait) : new UnauthenticatedError();
    },
  };
}

/** Whoever has one IPv6 address usually has all 2^64 of its network. */
const toNetwork = (address: string): string => (address.includes(':') ? address.split(':', 4).join(':') : address);
