import { expect, it } from 'vitest';
import { authorize, authorizeRoot, can, type Permission } from '../../src/auth/policy.ts';
import { anonymous, apiKeyIdOf, apiKeyViewer, rootViewer } from '../../src/auth/viewer.ts';
import { ForbiddenError, UnauthenticatedError } from '../../src/errors.ts';

const permissions: readonly Permission[] = ['intake', 'read', 'edit', 'administer'];
const keyWith = (scope: 'ADMIN' | 'EDITOR' | 'VIEWER' | 'INGEST') => apiKeyViewer({ id: 'k', accountId: 'a', scope, name: 'A key' });

it.each([
  [keyWith('INGEST'), ['intake']],
  [keyWith('VIEWER'), ['read']],
  [keyWith('EDITOR'), ['intake', 'read', 'edit']],
  [keyWith('ADMIN'), ['intake', 'read', 'edit', 'administer']],
  [rootViewer('a'), ['intake', 'read', 'edit', 'administer']],
  [anonymous, []],
] as const)('%o may %j', (viewer, allowed) => {
  expect(permissions.filter((permission) => can(viewer, permission))).toEqual(allowed);
});

it('tells an unknown caller from one who may not', () => {
  expect(() => authorize(anonymous, 'read')).toThrow(UnauthenticatedError);
  expect(() => authorize(keyWith('INGEST'), 'read')).toThrow(ForbiddenError);
  expect(authorize(keyWith('VIEWER'), 'read')).toBe('a');
});

it('keeps what reaches beyond an account for the root key', () => {
  expect(() => authorizeRoot(anonymous)).toThrow(UnauthenticatedError);
  expect(() => authorizeRoot(keyWith('ADMIN'))).toThrow(ForbiddenError);
  expect(() => authorizeRoot(rootViewer('a'))).not.toThrow();
});

it('knows which key a viewer came with', () => {
  expect([keyWith('ADMIN'), rootViewer('a'), anonymous].map(apiKeyIdOf)).toEqual(['k', null, null]);
});
