import type { Source } from '../../prisma/generated/client/client.ts';
import { previewOf } from '../auth/api-key.ts';
import { builder } from '../graphql/builder.ts';
import { totalCountIsExact } from '../graphql/total-count.ts';
import { ErrorInterface } from '../graphql/errors.ts';
import { uuidOf } from '../platform/ids.ts';
import { dayOf } from '../platform/instant.ts';
import { type CreatedSource, createSource, createSourceErrors } from './create-source.ts';
import { SourceNotFoundError } from './errors.ts';
import { findKeyLastUsedAt, findSourceMetrics, findSourceStats, type SourceMetrics, type SourcePoint } from './find-source-metrics.ts';
import { findSourceById, findSources } from './find-sources.ts';
import { type RotatedSourceKey, rotateSourceKey, rotateSourceKeyErrors, usualOverlapSeconds } from './rotate-source-key.ts';
import { updateSource, updateSourceErrors } from './update-source.ts';

const accepted = 'Leads that were accepted, repetitions too.';
const created = 'New leads.';
const duplicates = 'Leads that repeat another one: its email, or its `externalId` from this source.';
const rejected = 'Requests that were refused; each has a receipt with its reasons.';

const SourcePointType = builder.objectRef<SourcePoint>('SourceMetricsPoint').implement({
  description: 'What a source has sent on one day (UTC), by what became of it. What was deleted later was still sent.',
  fields: (t) => ({
    startAt: t.expose('startAt', { type: 'DateTime', description: 'Where the day begins.' }),
    endAt: t.expose('endAt', { type: 'DateTime', description: 'Where the next one begins.' }),
    label: t.string({ description: 'The date, like `2026-11-20`.', resolve: ({ startAt }) => dayOf(startAt) }),
    value: t.int({ description: accepted, resolve: (point) => point.created + point.duplicates }),
    created: t.exposeInt('created', { description: created }),
    duplicates: t.exposeInt('duplicates', { description: duplicates }),
    rejected: t.exposeInt('rejected', { description: rejected }),
  }),
});

const SourceMetricsType = builder.objectRef<SourceMetrics>('SourceMetrics').implement({
  description: 'What a source has sent, by what became of it. What was deleted later was still sent.',
  fields: (t) => ({
    totalLeads: t.int({ description: accepted, resolve: (metrics) => metrics.created + metrics.duplicates }),
    created: t.exposeInt('created', { description: created }),
    duplicates: t.exposeInt('duplicates', { description: duplicates }),
    rejected: t.exposeInt('rejected', { description: rejected }),
    firstLeadAt: t.expose('firstLeadAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its first lead was accepted, whatever the days.',
    }),
    lastLeadAt: t.expose('lastLeadAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its latest lead was accepted, whatever the days.',
    }),
    points: t.field({
      type: [SourcePointType],
      description: 'The same for each day, oldest first, today last, zeros included.',
      resolve: ({ points }) => [...points],
    }),
    generatedAt: t.expose('generatedAt', { type: 'DateTime', description: 'The moment of these numbers.' }),
  }),
});

