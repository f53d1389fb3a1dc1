import { CursorInvalidError } from './errors.ts';

const version = 1;
const bytesInUuid = 16;
const size = 1 + bytesInUuid + 6;

/** A position in an account's log, as callers see it: everything up to and including `seq` lies behind it. */
export function encodeCursor(accountId: string, seq: number): string {
  const bytes = Buffer.alloc(size);
  bytes.writeUInt8(version);
  bytes.write(accountId.replaceAll('-', ''), 1, 'hex');
  bytes.writeUIntBE(seq, 1 + bytesInUuid, 6);
  return bytes.toString('base64url');
}

/** The seq that a cursor stands for. Throws CursorInvalidError for a text that is no cursor, and for a cursor of another account. */
export function decodeCursor(accountId: string, cursor: string): number {
  const bytes = Buffer.from(cursor, 'base64url');
  // Node skips what is not base64url: only a text that encodes back to itself was a cursor.
  if (bytes.length !== size || bytes.readUInt8() !== version || bytes.toString('base64url') !== cursor) {
    throw new CursorInvalidError('This is not a cursor that this server gave.');
  }
  if (bytes.toString('hex', 1, 1 + bytesInUuid) !== accountId.replaceAll('-', '')) {
    throw new CursorInvalidError("This cursor belongs to another account's log.");
  }
  return bytes.readUIntBE(1 + bytesInUuid, 6);
}
