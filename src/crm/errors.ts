import { DomainError } from '../errors.ts';

/** The account has no such submission, or it is another lead's. */
export class SubmissionNotFoundError extends DomainError {
  readonly code = 'SUBMISSION_NOT_FOUND';
  constructor() {
    super('There is no submission with this id of that lead.');
    this.name = 'SubmissionNotFoundError';
  }
}
