import { builder } from '../graphql/builder.ts';
import { toPublicId } from '../platform/ids.ts';
import { exportLead, type LeadExport } from './export-lead.ts';
import { eraseLead, eraseLeadErrors, type ErasedLeads } from './erase-lead.ts';

const EraseLeadSuccess = builder.objectRef<ErasedLeads>('EraseLeadSuccess').implement({
  description: 'The person is gone.',
  fields: (t) => ({
    leadIds: t.idList({
      description: 'The ids that its leads had.',
      resolve: ({ leadIds }) => leadIds.map((id) => toPublicId('Lead', id)),
    }),
    duplicatesLeft: t.exposeInt('duplicatesLeft', {
      description: 'Leads that repeat this one, or that this one repeated, and stay. 0 with `includeDuplicates`.',
    }),
  }),
});

builder.mutationField('eraseLead', (t) =>
  t.fieldWithInput({
    type: EraseLeadSuccess,
    description:
      'Erases a person for good; needs an ADMIN key. The lead goes with its history, submissions and their raw bodies, events, money, CRM activity, deliveries and stored answers; its values leave every entry of the log; refused submissions and waiting CRM activity with its address go too. Counts stay, in `analytics` too, and the log keeps its places. Webhooks that chose `lead.erased` are told the id. Also for a lead that was deleted before.',
    errors: { types: [...eraseLeadErrors] },
    input: {
      leadId: t.input.id({ required: true, description: 'The id of the lead, with or without `lead_`.' }),
      includeDuplicates: t.input.boolean({
        description:
          'Also the lead that this one repeats, and all that repeat it. Without it they stay, as leads of their own, and `duplicatesLeft` counts them.',
      }),
      reason: t.input.string({ description: 'Why, for the log: at most 200 characters, and nothing that tells who the person is.' }),
      idempotencyKey: t.input.string({ description: 'Repeating a request with its key gives the first answer again, for 7 days.' }),
    },
    resolve: (_root, { input }, ctx) => eraseLead(ctx, input),
  }),
);

const LeadExportType = builder.objectRef<LeadExport>('LeadExport').implement({
  description: 'Everything that is stored of one person under one lead, to hand out or to move elsewhere.',
  fields: (t) => ({
    leadId: t.id({ description: 'The lead.', resolve: ({ leadId }) => toPublicId('Lead', leadId) }),
    exportedAt: t.expose('exportedAt', { type: 'DateTime', description: 'The moment of which it is.' }),
    isComplete: t.exposeBoolean('isComplete', {
      description: 'False: some part has more than 10,000 rows, and shows so many. The lists of the lead show the rest.',
    }),
    data: t.expose('data', {
      type: 'JSON',
      description:
        '`lead`, `stageHistory`, `submissions` with what was sent, `events`, `ledger`, `crmActivity`, `timeline`, `deliveries` with their `attempts`, `conversation`, `storedAnswers`, `duplicates` (leads that repeat this one: they have exports of their own), and what was sent of the person and became no lead: `refusedSubmissions`, `waitingCrmActivity`. Names are those of the stored columns, amounts are texts.',
    }),
  }),
});

builder.queryField('exportLead', (t) =>
  t.field({
    type: LeadExportType,
    nullable: true,
    description: 'Everything that is stored of a person; needs an ADMIN key. Null when the account has no such lead.',
    authScopes: { can: 'administer' },
    args: { leadId: t.arg.id({ required: true, description: 'The id of the lead, with or without `lead_`, or its number.' }) },
    resolve: (_root, { leadId }, ctx) => exportLead(ctx, leadId),
  }),
);
