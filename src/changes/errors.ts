import { DomainError } from '../errors.ts';

/** A cursor that this account's log never gave. */
export class CursorInvalidError extends DomainError {
  readonly code = 'CURSOR_INVALID';
  constructor(message: string) {
    super(message);
    this.name = 'CursorInvalidError';
  }
}

/** The log ends at `head`: a cursor beyond it comes from a log that this one is not, such as the one before a restore. */
export function assertWithinLog(seq: number, head: number): void {
  if (seq > head) throw new CursorInvalidError("This cursor lies beyond the end of your account's log.");
}
