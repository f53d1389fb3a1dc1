import type { Submission } from '../../../prisma/generated/client/client.ts';
import { authorize } from '../../auth/policy.ts';
import { builder } from '../../graphql/builder.ts';
import { totalCount, totalCountIsExact } from '../../graphql/total-count.ts';
import { type Connection, toPage } from '../../platform/connection.ts';
import { findSubmissions, findSubmissionsOfLead, loadSubmissions } from '../find-submissions.ts';
import { findLeadById } from '../get-lead.ts';
import { LeadType } from './lead.ts';

const SubmissionOutcomeEnum = builder.enumType('SubmissionOutcome', {
  description: 'What became of a submission.',
  values: {
    CREATED: { description: 'It made a new lead.' },
    UPDATED: { description: 'It changed a lead that was known.' },
    UNCHANGED: { description: 'It was accepted and said nothing new.' },
    DUPLICATE: { description: 'It was taken for a repetition of an earlier one.' },
    REJECTED: { description: 'It was refused; `reasons` says why.' },
  } as const,
});

export const SubmissionType = builder.prismaObject('Submission', {
  description: 'The receipt of one intake request, accepted or refused: what was sent, and what became of each field.',
  fields: (t) => ({
    lead: t.field({
      type: LeadType,
      nullable: true,
      description: 'The lead that it made or changed; null for a refused one.',
      authScopes: { can: 'read' },
      resolve: ({ leadId }, _args, ctx) => (leadId === null ? null : findLeadById(ctx, authorize(ctx.viewer, 'read'), leadId)),
    }),
    dialect: t.exposeString('dialect', { description: 'The way in: `graphql`, or the name of the documented REST system.' }),
    actor: t.exposeString('actor', { description: 'The credential that sent it.' }),
    outcome: t.expose('outcome', { type: SubmissionOutcomeEnum, description: 'What became of it.' }),
    fields: t.expose('fields', {
      type: 'JSON',
      description: 'What happened to each field that came along: `SET`, `KEPT` (the stored value stays) or `CONFLICT`.',
    }),
    reasons: t.exposeStringList('reasons', { description: 'Why it was refused, or what was noticed; empty when all is well.' }),
    body: t.expose('body', { type: 'JSON', description: 'The request as it was sent.' }),
    ipAddress: t.exposeString('ipAddress', { nullable: true, description: 'The address that the request came from.' }),
    userAgent: t.exposeString('userAgent', { nullable: true, description: 'The software that sent it, as it names itself.' }),
    crmLeadId: t.exposeString('crmLeadId', { nullable: true, description: 'The id of the lead in the CRM, when the CRM sent it.' }),
    receivedAt: t.expose('receivedAt', { type: 'DateTime', description: 'When it arrived.' }),
    durationMs: t.exposeFloat('durationMs', { description: 'How long it took to decide on it, in milliseconds.' }),
  }),
});

builder.nodeRef(SubmissionType, {
  id: { resolve: (submission: Submission) => submission.id, description: 'Begins with `sub_`.' },
  loadManyWithoutCache: (ids, ctx) => loadSubmissions(ctx, authorize(ctx.viewer, 'read'), ids),
});

const SubmissionConnectionType = builder.connectionObject<typeof SubmissionType, Connection<Submission>>(
  {
    name: 'SubmissionConnection',
    type: SubmissionType,
    description: 'Receipts, a page at a time.',
    fields: (t) => ({ totalCount: t.int(totalCount), totalCountIsExact: t.boolean(totalCountIsExact) }),
  },
  { name: 'SubmissionEdge', description: 'A receipt and its place in the list.' },
);

builder.prismaObjectField('Lead', 'submissions', (t) =>
  t.connection(
    {
      type: SubmissionType,
      description: 'The receipts of every request about this lead, newest first. The first touch is never lost: it is the last of them.',
      authScopes: { can: 'read' },
      resolve: (lead, args, ctx) => findSubmissionsOfLead(ctx, lead.id, toPage(args)),
    },
    SubmissionConnectionType,
  ),
);

const SubmissionFilterInput = builder.inputType('SubmissionFilter', {
  description: 'Which receipts to show. Fields combine with "and", the values of one field with "or"; an empty one restricts nothing.',
  fields: (t) => ({
    outcome: t.field({ type: [SubmissionOutcomeEnum], description: 'What became of it.' }),
    leadId: t.id({ description: 'The lead that it made or changed.' }),
    sourceId: t.id({ description: 'The source whose credentials came with it.' }),
    dialect: t.stringList({ description: 'The way in: `graphql`, or the name of the documented REST system.' }),
    receivedFrom: t.field({ type: 'DateTime', description: 'Arrived then or later.' }),
    receivedTo: t.field({ type: 'DateTime', description: 'Arrived then or earlier.' }),
    refusedFor: t.stringList({ description: 'Refused for one of these reasons, word for word as `refusedReasons` gives them.' }),
  }),
});

builder.queryField('submissions', (t) =>
  t.connection(
    {
      type: SubmissionType,
      description: 'The receipts of every intake request of the account, newest first, refused ones too.',
      authScopes: { can: 'read' },
      args: { filter: t.arg({ type: SubmissionFilterInput, description: 'Which receipts to show.' }) },
      resolve: (_root, { filter, ...page }, ctx) => findSubmissions(ctx, authorize(ctx.viewer, 'read'), filter ?? {}, toPage(page)),
    },
    SubmissionConnectionType,
  ),
);
