import { DomainError } from '../errors.ts';

/** No campaign with this cid or id. */
export class CampaignNotFoundError extends DomainError {
  readonly code = 'CAMPAIGN_NOT_FOUND';
  constructor() {
    super('There is no campaign with this cid or id.');
    this.name = 'CampaignNotFoundError';
  }
}

/** No event type with this id in the caller's account. */
export class EventTypeNotFoundError extends DomainError {
  readonly code = 'EVENT_TYPE_NOT_FOUND';
  constructor() {
    super('There is no event type with this id.');
    this.name = 'EventTypeNotFoundError';
  }
}

/** A cid of another campaign (of any account), or an event id of another event type. */
export class IdTakenError extends DomainError {
  readonly code = 'ID_TAKEN';
  constructor(what: 'cid' | 'event id') {
    super(`This ${what} is taken. Choose another one.`);
    this.name = 'IdTakenError';
  }
}