export const SourceType = builder.prismaObject('Source', {
  description: 'A website, partner or system that may hand in leads, with credentials of its own.',
  findUnique: ({ id }) => ({ id }),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What people call it; the `sourceName` of its leads.' }),
    description: t.exposeString('description', { nullable: true, description: 'What it is.' }),
    enabled: t.exposeBoolean('enabled', { description: 'A disabled source is refused (403).' }),
    attached: t.boolean({
      description: 'Whether it belongs to an account. One that does not may authenticate and is refused (403).',
      resolve: ({ accountId }) => accountId !== null,
    }),
    complianceApproved: t.exposeBoolean('complianceApproved', {
      description: 'Whether it was reviewed. Until then its leads are refused (400).',
    }),
    complianceNotes: t.exposeString('complianceNotes', { nullable: true, description: 'What the review found.' }),
    requiresTrustedForm: t.exposeBoolean('requiresTrustedForm', {
      description: 'Whether each lead needs a TrustedForm certificate. One that is sent is checked in any case.',
    }),
    allowedStates: t.exposeStringList('allowedStates', {
      description: 'States, as two letters, that its leads may come from; empty: any.',
    }),
    allowedProducts: t.exposeStringList('allowedProducts', { description: 'Products that its leads may ask for; empty: any.' }),
    defaultTags: t.exposeStringList('defaultTags', { description: 'Tags that each of its leads gets.' }),
    costPerLead: t.expose('costPerLead', {
      type: 'Decimal',
      nullable: true,
      description: 'What each accepted lead costs; it becomes `Lead.cost`.',
    }),
    pid: t.exposeString('pid', { nullable: true, description: 'The id by which event postbacks name the source.' }),
    keyPreview: t.string({
      nullable: true,
      description: 'Enough of its newest key to recognise it.',
      resolve: ({ keyPrefix, keyLastFour }) => previewOf({ prefix: keyPrefix, lastFour: keyLastFour }),
    }),
    keyLastUsedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When a key of it was last used, to about a minute; null: never.',
      resolve: ({ id }, _args, ctx) => findKeyLastUsedAt(ctx, null, id),
    }),
    metrics: t.field({
      type: SourceMetricsType,
      description: 'What it has sent.',
      args: {
        days: t.arg.int({
          description:
            'Only these last days, today included: 1 to 366, by UTC. Left out: everything it ever sent, with the last 30 days as `points`.',
        }),
      },
      resolve: ({ id }, { days }, ctx) => findSourceMetrics(ctx, id, days ?? null),
    }),
    firstLeadAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When its first lead was accepted.',
      resolve: async ({ id }, _args, ctx) => (await findSourceStats(ctx, null, id))?.firstLeadAt ?? null,
    }),
    lastLeadAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When its latest lead was accepted.',
      resolve: async ({ id }, _args, ctx) => (await findSourceStats(ctx, null, id))?.lastLeadAt ?? null,
    }),
    createdBy: t.exposeString('createdBy', { description: 'The credential that made it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When its settings or its key last changed.' }),
  }),
});

builder.nodeRef(SourceType, {
  id: { resolve: (source: Source) => source.id, description: 'Begins with `src_`. Senders name themselves by it, beside their key.' },
  loadManyWithoutCache: (ids, ctx) => Promise.all(ids.map((id) => findSourceById(ctx, null, id))),
});

builder.queryField('source', (t) =>
  t.field({
    type: SourceType,
    nullable: true,
    description: 'One source; null when the account has none like that.',
    authScopes: { can: 'read' },
    args: { id: t.arg.id({ required: true, description: 'With or without `src_`.' }) },
    resolve: (_root, { id }, ctx) => {
      const uuid = uuidOf('Source', id);
      return uuid === null ? null : findSourceById(ctx, null, uuid);
    },
  }),
);

builder.queryField('sources', (t) =>
  t.connection(
    {
      type: SourceType,
      description: 'The sources of the account, newest first. The root key also sees those that no account has.',
      authScopes: { can: 'read' },
      resolve: (_root, args, ctx) => findSources(ctx, args),
    },
    {
      name: 'SourceConnection',
      description: 'Sources, a page at a time.',
      fields: (t) => ({
        totalCount: t.int({ description: 'How many there are in all.', resolve: async ({ total }) => (await total()).count }),
        totalCountIsExact: t.boolean(totalCountIsExact),
      }),
    },
    { name: 'SourceEdge', description: 'A source and its place in the list.' },
  ),
);

builder.objectType(SourceNotFoundError, {
  name: 'SourceNotFoundError',
  description: 'The account has no source with this id.',
  interfaces: [ErrorInterface],
});

const CreateSourceSuccess = builder.objectRef<CreatedSource>('CreateSourceSuccess').implement({
  description: 'The source was made.',
  fields: (t) => ({
    source: t.field({ type: SourceType, description: 'The source, as it will be listed.', resolve: ({ source }) => source }),
    key: t.exposeString('key', { description: 'What the source sends to prove itself. Shown this once.' }),
  }),
});

