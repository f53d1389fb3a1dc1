import { DomainError } from '../errors.ts';

/** No API key with this id in the caller's account. */
export class ApiKeyNotFoundError extends DomainError {
  readonly code = 'API_KEY_NOT_FOUND';
  constructor() {
    super('There is no API key with this id.');
    this.name = 'ApiKeyNotFoundError';
  }
}

/** The CRM cannot prove who it is, because the operator has set no secret. */
export class CrmNotConfiguredError extends DomainError {
  readonly code = 'CRM_NOT_CONFIGURED';
  constructor() {
    super('CRM webhook secret not configured');
    this.name = 'CrmNotConfiguredError';
  }
}

/** The name must be unique and belongs to something else. */
export class NameTakenError extends DomainError {
  readonly code = 'NAME_TAKEN';
  constructor() {
    super('This name is taken. Choose another one.');
    this.name = 'NameTakenError';
  }
}
