import type { Lead } from '../../../prisma/generated/client/client.ts';
import { authorize } from '../../auth/policy.ts';
import { builder } from '../../graphql/builder.ts';
import { selectedColumns } from '../../graphql/selected-columns.ts';
import { totalCount, totalCountIsExact } from '../../graphql/total-count.ts';
import { BadRequestError, type Connection, toPage } from '../../platform/connection.ts';
import { findLeadPage, findLeads, type LeadPage } from '../find-leads.ts';
import { findLead } from '../get-lead.ts';
import { LeadType } from './lead.ts';

const LeadSelectorInput = builder.inputType('LeadSelector', {
  description: 'Names one lead by exactly one of its keys.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: '`lead_...`, or the bare UUID.' }),
    number: t.int({ description: 'The short number.' }),
    email: t.string({ description: 'Whatever the case. The first lead that has it; where only duplicates do, the oldest of them.' }),
    crmLeadId: t.string({ description: 'The id of the lead in the CRM.' }),
    transactionId: t.string({ description: 'The id by which events and conversions name the lead.' }),
  }),
});

builder.queryField('lead', (t) =>
  t.field({
    type: LeadType,
    nullable: true,
    description: 'One lead; null when the account has none like that.',
    authScopes: { can: 'read' },
    args: { by: t.arg({ type: LeadSelectorInput, required: true, description: 'Which one.' }) },
    resolve: (_root, { by }, ctx) => findLead(ctx, authorize(ctx.viewer, 'read'), by),
  }),
);

const DuplicateFilterEnum = builder.enumType('DuplicateFilter', {
  description: 'What to do with leads that repeat another.',
  values: {
    EXCLUDE: { description: 'Leave them out.' },
    INCLUDE: { description: 'Show them like the others. This is the default.' },
    ONLY: { description: 'Show nothing else.' },
  } as const,
});

export const LeadFilterInput = builder.inputType('LeadFilter', {
  description: 'Which leads to show. Fields combine with "and", the values of one field with "or"; an empty field restricts nothing.',
  fields: (t) => ({
    stage: t.stringList({ description: 'The stage in which the lead stands, whatever the case.' }),
    search: t.string({
      description:
        'Words of the name, the email, the phone number or the company, or the beginning of such words; all of them must be found. A number like `#42` or an id finds that lead.',
    }),
    source: t.stringList({ description: '`sourceName`' }),
    sourceId: t.idList({ description: 'Ids of the sources whose credentials handed the lead in, with or without `src_`.' }),
    campaign: t.stringList({ description: '`campaignName`' }),
    domain: t.stringList({ description: '`domain`' }),
    createdFrom: t.field({ type: 'DateTime', description: 'Created then or later.' }),
    createdTo: t.field({ type: 'DateTime', description: 'Created then or earlier.' }),
    updatedFrom: t.field({ type: 'DateTime', description: 'Last changed then or later.' }),
    updatedTo: t.field({ type: 'DateTime', description: 'Last changed then or earlier.' }),
    hasEvent: t.string({ description: 'The event id of an event that was fired at the lead.' }),
    deviceType: t.stringList({ description: '`deviceType`' }),
    tags: t.stringList({ description: 'The lead has at least one of these.' }),
    duplicates: t.field({ type: DuplicateFilterEnum, description: 'What to do with leads that repeat another.' }),
  }),
});

const LeadOrderEnum = builder.enumType('LeadOrder', {
  description: 'The order of a list of leads.',
  values: {
    NEWEST: { description: 'By creation, newest first.' },
    OLDEST: { description: 'By creation, oldest first.' },
    RECENTLY_UPDATED: { description: 'By the last change, newest first.' },
    STAGE: { description: 'Along the pipeline, earliest stage first, and by creation within a stage.' },
  } as const,
});

export const LeadConnectionType = builder.connectionObject<typeof LeadType, Connection<Lead>>(
  {
    name: 'LeadConnection',
    type: LeadType,
    description: 'Leads, a page at a time.',
    fields: (t) => ({ totalCount: t.int(totalCount), totalCountIsExact: t.boolean(totalCountIsExact) }),
  },
  { name: 'LeadEdge', description: 'A lead and its place in the list.' },
);

builder.queryField('leads', (t) =>
  t.connection(
    {
      type: LeadType,
      description: 'The leads of the account.',
      authScopes: { can: 'read' },
      args: {
        filter: t.arg({ type: LeadFilterInput, description: 'Which leads to show.' }),
        orderBy: t.arg({ type: LeadOrderEnum, defaultValue: 'NEWEST', description: 'In which order.' }),
      },
      resolve: (_root, { filter, orderBy, ...page }, ctx, info) =>
        findLeads(ctx, authorize(ctx.viewer, 'read'), {
          filter: filter ?? {},
          orderBy: orderBy ?? 'NEWEST',
          page: toPage(page),
          columns: selectedColumns(info),
        }),
    },
    LeadConnectionType,
  ),
);

const LeadPageType = builder.objectRef<LeadPage>('LeadPage').implement({
  description: 'Leads by page number.',
  fields: (t) => ({
    nodes: t.field({ type: [LeadType], description: 'The leads of the page, newest first.', resolve: ({ nodes }) => [...nodes] }),
    total: t.int({ description: 'How many there are on all pages.', resolve: async ({ total }) => (await total()).count }),
    totalIsExact: t.boolean({
      description: 'False: `total` and `pages` are estimates, because there are more than 100,000.',
      resolve: async ({ total }) => (await total()).exact,
    }),
    page: t.exposeInt('page', { description: 'The page that was asked for, from 1.' }),
    limit: t.exposeInt('limit', { description: 'The size of a page.' }),
    pages: t.int({
      description: 'How many pages there are.',
      resolve: async ({ total, limit }) => Math.ceil((await total()).count / limit),
    }),
  }),
});

const mostRows = 200;

builder.queryField('leadPage', (t) =>
  t.field({
    type: LeadPageType,
    description:
      'The leads of the account by page number, for the documented REST list. Rows that come and go shift the pages, and a late page costs more than an early one: use `leads` for anything new.',
    authScopes: { can: 'read' },
    args: {
      page: t.arg.int({ required: true, description: 'From 1.' }),
      limit: t.arg.int({ required: true, description: `From 1 to ${mostRows}.` }),
      filter: t.arg({ type: LeadFilterInput, description: 'Which leads to show.' }),
    },
    resolve: (_root, { page, limit, filter }, ctx) => {
      if (page < 1) throw new BadRequestError('`page` must be 1 or more.');
      if (limit < 1 || limit > mostRows) throw new BadRequestError(`\`limit\` must be from 1 to ${mostRows}.`);
      return findLeadPage(ctx, authorize(ctx.viewer, 'read'), filter ?? {}, page, limit);
    },
  }),
);
