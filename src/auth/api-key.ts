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
const shape = new RegExp(`^[0-9A-Za-z]{${randomLength}}_[0-9A-Za-z]{${checksumLength}}$`);

/** A new token with 192 random bits. The marker says what kind of key it is. */
export function issueKey(kind: string): IssuedApiKey {
  const random = toBase62(BigInt(`0x${randomBytes(randomByteCount).toString('hex')}`), randomLength);
  const token = `${kind}${random}_${checksumOf(random)}`;
  return { token, ...fingerprintOf(token, kind) };
}

export const issueApiKey = (): IssuedApiKey => issueKey(marker);

export const fingerprintOf = (token: string, kind = marker): ApiKeyFingerprint => ({
  prefix: token.slice(0, kind.length + 4),
  lastFour: token.slice(-4),
  hash: Uint8Array.from(Buffer.from(hashOf(token), 'hex')),
});

/** Whether a text was meant to be one of our API keys, however mistyped. */
export const claimsToBeApiKey = (text: string): boolean => text.startsWith(marker);

/** Whether a text can be a key of the kind. A slip of the finger or a cut end shows here, before any query. */
export function isWellFormedKey(kind: string, text: string): boolean {
  if (!text.startsWith(kind)) return false;
  const rest = text.slice(kind.length);
  return shape.test(rest) && checksumOf(rest.slice(0, randomLength)) === rest.slice(-checksumLength);
}

export const isWellFormed = (text: string): boolean => isWellFormedKey(marker, text);

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