builder.mutationField('createSource', (t) =>
  t.fieldWithInput({
    type: CreateSourceSuccess,
    description: 'Makes a source of the account. Its leads are refused until it is approved. Needs the ADMIN scope.',
    errors: { types: [...createSourceErrors] },
    input: {
      name: t.input.string({ required: true, description: 'What people will call it: 1 to 255 characters.' }),
      description: t.input.string({ description: 'What it is.' }),
      enabled: t.input.boolean({ description: 'Whether it may send. Usually true.' }),
      complianceApproved: t.input.boolean({ description: 'Whether it was reviewed. Usually false.' }),
      complianceNotes: t.input.string({ description: 'What the review found.' }),
      requiresTrustedForm: t.input.boolean({ description: 'Whether each lead needs a TrustedForm certificate. Usually true.' }),
      allowedStates: t.input.stringList({ description: 'U.S. states, as two letters or by name. Empty: any.' }),
      allowedProducts: t.input.stringList({ description: 'Products. Empty: any.' }),
      defaultTags: t.input.stringList({ description: 'Tags for each of its leads.' }),
      costPerLead: t.input.field({ type: 'Decimal', description: 'What each accepted lead costs.' }),
      pid: t.input.string({ description: 'The id by which event postbacks name it; unique in the account.' }),
      attached: t.input.boolean({ description: 'False: without an account, for the root key only. Usually true.' }),
    },
    resolve: (_root, { input }, ctx) => createSource(ctx, input),
  }),
);

const UpdateSourceSuccess = builder.objectRef<{ readonly source: Source }>('UpdateSourceSuccess').implement({
  description: 'The source holds the settings. Every server heeds them within a second.',
  fields: (t) => ({ source: t.field({ type: SourceType, description: 'The source as it is now.', resolve: ({ source }) => source }) }),
});

builder.mutationField('updateSource', (t) =>
  t.fieldWithInput({
    type: UpdateSourceSuccess,
    description:
      'Changes the settings of a source: approves, disables, restricts or renames it. What is left out stays; null clears. Needs the ADMIN scope.',
    errors: { types: [...updateSourceErrors] },
    input: {
      sourceId: t.input.id({ required: true, description: 'The id of the source, with or without `src_`.' }),
      name: t.input.string({ description: 'Its name. Leads that it has sent keep the former one.' }),
      description: t.input.string({ description: 'What it is.' }),
      enabled: t.input.boolean({ description: 'False disables it: it is refused with 403.' }),
      complianceApproved: t.input.boolean({ description: 'True approves it.' }),
      complianceNotes: t.input.string({ description: 'What the review found.' }),
      requiresTrustedForm: t.input.boolean({ description: 'Whether each lead needs a TrustedForm certificate.' }),
      allowedStates: t.input.stringList({ description: 'U.S. states, as two letters or by name. Empty: any.' }),
      allowedProducts: t.input.stringList({ description: 'Products. Empty: any.' }),
      defaultTags: t.input.stringList({ description: 'Tags for each of its leads.' }),
      costPerLead: t.input.field({ type: 'Decimal', description: 'What each accepted lead costs.' }),
      pid: t.input.string({ description: 'The id by which event postbacks name it; unique in the account.' }),
      attached: t.input.boolean({ description: 'For the root key: true attaches it to its account, false detaches it.' }),
    },
    resolve: (_root, { input }, ctx) => updateSource(ctx, input),
  }),
);

const RotateSourceKeySuccess = builder.objectRef<RotatedSourceKey>('RotateSourceKeySuccess').implement({
  description: 'The source has a new key.',
  fields: (t) => ({
    source: t.field({ type: SourceType, description: 'The source.', resolve: ({ source }) => source }),
    key: t.exposeString('key', { description: 'The new key. Shown this once.' }),
    previousKeyValidUntil: t.expose('previousKeyValidUntil', {
      type: 'DateTime',
      description: 'Until then the former key counts as well.',
    }),
  }),
});

builder.mutationField('rotateSourceKey', (t) =>
  t.fieldWithInput({
    type: RotateSourceKeySuccess,
    description: 'Gives a source a new key. Both count for a while, so that no lead is lost in between. Needs the ADMIN scope.',
    errors: { types: [...rotateSourceKeyErrors] },
    input: {
      sourceId: t.input.id({ required: true, description: 'The id of the source, with or without `src_`.' }),
      overlapSeconds: t.input.int({
        description: `For how long the former key counts as well: 0 ends it at once, at most 30 days. Usually ${usualOverlapSeconds}, a day.`,
      }),
    },
    resolve: (_root, { input }, ctx) => rotateSourceKey(ctx, input),
  }),
);
