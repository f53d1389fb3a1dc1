import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, hashOf, isSameHash, issueApiKey, isWellFormed, previewOf } from '../../src/auth/api-key.ts';

describe('an issued key', () => {
  it('has the documented form, at least 128 random bits, and never comes twice', () => {
    const tokens = Array.from({ length: 500 }, () => issueApiKey().token);
    for (const token of tokens) expect(token).toMatch(/^lgk_[0-9A-Za-z]{33}_[0-9A-Za-z]{6}$/);
    expect(new Set(tokens).size).toBe(500);
    expect(tokens.every(isWellFormed)).toBe(true);
  });

  it('is stored as a SHA-256 and shown by its beginning and its end', () => {
    const { token, ...stored } = issueApiKey();
    expect(stored).toEqual(fingerprintOf(token));
    expect(Buffer.from(stored.hash).toString('hex')).toBe(hashOf(token));
    expect(stored.hash).toHaveLength(32);
    expect(previewOf(stored)).toBe(`${token.slice(0, 8)}…${token.slice(-4)}`);
  });
});

it('sees every single wrong, missing or added character', () => {
  const { token } = issueApiKey();
  const place = fc.nat(token.length - 1);
  fc.assert(
    fc.property(place, fc.string({ unit: 'binary-ascii', minLength: 0, maxLength: 1 }), (at, other) => {
      const mistyped = token.slice(0, at) + other + token.slice(at + 1);
      expect(isWellFormed(mistyped)).toBe(mistyped === token);
      expect(isWellFormed(token.slice(0, at) + other + token.slice(at))).toBe(other === '');
    }),
  );
});

it('sees two neighbours that changed places', () => {
  const { token } = issueApiKey();
  for (let i = 0; i + 1 < token.length; i += 1) {
    const swapped = token.slice(0, i) + token.charAt(i + 1) + token.charAt(i) + token.slice(i + 2);
    expect(isWellFormed(swapped)).toBe(swapped === token);
  }
});

it('compares hashes of texts of any length', () => {
  expect(isSameHash(hashOf('secret'), hashOf('secret'))).toBe(true);
  for (const other of ['', 'secre', 'secret ', 'Secret', 'x'.repeat(1_000_000)])
    expect(isSameHash(hashOf('secret'), hashOf(other))).toBe(false);
});
