import type { StageChange } from '../../../prisma/generated/client/client.ts';
import { authorize } from '../../auth/policy.ts';
import { builder } from '../../graphql/builder.ts';
import { type ReadsColumns, selectedColumns } from '../../graphql/selected-columns.ts';
import { totalCount, totalCountIsExact } from '../../graphql/total-count.ts';
import { toPage } from '../../platform/connection.ts';
import { findStageChanges, loadStageChanges } from '../find-stage-changes.ts';

export const StageChangeType = builder.prismaObject('StageChange', {
  description: 'One step of a lead along the pipeline.',
  fields: (t) => ({
    fromStage: t.exposeString('fromStage', { nullable: true, description: 'Where the lead stood before; null when it was new.' }),
    toStage: t.exposeString('toStage', { description: 'Where it stood afterwards.' }),
    forced: t.exposeBoolean('forced', { description: 'A step back, which somebody asked for expressly.' }),
    via: t.exposeString('via', { description: 'What moved it: a `postback`, a `source` that handed the lead in, or a person: `manual`.' }),
    actor: t.exposeString('actor', { description: 'The credential that did it.' }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why, as the one who did it put it.' }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When it happened, as the sender says.' }),
    recordedAt: t.expose('recordedAt', { type: 'DateTime', description: 'When we heard of it.' }),
  }),
});

builder.nodeRef(StageChangeType, {
  id: { resolve: (stageChange: StageChange) => stageChange.id, description: 'Begins with `stg_`.' },
  loadManyWithoutCache: (ids, ctx) => loadStageChanges(ctx, authorize(ctx.viewer, 'read'), ids),
});

builder.prismaObjectField('Lead', 'stageHistory', (t) =>
  t.connection(
    {
      type: StageChangeType,
      description: 'Every step along the pipeline, oldest first.',
      authScopes: { can: 'read' },
      extensions: { reads: ['id'] } satisfies ReadsColumns,
      resolve: (lead, args, ctx, info) => findStageChanges(ctx, lead.id, toPage(args), selectedColumns(info)),
    },
    {
      name: 'StageChangeConnection',
      description: 'Steps of a lead, a page at a time.',
      fields: (t) => ({ totalCount: t.int(totalCount), totalCountIsExact: t.boolean(totalCountIsExact) }),
    },
    { name: 'StageChangeEdge', description: 'A step and its place in the list.' },
  ),
);
