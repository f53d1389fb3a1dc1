import { authorize } from '../../auth/policy.ts';
import { builder } from '../../graphql/builder.ts';
import { DayCountType } from './analytics.ts';
import { type PipelineReport, reportPipeline } from '../pipeline-report.ts';

const PipelineOverviewType = builder.objectRef<PipelineReport['overview']>('PipelineOverview').implement({
  description: 'The numbers at the head of a dashboard. Days are those of UTC.',
  fields: (t) => ({
    totalLeads: t.exposeInt('totalLeads', { description: 'All leads.' }),
    newToday: t.exposeInt('newToday', { description: 'Leads created today.' }),
    newLast7Days: t.exposeInt('newLast7Days', { description: 'Leads created today or on the six days before.' }),
    paid: t.exposeInt('paid', { description: 'Leads at stage `Paid` or later; in a pipeline without it, those at its last stage.' }),
    conversionRate: t.exposeFloat('conversionRate', { description: '`paid` in percent of all leads, rounded to two decimals.' }),
    averageFormCompletion: t.exposeFloat('averageFormCompletion', {
      nullable: true,
      description: 'Mean form completion in percent of the leads that have one, rounded to two decimals; null when none has.',
    }),
  }),
});

const PipelineFunnelStepType = builder.objectRef<PipelineReport['funnel'][number]>('PipelineFunnelStep').implement({
  description: 'A stage of the pipeline and how many leads came so far.',
  fields: (t) => ({
    stage: t.exposeString('stage', { description: 'The stage.' }),
    count: t.exposeInt('count', { description: 'Leads in this stage now.' }),
    reached: t.exposeInt('reached', { description: 'Leads in this stage or a later one now.' }),
    percent: t.exposeFloat('percent', { description: '`reached` in percent of all leads, rounded to two decimals.' }),
  }),
});

const SourceCountType = builder.objectRef<PipelineReport['topSources'][number]>('SourceCount').implement({
  description: 'A source and how many leads it sent.',
  fields: (t) => ({
    source: t.exposeString('source', { nullable: true, description: '`sourceName` of the leads; null: not known.' }),
    count: t.exposeInt('count', { description: 'Its leads.' }),
    paid: t.exposeInt('paid', { description: 'Those of them that count as paid.' }),
  }),
});

const PipelineReportType = builder.objectRef<PipelineReport>('PipelineReport').implement({
  description: 'Where the leads stand, where they came from, and how many are new.',
  fields: (t) => ({
    overview: t.expose('overview', { type: PipelineOverviewType, description: 'The numbers at the head of a dashboard.' }),
    funnel: t.field({ type: [PipelineFunnelStepType], description: 'Every stage, in order.', resolve: ({ funnel }) => [...funnel] }),
    topSources: t.field({
      type: [SourceCountType],
      description: 'The ten sources with most leads, most first.',
      resolve: ({ topSources }) => [...topSources],
    }),
    newLeads30d: t.field({
      type: [DayCountType],
      description: 'New leads on each of the last 30 days, oldest day first, zeros included.',
      resolve: ({ newLeads30d }) => [...newLeads30d],
    }),
  }),
});

builder.queryField('pipelineReport', (t) =>
  t.field({
    type: PipelineReportType,
    description: 'Where the leads stand, where they came from, and how many are new: the numbers of the documented analytics endpoint.',
    authScopes: { can: 'read' },
    extensions: { cost: 50 },
    resolve: (_root, _args, ctx) => reportPipeline(ctx, authorize(ctx.viewer, 'read')),
  }),
);
