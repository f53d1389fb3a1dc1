import type { Change } from '../../prisma/generated/client/client.ts';
import { authorize } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { totalCount, totalCountIsExact } from '../graphql/total-count.ts';
import { loadLeadEvents } from '../events/find-lead-events.ts';
import { findLeadById } from '../leads/get-lead.ts';
import { loadSubmissions } from '../leads/find-submissions.ts';
import { loadStageChanges } from '../pipeline/find-stage-changes.ts';
import { createBatchLoader } from '../platform/batch-loader.ts';
import { BadRequestError, type Connection, once, toPage } from '../platform/connection.ts';
import { toPublicId, uuidOf } from '../platform/ids.ts';
import type { ChangeFilter } from './change.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { assertWithinLog } from './errors.ts';
import { countChanges, findChanges } from './find-changes.ts';
import { findTimeline } from './find-timeline.ts';
import { loadChanges, readHead } from './read-log.ts';
import { heardAt, labelOf } from './story.ts';

const loadStageChange = createBatchLoader<Context, string, string, Awaited<ReturnType<typeof loadStageChanges>>[number]>(loadStageChanges);
const loadLeadEvent = createBatchLoader<Context, string, string, Awaited<ReturnType<typeof loadLeadEvents>>[number]>(loadLeadEvents);
const loadSubmission = createBatchLoader<Context, string, string, Awaited<ReturnType<typeof loadSubmissions>>[number]>(loadSubmissions);

export const ChangeType = builder.objectRef<Change>('Change').implement({
  description: "One entry of the account's log: what happened, to which lead, how the lead stood afterwards.",
  fields: (t) => ({
    seq: t.int({
      description: "Its place in the account's log: 1, 2, 3, without holes.",
      resolve: (change) => Number(change.seq),
    }),
    type: t.exposeString('type', {
      description:
        'What kind of change: `lead.created`, `lead.updated`, `lead.deleted`, `lead.erased`, `stage.changed`, `submission.received`, `event.fired`, `event.converted` (a conversion), `crm.activity` or `crm.linked`; there may be more one day. The sample of a test of a webhook: `webhook.test`.',
    }),
    lead: t.prismaField({
      type: 'Lead',
      nullable: true,
      description: 'The lead as it is now; null when it was deleted since. How it stood then is in `data`.',
      resolve: (_query, change, _args, ctx) => findLeadById(ctx, change.accountId, change.leadId),
    }),
    leadId: t.id({
      nullable: true,
      description: 'The id of the lead, which may be gone.',
      resolve: (change) => toPublicId('Lead', change.leadId),
    }),
    origin: t.exposeString('origin', { description: 'The way in: `graphql`, or the name of the documented REST system.' }),
    actor: t.exposeString('actor', { description: 'The credential that did it.' }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When it happened, as the sender says.' }),
    recordedAt: t.expose('recordedAt', { type: 'DateTime', description: 'When it was logged.' }),
    receivedAt: t.field({
      type: 'DateTime',
      description: 'When we heard of it. Earlier than `recordedAt` for CRM activity that waited for its lead.',
      resolve: heardAt,
    }),
    label: t.string({
      description:
        'The part of the system that it belongs to, for people: `Lead`, `Submission`, `Edit`, `Stage`, `Event`, `CRM`, `Webhook`.',
      resolve: labelOf,
    }),
    summary: t.exposeString('summary', { description: 'What happened, in a few words for people.' }),
    data: t.field({
      type: 'JSON',
      description: '`lead`: the lead as it stood after this change (for a deletion: before it). What else there is depends on the type.',
      resolve: (change) => change.data,
    }),
    previous: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Former values of the fields that changed; null when none did.',
      resolve: (change) => change.previous,
    }),
    stageChange: t.prismaField({
      type: 'StageChange',
      nullable: true,
      description: 'The step along the pipeline that this change reports; null for other types, and when the lead was deleted since.',
      resolve: (_query, { accountId, stageChangeId }, _args, ctx) =>
        stageChangeId === null ? null : loadStageChange(ctx, accountId, stageChangeId),
    }),
    leadEvent: t.prismaField({
      type: 'LeadEvent',
      nullable: true,
      description: 'The fired event that this change reports; null for other types, and when the lead was deleted since.',
      resolve: (_query, { accountId, leadEventId }, _args, ctx) =>
        leadEventId === null ? null : loadLeadEvent(ctx, accountId, leadEventId),
    }),
    submission: t.prismaField({
      type: 'Submission',
      nullable: true,
      description: 'The receipt of the request that brought this change; null when it came otherwise, and when the lead was deleted since.',
      resolve: (_query, { accountId, submissionId }, _args, ctx) =>
        submissionId === null ? null : loadSubmission(ctx, accountId, submissionId),
    }),
  }),
});

