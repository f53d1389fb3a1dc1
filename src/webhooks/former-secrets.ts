import { z } from 'zod';
import type { Webhook } from '../../prisma/generated/client/client.ts';

/** A secret that was exchanged, as it is stored, and until when it signs beside the new one. */
export interface FormerSecret {
  readonly secret: string;
  readonly expiresAt: Date;
}

type Secrets = Pick<Webhook, 'secret' | 'formerSecret' | 'formerSecretExpiresAt' | 'olderSecrets'>;

const olderSchema = z.array(z.object({ secret: z.string(), expiresAt: z.iso.datetime().transform((text) => new Date(text)) }));

/** The former secrets that still sign, the latest first. */
export function formerSecrets({ formerSecret, formerSecretExpiresAt, olderSecrets }: Omit<Secrets, 'secret'>, now: Date): FormerSecret[] {
  const former =
    formerSecret !== null && formerSecretExpiresAt !== null ? [{ secret: formerSecret, expiresAt: formerSecretExpiresAt }] : [];
  return [...former, ...olderSchema.parse(olderSecrets)].filter(({ expiresAt }) => expiresAt > now);
}

/** What is stored once `secret` takes over: every former one signs until `until` at most, and one that ends sooner keeps its end. */
export function exchangeSecret(stored: Secrets, secret: string, until: Date, now: Date) {
  const older = formerSecrets(stored, now).map((former) => ({
    secret: former.secret,
    expiresAt: (former.expiresAt < until ? former.expiresAt : until).toISOString(),
  }));
  return { secret, formerSecret: stored.secret, formerSecretExpiresAt: until, olderSecrets: older };
}
