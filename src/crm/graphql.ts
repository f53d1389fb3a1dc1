import { authorize } from '../auth/policy.ts';
import { ChangeType } from '../changes/graphql.ts';
import type { Context } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { ErrorInterface } from '../graphql/errors.ts';
import { totalCount, totalCountIsExact } from '../graphql/total-count.ts';
import { findLeadById } from '../leads/get-lead.ts';
import { LeadType } from '../leads/graphql/lead.ts';
import { createBatchLoader } from '../platform/batch-loader.ts';
import { type Connection, toPage } from '../platform/connection.ts';
import type { CrmActivityRow } from './crm-activity.ts';
import { SubmissionNotFoundError } from './errors.ts';
import { findCrmActivityOfLead, findUnmatchedCrmActivity, loadCrmActivity } from './find-crm-activity.ts';
import { type LinkedCrmLead, linkCrmLead, linkCrmLeadErrors } from './link-crm-lead.ts';
import { recordCrmActivity, recordCrmActivityErrors, type RecordedCrmActivity } from './record-crm-activity.ts';

export const CrmActivityType = builder.objectRef<CrmActivityRow>('CrmActivity').implement({
  description: 'What the CRM reported of a lead in one message. It never changes the lead itself.',
  fields: (t) => ({
    lead: t.field({
      type: LeadType,
      nullable: true,
      description: 'The lead; null while none has the CRM id: then the activity waits.',
      authScopes: { can: 'read' },
      resolve: ({ leadId }, _args, ctx) => (leadId === null ? null : findLeadById(ctx, authorize(ctx.viewer, 'read'), leadId)),
    }),
    crmLeadId: t.exposeString('crmLeadId', { description: "The CRM's id of the lead." }),
    eventType: t.exposeString('eventType', {
      description: 'What kind of event the CRM names, like `status_changed`; `updated` when it names none.',
    }),
    status: t.exposeString('status', { nullable: true, description: 'The `status` in the payload, when there is one.' }),
    payload: t.field({
      type: 'JSON',
      description: 'The whole message, whatever keys it has.',
      resolve: ({ payload }): unknown => JSON.parse(payload),
    }),
    payloadText: t.exposeString('payload', {
      description: 'The message to the letter, with the order of its keys and the spelling of its numbers.',
    }),
    origin: t.exposeString('dialect', { description: 'The way in: `graphql`, or the name of the documented REST system.' }),
    actor: t.exposeString('actor', { description: 'The credential that sent it.' }),
    occurredAt: t.expose('occurredAt', {
      type: 'DateTime',
      description: 'When it happened: `updated_at` of the payload, or when it was received if that says nothing credible.',
    }),
    receivedAt: t.expose('receivedAt', { type: 'DateTime', description: 'When we heard of it.' }),
  }),
});

builder.nodeRef(CrmActivityType, {
  id: { resolve: (activity: CrmActivityRow) => activity.id, description: 'Begins with `crm_`.' },
  loadManyWithoutCache: (ids, ctx) => loadCrmActivity(ctx, authorize(ctx.viewer, 'read'), ids),
});

const CrmActivityConnectionType = builder.connectionObject<typeof CrmActivityType, Connection<CrmActivityRow>>(
  {
    name: 'CrmActivityConnection',
    type: CrmActivityType,
    description: 'CRM activity, a page at a time.',
    fields: (t) => ({ totalCount: t.int(totalCount), totalCountIsExact: t.boolean(totalCountIsExact) }),
  },
  { name: 'CrmActivityEdge', description: 'CRM activity and its place in the list.' },
);

builder.prismaObjectField('Lead', 'crmActivity', (t) =>
  t.connection(
    {
      type: CrmActivityType,
      description: 'What the CRM reported of the lead, newest first by the time it happened.',
      authScopes: { can: 'read' },
      resolve: (lead, args, ctx) => findCrmActivityOfLead(ctx, lead.id, toPage(args)),
    },
    CrmActivityConnectionType,
  ),
);

