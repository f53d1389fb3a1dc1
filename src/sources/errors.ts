import { DomainError } from '../errors.ts';

/** No source with this id in the caller's account. */
export class SourceNotFoundError extends DomainError {
  readonly code = 'SOURCE_NOT_FOUND';
  constructor() {
    super('There is no source with this id.');
    this.name = 'SourceNotFoundError';
  }
}
