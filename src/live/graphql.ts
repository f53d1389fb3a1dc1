import { authorize } from '../auth/policy.ts';
import { decodeCursor, encodeCursor } from '../changes/cursor.ts';
import { ChangeFilterInput, ChangeType, toChangeFilter } from '../changes/graphql.ts';
import { builder } from '../graphql/builder.ts';
import { findLeadById, isErasedLead } from '../leads/get-lead.ts';
import { BadRequestError } from '../platform/connection.ts';
import { uuidOf } from '../platform/ids.ts';
import type { ChangeItem } from './change-source.ts';
import { itemOf, subscriberOf } from './subscription.ts';

interface ChangeMessage extends ChangeItem {
  readonly accountId: string;
}

const GapType = builder.objectRef<{ readonly fromCursor: string; readonly toCursor: string }>('Gap').implement({
  description: 'A part of the log that cannot be sent, because it is not kept any more.',
  fields: (t) => ({
    fromCursor: t.expose('fromCursor', { type: 'Cursor', description: 'The last position before the gap.' }),
    toCursor: t.expose('toCursor', { type: 'Cursor', description: 'The last position in the gap: what follows it is sent.' }),
  }),
});

const ChangeViewType = builder.enumType('ChangeView', {
  description: 'What a change does to the view of the leads that a filter makes.',
  values: {
    IN_VIEW: { description: 'The lead matches the filter, as it stands after the change (for a deletion: before it).' },
    REMOVED_FROM_VIEW: { description: 'The lead matched the filter until this change, or was erased: who lists such leads takes it out.' },
  } as const,
});

const ChangeMessageType = builder.objectRef<ChangeMessage>('ChangeMessage').implement({
  description: 'A change, or a gap, or neither: then it only says that the stream is alive and how far it has come.',
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'Where this message stands. Subscribe with it as `after` to go on right behind it.',
      resolve: ({ accountId, seq }) => encodeCursor(accountId, seq),
    }),
    change: t.expose('change', { type: ChangeType, nullable: true, description: 'What happened.' }),
    view: t.expose('view', {
      type: ChangeViewType,
      nullable: true,
      description: 'Whether the lead of the change matches the `stage`, `source` and `campaign` of the filter, or did until now.',
    }),
    gap: t.field({
      type: GapType,
      nullable: true,
      description: 'What cannot be sent any more.',
      resolve: ({ accountId, gap }) =>
        gap && { fromCursor: encodeCursor(accountId, gap.from - 1), toCursor: encodeCursor(accountId, gap.to) },
    }),
  }),
});

builder.subscriptionField('leadChanges', (t) =>
  t.field({
    type: ChangeMessageType,
    description:
      'Every change, in order, each exactly once. `after` goes on from a cursor with no hole and no repeat; without it the stream starts now and its first message carries the cursor.',
    authScopes: { can: 'read' },
    args: {
      after: t.arg({ type: 'Cursor', description: 'Send what follows this position, then what happens.' }),
      filter: t.arg({
        type: ChangeFilterInput,
        description:
          'Which changes to send: those after which the lead matches, and those by which it ceases to (`view` tells them apart). Cursors move on over the others.',
      }),
    },
    subscribe: async (_root, { after, filter }, ctx) => {
      const subscriber = subscriberOf(ctx);
      return ctx.hub.followChanges(subscriber, {
        after: after == null ? null : decodeCursor(subscriber.accountId, after),
        filter: toChangeFilter(filter, ctx),
      });
    },
    resolve: (delivery, _args, ctx) => ({ ...itemOf(delivery), accountId: authorize(ctx.viewer, 'read') }),
  }),
);

builder.subscriptionField('leadLive', (t) =>
  t.prismaField({
    type: 'Lead',
    nullable: true,
    description:
      'The latest state of one lead: at once, and again after it changed. States that follow each other quickly may be merged. Ends with null when the lead is deleted, with FORBIDDEN (close code 4403) when it is erased.',
    authScopes: { can: 'read' },
    args: { id: t.arg.id({ required: true, description: 'The id of the lead.' }) },
    subscribe: async (_root, { id }, ctx) => {
      const leadId = uuidOf('Lead', id);
      if (leadId === null) throw new BadRequestError('`id` is not the id of a lead.');
      const subscriber = subscriberOf(ctx);
      const exists = async () => (await findLeadById(ctx, subscriber.accountId, leadId)) !== null;
      const isErased = () => isErasedLead(ctx, subscriber.accountId, leadId);
      return ctx.hub.followLead(subscriber, { leadId, exists, isErased });
    },
    resolve: (_query, delivery, _args, ctx) => findLeadById(ctx, authorize(ctx.viewer, 'read'), itemOf(delivery).leadId),
  }),
);
