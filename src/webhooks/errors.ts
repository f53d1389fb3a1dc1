import { DomainError } from '../errors.ts';

/** No webhook with this id in the caller's account. */
export class WebhookNotFoundError extends DomainError {
  readonly code = 'WEBHOOK_NOT_FOUND';
  constructor() {
    super('There is no webhook with this id.');
    this.name = 'WebhookNotFoundError';
  }
}

/** The URL names a place that webhooks may not call. */
export class WebhookUrlNotAllowedError extends DomainError {
  readonly code = 'WEBHOOK_URL_NOT_ALLOWED';
  constructor(message: string) {
    super(message);
    this.name = 'WebhookUrlNotAllowedError';
  }
}

/** A header that would break the request, or speak for this server. */
export class HeaderNotAllowedError extends DomainError {
  readonly code = 'HEADER_NOT_ALLOWED';
  constructor(message: string) {
    super(message);
    this.name = 'HeaderNotAllowedError';
  }
}
