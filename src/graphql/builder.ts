import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import WithInputPlugin from '@pothos/plugin-with-input';
import type { Prisma } from '../../prisma/generated/client/client.ts';
import { getDatamodel } from '../../prisma/generated/pothos.ts';
import type PrismaTypes from '../../prisma/generated/pothos.ts';
import { can, type Permission } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { ForbiddenError, UnauthenticatedError } from '../errors.ts';
import { fromPublicId, type IdType, toPublicId } from '../platform/ids.ts';
import { CursorScalar, DateScalar, DateTimeScalar, DecimalScalar, JsonScalar } from './scalars.ts';

export const builder = new SchemaBuilder<{
  Context: Context;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  AuthScopes: { can: Permission };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    Date: { Input: Date; Output: Date };
    Decimal: { Input: Prisma.Decimal; Output: Prisma.Decimal };
    JSON: { Input: unknown; Output: unknown };
    Cursor: { Input: string; Output: string };
  };
}>({
  // Errors stand before Prisma, so that a refusal in a resolver becomes a member of its union.
  plugins: [ErrorsPlugin, ScopeAuthPlugin, RelayPlugin, WithInputPlugin, PrismaPlugin],
  defaultFieldNullability: false,
  errors: {
    defaultTypes: [],
    defaultResultOptions: { name: ({ fieldName }) => `${capitalise(fieldName)}Success` },
    defaultUnionOptions: { name: ({ fieldName }) => `${capitalise(fieldName)}Result` },
    directResult: true,
  },
  scopeAuth: {
    authScopes: (ctx) => ({ can: (permission) => can(ctx.viewer, permission) }),
    // Without it a stream would open first and be refused at its first event.
    authorizeOnSubscribe: true,
    unauthorizedError: (_parent, ctx) => (ctx.viewer.accountId === null ? new UnauthenticatedError() : new ForbiddenError()),
  },
  relay: {
    idFieldName: 'id',
    encodeGlobalID: (typename, id) => toPublicId(typename as IdType, String(id)),
    // What is no id is looked for like an id that names nothing: a bad one among several must not keep the others from being found.
    decodeGlobalID: (globalId) => {
      const { type, uuid } = fromPublicId(globalId) ?? nothing;
      return { typename: type, id: uuid };
    },
    clientMutationId: 'omit',
    cursorType: 'String',
    nodesOnConnection: true,
    nodeQueryOptions: { description: 'Any object by its id; null when it does not exist or belongs to another account.' },
    nodesQueryOptions: { description: 'Several objects by their ids, in the same order, null where there is none.' },
  },
  withInput: {
    typeOptions: { name: ({ fieldName }) => `${capitalise(fieldName)}Input` },
    argOptions: { required: true },
  },
  prisma: {
    client: (ctx) => ctx.db,
    dmmf: getDatamodel(),
    filterConnectionTotalCount: true,
  },
});

const nothing = { type: 'Account', uuid: '00000000-0000-0000-0000-000000000000' } as const;

function capitalise(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

builder.addScalarType('DateTime', DateTimeScalar);
builder.addScalarType('Date', DateScalar);
builder.addScalarType('Decimal', DecimalScalar);
builder.addScalarType('JSON', JsonScalar);
builder.addScalarType('Cursor', CursorScalar);

builder.queryType({ description: 'Everything that can be read.' });
builder.mutationType({ description: 'Everything that can be written. A refusal is a member of the result union and implements Error.' });
builder.subscriptionType({ description: 'Everything that can be watched, over WebSocket (graphql-transport-ws) and server-sent events.' });