builder.queryField('unmatchedCrmActivity', (t) =>
  t.connection(
    {
      type: CrmActivityType,
      description: 'What the CRM reported of leads that nobody knows by its ids, last heard first. `linkCrmLead` gives it to a lead.',
      authScopes: { can: 'read' },
      resolve: (_root, args, ctx) => findUnmatchedCrmActivity(ctx, authorize(ctx.viewer, 'read'), toPage(args)),
    },
    CrmActivityConnectionType,
  ),
);

const loadOne = createBatchLoader<Context, string, string, CrmActivityRow | null>(loadCrmActivity);

builder.objectField(ChangeType, 'crmActivity', (t) =>
  t.field({
    type: CrmActivityType,
    nullable: true,
    description: 'The message of the CRM that this change reports; null for other types, and when the lead was deleted since.',
    resolve: ({ accountId, crmActivityId }, _args, ctx) => (crmActivityId === null ? null : loadOne(ctx, accountId, crmActivityId)),
  }),
);

builder.objectType(SubmissionNotFoundError, {
  name: 'SubmissionNotFoundError',
  description: 'The account has no submission with this id, or it belongs to another lead.',
  interfaces: [ErrorInterface],
});

const RecordCrmActivitySuccess = builder.objectRef<RecordedCrmActivity>('RecordCrmActivitySuccess').implement({
  description: 'The message is kept.',
  fields: (t) => ({
    stored: t.exposeBoolean('stored', {
      description: 'Whether it stands on a lead. False: no lead has the CRM id yet, and it waits for one.',
    }),
    activity: t.field({ type: CrmActivityType, description: 'The message as it is kept.', resolve: ({ activity }) => activity }),
    lead: t.field({
      type: LeadType,
      nullable: true,
      description: 'The lead. A key that may not read leads sees its ids and stage only.',
      resolve: ({ lead }) => lead,
    }),
  }),
});

const idempotencyKey = 'Repeating a request with its key gives the first answer again, for 7 days.';

builder.mutationField('recordCrmActivity', (t) =>
  t.fieldWithInput({
    type: RecordCrmActivitySuccess,
    description:
      'Records what the CRM reports of a lead. The lead is found by its CRM id, then by that of its submissions, newest first. Without one the message waits until a lead or a submission gets the id. Needs an API key that may hand leads in.',
    errors: { types: [...recordCrmActivityErrors] },
    input: {
      crmLeadId: t.input.string({ required: true, description: "The CRM's id of the lead. Space around it does not count." }),
      eventType: t.input.string({ description: 'What kind of event; left out: `updated`.' }),
      payload: t.input.field({
        type: 'JSON',
        required: true,
        description: 'The whole message, an object. Its `updated_at` says when it happened, its `status` stands in summaries.',
      }),
      idempotencyKey: t.input.string({ description: idempotencyKey }),
    },
    resolve: (_root, { input }, ctx) => recordCrmActivity(ctx, input),
  }),
);

const LinkCrmLeadSuccess = builder.objectRef<LinkedCrmLead>('LinkCrmLeadSuccess').implement({
  description: 'The CRM id leads to the lead.',
  fields: (t) => ({
    lead: t.field({ type: LeadType, description: 'The lead as it stands now.', resolve: ({ lead }) => lead }),
    bound: t.exposeInt('bound', { description: 'How much CRM activity waited for the id and stands on the lead now.' }),
  }),
});

builder.mutationField('linkCrmLead', (t) =>
  t.fieldWithInput({
    type: LinkCrmLeadSuccess,
    description:
      'Says under which id the CRM knows a lead, or with `submissionId` one of its follow-up submissions. CRM activity that waited for the id is bound to the lead at the time it happened.',
    errors: { types: [...linkCrmLeadErrors] },
    input: {
      leadId: t.input.id({
        description: 'The id of the lead, with or without `lead_`, or its number. May be left out when `submissionId` is given.',
      }),
      crmLeadId: t.input.string({ required: true, description: "The CRM's id: 1 to 255 characters." }),
      submissionId: t.input.id({ description: 'Gives the id to this submission of the lead; the lead keeps its own.' }),
      idempotencyKey: t.input.string({ description: idempotencyKey }),
    },
    resolve: (_root, { input }, ctx) => linkCrmLead(ctx, input),
  }),
);
