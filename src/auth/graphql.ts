import type { Account, ApiKey } from '../../prisma/generated/client/client.ts';
import { builder } from '../graphql/builder.ts';
import { totalCountIsExact } from '../graphql/total-count.ts';
import { ErrorInterface } from '../graphql/errors.ts';
import { previewOf } from './api-key.ts';
import { createAccount, createAccountErrors, type CreatedAccount } from './create-account.ts';
import { createApiKey, createApiKeyErrors, type CreatedApiKey } from './create-api-key.ts';
import { ApiKeyNotFoundError, NameTakenError } from './errors.ts';
import { findApiKeys } from './find-api-keys.ts';
import { accountOf, authorize } from './policy.ts';
import { revokeApiKey, revokeApiKeyErrors, type RevokedApiKey } from './revoke-api-key.ts';
import type { Viewer } from './viewer.ts';

const ApiKeyScopeEnum = builder.enumType('ApiKeyScope', {
  description: 'What an API key allows.',
  values: {
    ADMIN: { description: 'Everything in its account, API keys included.' },
    EDITOR: { description: 'What INGEST and VIEWER may, and move, edit and delete leads.' },
    VIEWER: { description: 'See everything but API keys and exports of persons, change nothing.' },
    INGEST: { description: 'Hand leads and events in; of a lead it sees the ids and the stage.' },
  } as const,
});

const ViewerKindEnum = builder.enumType('ViewerKind', {
  description: 'How the caller proved who it is.',
  values: {
    ROOT: { description: "With the server's own key (`API_KEY`), or without any while the server is open." },
    API_KEY: { description: 'With an API key of an account.' },
    SOURCE: { description: 'With the key of a source: it may hand in leads by `submitLead` and nothing else.' },
    CRM: { description: "With the CRM's shared secret: it reports what happened to leads." },
    ANONYMOUS: { description: 'Not at all: nothing else can be asked.' },
  } as const,
});

const AccountType = builder.prismaNode('Account', {
  description: 'The business that owns leads. Everything belongs to one account and is invisible to the others.',
  id: { field: 'id', description: 'Begins with `acc_`.' },
  // An id of another account finds nothing; without this it would be an internal error.
  nullable: true,
  findUnique: (id, ctx) => ({ id, AND: [{ id: accountOf(ctx.viewer) }] }),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique on this server.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the account was made.' }),
  }),
});

const ApiKeyType = builder.prismaNode('ApiKey', {
  description: 'A credential of an account. The token itself was shown once, when it was made; only its hash is kept.',
  id: { field: 'id', description: 'Begins with `key_`.' },
  nullable: true,
  findUnique: (id, ctx) => ({ id, accountId: authorize(ctx.viewer, 'administer') }),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What people call it; named on receipts and timelines.' }),
    scope: t.expose('scope', { type: ApiKeyScopeEnum, description: 'What it allows.' }),
    prefix: t.exposeString('prefix', { description: 'How its token begins.' }),
    lastFour: t.exposeString('lastFour', { description: 'How its token ends.' }),
    keyPreview: t.string({ description: 'Enough of the token to recognise it, like `lgk_a1B2…Yz90`.', resolve: previewOf }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used, to about a minute; null: never.',
    }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true, description: 'When it was revoked; null: it counts.' }),
  }),
});

const ViewerType = builder.objectRef<Viewer>('Viewer').implement({
  description: 'Who is asking, as told by the credential that came with the request.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ViewerKindEnum, description: 'How the caller proved who it is.' }),
    name: t.exposeString('actor', { description: 'The name under which its acts are noted on receipts and timelines.' }),
    scopes: t.field({ type: [ApiKeyScopeEnum], description: 'What it may do.', resolve: (viewer) => [...viewer.scopes] }),
    account: t.prismaField({
      type: AccountType,
      nullable: true,
      description: 'The account whose leads it sees; null for an anonymous viewer.',
      resolve: (query, { accountId }, _args, ctx) =>
        accountId === null ? null : ctx.db.account.findUnique({ ...query, where: { id: accountId } }),
    }),
  }),
});

