import { DomainError } from '../errors.ts';

/** A subscriber that did not take its messages. Nothing is lost: the stream resumes after `cursor`. */
export class SlowSubscriberError extends DomainError {
  readonly code = 'SLOW_SUBSCRIBER';
  readonly cursor: string;
  override readonly details: { readonly cursor: string };
  constructor(cursor: string) {
    super('This subscriber took its messages too slowly. Subscribe again with `after` set to the cursor.');
    this.name = 'SlowSubscriberError';
    this.cursor = cursor;
    this.details = { cursor };
  }
}
