import type { ApiKeyScope } from '../../prisma/generated/client/client.ts';
import { ForbiddenError, UnauthenticatedError } from '../errors.ts';
import type { Viewer } from './viewer.ts';

/** What a scope allows. `intake`: hand in leads and events; `read`: see leads; `edit`: change them by hand; `administer`: keys, sources, webhooks. */
export type Permission = 'intake' | 'read' | 'edit' | 'administer';

const allowed: Record<ApiKeyScope, readonly Permission[]> = {
  INGEST: ['intake'],
  VIEWER: ['read'],
  EDITOR: ['intake', 'read', 'edit'],
  ADMIN: ['intake', 'read', 'edit', 'administer'],
};

export const can = (viewer: Viewer, permission: Permission): boolean =>
  viewer.accountId !== null && viewer.scopes.some((scope) => allowed[scope].includes(permission));

/** The account that the viewer belongs to, whatever it may do there. Throws when there is none. */
export function accountOf(viewer: Viewer): string {
  if (viewer.accountId === null) throw new UnauthenticatedError();
  return viewer.accountId;
}

/** The account that the viewer may use this way. Throws when there is none. */
export function authorize(viewer: Viewer, permission: Permission): string {
  const accountId = accountOf(viewer);
  if (!can(viewer, permission)) throw new ForbiddenError(`Your API key lacks the permission to ${permission}.`);
  return accountId;
}

/** For what reaches beyond one account. Throws unless the viewer holds the root key. */
export function authorizeRoot(viewer: Viewer): void {
  accountOf(viewer);
  if (viewer.kind !== 'ROOT') throw new ForbiddenError('Only the root key, the API_KEY of the server, allows this.');
}
