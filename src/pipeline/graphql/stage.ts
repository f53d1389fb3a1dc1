import type { Context } from '../../context.ts';
import { builder } from '../../graphql/builder.ts';
import { authorize } from '../../auth/policy.ts';
import { countLeadsByStage } from '../count-leads-by-stage.ts';
import { createBatchLoader } from '../../platform/batch-loader.ts';
import type { Pipeline, Stage } from '../stage.ts';

/** How many leads stand in each stage: one statement for all stages of an answer. */
const leadCounts = createBatchLoader(async (ctx: Context, accountId: string, stages: readonly string[]) => {
  const counts = await countLeadsByStage(ctx.database, accountId);
  return stages.map((stage) => counts.get(stage) ?? 0);
});

export const StageType = builder.objectRef<Stage>('Stage').implement({
  description: 'A step of the pipeline.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique in the pipeline, whatever the case.' }),
    position: t.exposeInt('position', {
      description: '1 is the earliest. 0: the stage left the configuration while leads still stand in it.',
    }),
    leadCount: t.int({
      description: 'How many leads stand in this stage now.',
      authScopes: { can: 'read' },
      resolve: ({ name }, _args, ctx) => leadCounts(ctx, authorize(ctx.viewer, 'read'), name),
    }),
  }),
});

const PipelineType = builder.objectRef<Pipeline>('Pipeline').implement({
  description: 'The stages that a lead passes. They are configuration: `PIPELINE_STAGES`.',
  fields: (t) => ({
    stages: t.field({ type: [StageType], description: 'In their order, earliest first.', resolve: ({ stages }) => [...stages] }),
  }),
});

builder.queryField('pipeline', (t) =>
  t.field({
    type: PipelineType,
    description: 'The stages that a lead passes, and how many leads stand in each.',
    authScopes: { can: 'read' },
    resolve: (_root, _args, ctx) => ctx.pipeline,
  }),
);
