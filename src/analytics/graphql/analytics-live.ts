import { authorize } from '../../auth/policy.ts';
import { builder } from '../../graphql/builder.ts';
import { itemOf, subscriberOf } from '../../live/subscription.ts';
import { AnalyticsType, analyticsArgs, toAnalyticsQuery } from './analytics.ts';

builder.subscriptionField('analyticsLive', (t) =>
  t.field({
    type: AnalyticsType,
    description:
      'The numbers at once, and again after they moved, at most once a second. States in between are merged; nothing is sent while nothing moves.',
    authScopes: { can: 'read' },
    extensions: { cost: 50 },
    args: analyticsArgs,
    subscribe: async (_root, args, ctx, info) => {
      const subscriber = subscriberOf(ctx);
      return ctx.hub.followFeed(subscriber, (wake) => ctx.liveAnalytics.join(subscriber.accountId, toAnalyticsQuery(args, info), wake));
    },
    resolve(delivery, _args, ctx) {
      authorize(ctx.viewer, 'read');
      return itemOf(delivery);
    },
  }),
);