builder.queryField('viewer', (t) => t.field({ type: ViewerType, description: 'Who am I?', resolve: (_root, _args, ctx) => ctx.viewer }));

builder.queryField('apiKeys', (t) =>
  t.connection(
    {
      type: ApiKeyType,
      description: 'The API keys of the account, newest first, revoked ones too.',
      authScopes: { can: 'administer' },
      resolve: (_root, args, ctx) => findApiKeys(ctx, args),
    },
    {
      name: 'ApiKeyConnection',
      description: 'A page of API keys.',
      fields: (t) => ({
        totalCount: t.int({ description: 'How many there are in all.', resolve: async ({ total }) => (await total()).count }),
        totalCountIsExact: t.boolean(totalCountIsExact),
      }),
    },
    { name: 'ApiKeyEdge', description: 'An API key and its place in the list.' },
  ),
);

builder.objectType(ApiKeyNotFoundError, {
  name: 'ApiKeyNotFoundError',
  description: 'The account has no API key with this id.',
  interfaces: [ErrorInterface],
});

builder.objectType(NameTakenError, {
  name: 'NameTakenError',
  description: 'The name belongs to something else already. Nothing was stored.',
  interfaces: [ErrorInterface],
});

const CreateApiKeySuccess = builder.objectRef<CreatedApiKey>('CreateApiKeySuccess').implement({
  description: 'The API key was made.',
  fields: (t) => ({
    apiKey: t.field({ type: ApiKeyType, description: 'The key, as it will be listed.', resolve: ({ apiKey }): ApiKey => apiKey }),
    token: t.exposeString('token', { description: 'What to send as `x-api-key` or `Authorization: Bearer`. Shown this once.' }),
  }),
});

builder.mutationField('createApiKey', (t) =>
  t.fieldWithInput({
    type: CreateApiKeySuccess,
    description: 'Makes an API key of the account. Needs the ADMIN scope.',
    errors: { types: [...createApiKeyErrors] },
    input: {
      name: t.input.string({ required: true, description: 'What people will call it: 1 to 100 characters.' }),
      scope: t.input.field({ type: ApiKeyScopeEnum, required: true, description: 'What it allows.' }),
    },
    resolve: (_root, { input }, ctx) => createApiKey(ctx, input),
  }),
);

const RevokeApiKeySuccess = builder.objectRef<RevokedApiKey>('RevokeApiKeySuccess').implement({
  description: 'The API key is revoked: no server takes it any more after one second.',
  fields: (t) => ({
    apiKey: t.field({ type: ApiKeyType, description: 'The revoked key.', resolve: ({ apiKey }): ApiKey => apiKey }),
  }),
});

builder.mutationField('revokeApiKey', (t) =>
  t.fieldWithInput({
    type: RevokeApiKeySuccess,
    description: 'Ends an API key for good. Repeating it changes nothing. Needs the ADMIN scope.',
    errors: { types: [...revokeApiKeyErrors] },
    input: { apiKeyId: t.input.id({ required: true, description: 'The id of the key, with or without `key_`.' }) },
    resolve: (_root, { input }, ctx) => revokeApiKey(ctx, input),
  }),
);

const CreateAccountSuccess = builder.objectRef<CreatedAccount>('CreateAccountSuccess').implement({
  description: 'The account was made.',
  fields: (t) => ({
    account: t.field({ type: AccountType, description: 'The new account.', resolve: ({ account }): Account => account }),
    token: t.exposeString('token', { description: 'An ADMIN key of the new account. Shown this once.' }),
  }),
});

builder.mutationField('createAccount', (t) =>
  t.fieldWithInput({
    type: CreateAccountSuccess,
    description: 'Makes an account, apart from all others. Needs the root key.',
    errors: { types: [...createAccountErrors] },
    input: { name: t.input.string({ required: true, description: 'Unique on this server: 1 to 100 characters.' }) },
    resolve: (_root, { input }, ctx) => createAccount(ctx, input),
  }),
);
