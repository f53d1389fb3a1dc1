import { DomainError } from '../errors.ts';

/** The event id is not configured for the campaign, or switched off there. */
export class UnknownEventError extends DomainError {
  readonly code = 'UNKNOWN_EVENT';
  constructor() {
    super('The campaign has no such event. Configure the event id first.');
    this.name = 'UnknownEventError';
  }
}

/** The source named by `pid` is disabled or not known. */
export class SourceInactiveError extends DomainError {
  readonly code = 'SOURCE_INACTIVE';
  constructor() {
    super('The source with this pid is disabled or not known.');
    this.name = 'SourceInactiveError';
  }
}

/** A conversion carries money. */
export class RevenueRequiredError extends DomainError {
  readonly code = 'REVENUE_REQUIRED';
  constructor() {
    super('A conversion event needs its revenue.');
    this.name = 'RevenueRequiredError';
  }
}

/** The same event came for the same lead a moment ago. */
export class EventInProgressError extends DomainError {
  readonly code = 'EVENT_IN_PROGRESS';
  constructor() {
    super('This event was fired at this lead less than two seconds ago.');
    this.name = 'EventInProgressError';
  }
}

/** The event was fired at this lead before, and repeats are not allowed. */
export class DuplicateEventError extends DomainError {
  readonly code = 'DUPLICATE_EVENT';
  constructor() {
    super('This event was fired at this lead before, and it does not allow repeats.');
    this.name = 'DuplicateEventError';
  }
}
