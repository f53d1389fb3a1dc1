import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What is stored of a token. The token itself is shown once, to whoever made it. */
export interface ApiKeyFingerprint {
  readonly prefix: string;
  readonly lastFour: string;
  readonly hash: Uint8Array<ArrayBuffer>;
}

export interface IssuedApiKey extends ApiKeyFingerprint {
  readonly token: string;
}

// `lgk_<random>_<checksum>`: letters and digits only, so that a double click selects all of it and secret scanners can find it.
const marker = 'lgk_';
const randomByteCount = 24;
/** Base 62 digits that hold 24 bytes, and those that hold a CRC-32. */
const randomLength = 33;
const checksumLength = 6;
const shape = new RegExp(`^${marker}[0-9A-Za-z]{${randomLength}}_[0-9A-Za-z]{${checksumLength}}$`);

/** A new token with 192 random bits. */
export function issueApiKey(): IssuedApiKey {
  const random = toBase62(BigInt(`0x${randomBytes(randomByteCount).toString('hex')}`), randomLength);
  const token = `${marker}${random}_${checksumOf(random)}`;
  return { token, ...fingerprintOf(token) };
}

export const fingerprintOf = (token: string): ApiKeyFingerprint => ({
  prefix: token.slice(0, marker.length + 4),
  lastFour: token.slice(-4),
  hash: Uint8Array.from(Buffer.from(hashOf(token), 'hex')),
});

/** Whether a text was meant to be one of our tokens, however mistyped. */
export const claimsToBeApiKey = (text: string): boolean => text.startsWith(marker);

/** Whether a text can be one of our tokens. A slip of the finger or a cut end shows here, before any query. */
export const isWellFormed = (text: string): boolean =>
  shape.test(text) && checksumOf(text.slice(marker.length, marker.length + randomLength)) === text.slice(-checksumLength);

/** SHA-256 in hex. A fast hash is enough: nobody guesses 192 random bits. */
export const hashOf = (credential: string): string => hash('sha256', credential, 'hex');

/** Compares two results of `hashOf` in a time that says nothing about where they differ. */
export const isSameHash = (one: string, other: string): boolean => timingSafeEqual(Buffer.from(one, 'hex'), Buffer.from(other, 'hex'));

/** How a key is shown to people: `lgk_a1B2…Yz90`. */
export const previewOf = (key: { readonly prefix: string; readonly lastFour: string }): string => `${key.prefix}…${key.lastFour}`;

const checksumOf = (random: string): string => toBase62(BigInt(crc32(random)), checksumLength);

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function toBase62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n) text = digits.charAt(Number(rest % 62n)) + text;
  return text;
}
