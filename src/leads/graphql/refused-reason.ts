import { authorize } from '../../auth/policy.ts';
import { builder } from '../../graphql/builder.ts';
import { toPage } from '../../platform/connection.ts';
import { findSourceById } from '../../sources/find-sources.ts';
import { SourceType } from '../../sources/graphql.ts';
import { findRefusedReasons, type RefusedReason } from '../find-refused-reasons.ts';

const RefusedReasonType = builder.objectRef<RefusedReason>('RefusedReason').implement({
  description: 'A reason for which leads were refused, and how often. The leads themselves: `submissions(filter: { refusedFor: [...] })`.',
  fields: (t) => ({
    reason: t.exposeString('reason', { description: 'The reason, as it stands in `Submission.reasons`.' }),
    count: t.exposeInt('count', { description: 'Leads that were refused for it. One with several reasons counts under each.' }),
    firstAt: t.expose('firstAt', { type: 'DateTime', description: 'When the first of them arrived.' }),
    lastAt: t.expose('lastAt', { type: 'DateTime', description: 'When the latest of them arrived.' }),
    sources: t.field({
      type: [SourceType],
      description: 'The sources that sent them, most often first, at most 10.',
      resolve: async ({ sourceIds }, _args, ctx) => {
        const sources = await Promise.all(sourceIds.map((id) => findSourceById(ctx, null, id)));
        return sources.filter((source) => source !== null);
      },
    }),
  }),
});

builder.queryField('refusedReasons', (t) =>
  t.field({
    type: [RefusedReasonType],
    description: 'Why leads were refused, most frequent reason first, over the newest 100,000 refused leads that fit.',
    authScopes: { can: 'read' },
    args: {
      sourceId: t.arg.id({ description: 'Only those of this source.' }),
      receivedFrom: t.arg({ type: 'DateTime', description: 'Arrived then or later.' }),
      receivedTo: t.arg({ type: 'DateTime', description: 'Arrived then or earlier.' }),
      first: t.arg.int({ defaultValue: 50, description: 'How many reasons: 1 to 100.' }),
    },
    resolve: (_root, { first, ...filter }, ctx) => findRefusedReasons(ctx, authorize(ctx.viewer, 'read'), filter, toPage({ first }).limit),
  }),
);
