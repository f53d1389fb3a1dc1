import { createHmac, randomBytes } from 'node:crypto';

/** Signatures as Standard Webhooks has them: https://www.standardwebhooks.com */

const prefix = 'whsec_';
const secretBytes = 32;
const secretPattern = /^whsec_([A-Za-z0-9+/]+={0,2})$/;

export const newSecret = (): string => prefix + randomBytes(secretBytes).toString('base64');

/** Whether a text that somebody brings along can sign: 24 to 64 bytes in base64 behind `whsec_`. */
export function isSecret(text: string): boolean {
  const [, encoded = ''] = secretPattern.exec(text) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.length >= 24 && bytes.length <= 64 && bytes.toString('base64').replace(/=+$/, '') === encoded.replace(/=+$/, '');
}

export interface Signed {
  readonly id: string;
  /** Unix seconds of this try. */
  readonly timestamp: number;
  readonly body: string;
}

/** One signature for each secret, separated by spaces: while secrets are exchanged a receiver may check with either. */
export const sign = (secrets: readonly string[], { id, timestamp, body }: Signed): string =>
  secrets
    .map((secret) =>
      createHmac('sha256', Buffer.from(secret.slice(prefix.length), 'base64'))
        .update(`${id}.${timestamp}.${body}`)
        .digest('base64'),
    )
    .map((signature) => `v1,${signature}`)
    .join(' ');
