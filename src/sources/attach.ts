import { authorize } from '../auth/policy.ts';
import type { Viewer } from '../auth/viewer.ts';
import { ForbiddenError } from '../errors.ts';
import type { Prisma } from '../../prisma/generated/client/client.ts';

/** The sources that a viewer may manage: those of its account, and for the root key those that no account has. */
export function manageable(viewer: Viewer): Prisma.SourceWhereInput {
  const accountId = authorize(viewer, 'administer');
  return viewer.kind === 'ROOT' ? { OR: [{ accountId }, { accountId: null }] } : { accountId };
}

/** The account of a source that is to be attached or not; undefined: as it is. */
export function accountFor(viewer: Viewer, attached: boolean | null | undefined): string | null | undefined {
  const accountId = authorize(viewer, 'administer');
  if (attached === null || attached === undefined) return undefined;
  if (viewer.kind !== 'ROOT') throw new ForbiddenError('Only the root key attaches and detaches sources.');
  return attached ? accountId : null;
}
