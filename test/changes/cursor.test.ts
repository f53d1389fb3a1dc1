import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/changes/cursor.ts';

describe('a cursor', () => {
  const accountId = randomUUID();

  it('gives its position back, in its own account', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 0, max: 2 ** 47 }), (account, seq) => {
        expect(decodeCursor(account, encodeCursor(account, seq))).toBe(seq);
      }),
    );
  });

  it('fits, with room to spare, into the reason of a WebSocket close frame', () => {
    expect(encodeCursor(accountId, 2 ** 47).length).toBeLessThan(60);
  });

  it("is refused in another account's log", () => {
    expect(() => decodeCursor(randomUUID(), encodeCursor(accountId, 5))).toThrow("This cursor belongs to another account's log.");
  });

  it('is refused when it is anything else', () => {
    const refused = (text: string): void => {
      expect(() => decodeCursor(accountId, text)).toThrow('This is not a cursor');
    };
    fc.assert(fc.property(fc.string(), refused));
    const cursor = encodeCursor(accountId, 5);
    for (const text of [`${cursor}=`, `${cursor}A`, cursor.slice(1), ` ${cursor}`]) refused(text);
  });
});
