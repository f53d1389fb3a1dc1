import { DomainError } from '../errors.ts';

/** No lead with this id in the caller's account. */
export class LeadNotFoundError extends DomainError {
  readonly code = 'LEAD_NOT_FOUND';
  constructor() {
    super('There is no lead with this id. It may have been deleted.');
    this.name = 'LeadNotFoundError';
  }
}

/** Another lead of the account already has this email. */
export class EmailTakenError extends DomainError {
  readonly code = 'EMAIL_TAKEN';
  constructor() {
    super('Another lead already has this email. Open that lead, or use a different address.');
    this.name = 'EmailTakenError';
  }
}
