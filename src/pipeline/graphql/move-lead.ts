import { builder } from '../../graphql/builder.ts';
import { ErrorInterface } from '../../graphql/errors.ts';
import { InvalidInputError, IdempotencyKeyReusedError } from '../../errors.ts';
import { LeadNotFoundError } from '../../leads/errors.ts';
import { LeadType } from '../../leads/graphql/lead.ts';
import { UnknownStageError } from '../errors.ts';
import { type MovedLead, moveLead } from '../move-lead.ts';
import { StageChangeType } from './stage-change.ts';

builder.objectType(UnknownStageError, {
  name: 'UnknownStageError',
  description: 'The pipeline has no stage of this name. Nothing was stored.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    stages: t.stringList({ description: 'The stages there are, in order.', resolve: (error) => [...error.stages] }),
  }),
});

const MoveLeadSuccess = builder.objectRef<MovedLead>('MoveLeadSuccess').implement({
  description: 'The lead stands at the stage.',
  fields: (t) => ({
    lead: t.field({ type: LeadType, description: 'The lead as it stands now.', resolve: ({ lead }) => lead }),
    stageChange: t.field({
      type: StageChangeType,
      nullable: true,
      description: 'The step that was recorded; null when the lead stood there already.',
      resolve: ({ stageChange }) => stageChange,
    }),
  }),
});

builder.mutationField('moveLead', (t) =>
  t.fieldWithInput({
    type: MoveLeadSuccess,
    description: 'Moves a lead to a stage because a person decided so. It may go either way; a step back is recorded as forced.',
    errors: { types: [InvalidInputError, LeadNotFoundError, UnknownStageError, IdempotencyKeyReusedError] },
    input: {
      leadId: t.input.id({ required: true, description: 'The id of the lead, with or without `lead_`, or its number.' }),
      stage: t.input.string({ required: true, description: 'The name of the stage, in any case.' }),
      reason: t.input.string({ description: 'Why, for the history.' }),
      idempotencyKey: t.input.string({ description: 'Repeating a request with its key gives the first answer again, for 7 days.' }),
    },
    resolve: (_root, { input }, ctx) => moveLead(ctx, input),
  }),
);