builder.nodeRef(ChangeType, {
  id: { resolve: (change: Change) => change.id, description: 'Begins with `chg_`.' },
  loadManyWithoutCache: (ids, ctx) => loadChanges(ctx.database.readPool, authorize(ctx.viewer, 'read'), ids),
});

const ChangeConnectionType = builder.connectionObject<typeof ChangeType, Connection<Change>>(
  {
    type: ChangeType,
    name: 'ChangeConnection',
    description: 'Changes, a page at a time.',
    fields: (t) => ({ totalCount: t.int(totalCount), totalCountIsExact: t.boolean(totalCountIsExact) }),
  },
  { name: 'ChangeEdge', description: 'A change and its place in the list.' },
);

export const ChangeFilterInput = builder.inputType('ChangeFilter', {
  description:
    'Which changes to show. Fields combine with "and", the values of one field with "or"; an absent or empty one restricts nothing.',
  fields: (t) => ({
    types: t.stringList({ description: 'Types of change, as `Change.type` lists them.' }),
    leadId: t.id({ description: 'Changes of this lead only.' }),
    stage: t.stringList({
      description:
        'The lead stood in one of these stages after the change. That it leaves them is no such change; `leadChanges` tells of it as `REMOVED_FROM_VIEW`.',
    }),
    source: t.stringList({ description: 'The lead came from one of these sources.' }),
    campaign: t.stringList({ description: 'The lead belongs to one of these campaigns.' }),
  }),
});

/** The filter as the log is searched with it: ids without prefix, stages as the pipeline spells them. */
export function toChangeFilter(
  input: typeof ChangeFilterInput.$inferInput | null | undefined,
  { pipeline }: Pick<Context, 'pipeline'>,
): ChangeFilter {
  const leadId = input?.leadId == null ? null : uuidOf('Lead', input.leadId);
  if (input?.leadId != null && leadId === null) throw new BadRequestError('`filter.leadId` is not the id of a lead.');
  return { ...input, leadId, stage: input?.stage?.map((name) => pipeline.find(name)?.name ?? name) };
}

builder.queryField('changes', (t) =>
  t.field({
    type: ChangeConnectionType,
    description: "The account's log, oldest first. `pageInfo.endCursor` is where `leadChanges` can go on.",
    authScopes: { can: 'read' },
    args: {
      after: t.arg({ type: 'Cursor', description: 'Show what follows this position.' }),
      first: t.arg.int({
        description: 'How many, 1 to 100; 20 when absent. With a rare filter a page may be shorter although more follows.',
      }),
      filter: t.arg({ type: ChangeFilterInput, description: 'Which changes to show.' }),
    },
    resolve: (_root, args, ctx) => readChanges(ctx, args),
  }),
);

interface ChangesArguments {
  readonly after?: string | null | undefined;
  readonly first?: number | null | undefined;
  readonly filter?: typeof ChangeFilterInput.$inferInput | null | undefined;
}

async function readChanges(ctx: Context, { after: cursor, first, filter: input }: ChangesArguments): Promise<Connection<Change>> {
  const { readPool } = ctx.database;
  const accountId = authorize(ctx.viewer, 'read');
  const { limit } = toPage({ first });
  const filter = toChangeFilter(input, ctx);
  const after = cursor == null ? 0 : decodeCursor(accountId, cursor);
  const head = await readHead(readPool, accountId);
  assertWithinLog(after, head);
  const { changes, scannedTo, hasMore } = await findChanges(readPool, accountId, filter, { after, head, limit });
  const edges = changes.map((node) => ({ cursor: encodeCursor(accountId, Number(node.seq)), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: hasMore,
      hasPreviousPage: after > 0,
      startCursor: edges[0]?.cursor ?? null,
      // Also where there is no edge: an empty page still says from where to go on.
      endCursor: hasMore || edges.length === 0 ? encodeCursor(accountId, scannedTo) : (edges.at(-1)?.cursor ?? null),
    },
    total: once(() => countChanges(readPool, accountId, filter, head)),
  };
}

builder.prismaObjectField('Lead', 'timeline', (t) =>
  t.field({
    type: ChangeConnectionType,
    description:
      'Everything that happened to this lead, newest first by the time it happened, whenever we heard of it: submissions, stage moves, edits, events, CRM activity.',
    authScopes: { can: 'read' },
    args: {
      first: t.arg.int({ description: 'How many, 1 to 100; 20 when absent.' }),
      after: t.arg.string({ description: 'Show what follows this cursor.' }),
    },
    resolve: (lead, args, ctx) => findTimeline(ctx, lead.id, toPage(args)),
  }),
);
