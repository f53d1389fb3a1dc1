import type { EventType } from '../../../prisma/generated/client/client.ts';
import { authorize } from '../../auth/policy.ts';
import { builder } from '../../graphql/builder.ts';
import { ErrorInterface } from '../../graphql/errors.ts';
import { createEventType, createEventTypeErrors } from '../create-event-type.ts';
import { EventTypeNotFoundError, IdTakenError } from '../errors.ts';
import { type Payout, toPayout } from '../payout.ts';
import { updateEventType, updateEventTypeErrors } from '../update-event-type.ts';

export const PayoutType = builder.objectRef<Payout>('Payout').implement({
  description: 'What a conversion pays out: one of the two.',
  fields: (t) => ({
    fixed: t.expose('fixed', { type: 'Decimal', nullable: true, description: 'The same amount each time.' }),
    percent: t.expose('percent', { type: 'Decimal', nullable: true, description: 'So many percent of the revenue.' }),
  }),
});

export const PayoutInputType = builder.inputType('PayoutInput', {
  description: 'What a conversion pays out: exactly one of the two.',
  isOneOf: true,
  fields: (t) => ({
    fixed: t.field({ type: 'Decimal', description: 'The same amount each time, 0 or more.' }),
    percent: t.field({ type: 'Decimal', description: 'So many percent of the revenue, from 0 to 1000.' }),
  }),
});

export const EventTypeType = builder.prismaNode('EventType', {
  description: 'A configured event id of the account, available to every campaign.',
  id: { field: 'id', description: 'Begins with `evtype_`.' },
  nullable: true,
  findUnique: (id, ctx) => ({ id, accountId: authorize(ctx.viewer, 'read') }),
  fields: (t) => ({
    eventId: t.exposeString('eventId', { description: 'What senders call it: `event_id`.' }),
    name: t.exposeString('name', { description: 'What people call it.' }),
    description: t.exposeString('description', { nullable: true, description: 'What it means.' }),
    isConversion: t.exposeBoolean('isConversion', { description: 'Whether it counts as a conversion and needs revenue.' }),
    allowRepeats: t.exposeBoolean('allowRepeats', { description: 'Whether it may be fired at one lead more than once.' }),
    payout: t.field({
      type: PayoutType,
      nullable: true,
      description: 'What a conversion pays out; null: nothing.',
      authScopes: { can: 'read' },
      resolve: (eventType): Payout | null => toPayout(eventType),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was configured.' }),
  }),
});

builder.queryField('eventTypes', (t) =>
  t.prismaField({
    type: [EventTypeType],
    description: 'The event types of the account, oldest first.',
    authScopes: { can: 'read' },
    resolve: (query, _root, _args, ctx) =>
      ctx.db.eventType.findMany({
        ...query,
        where: { accountId: authorize(ctx.viewer, 'read') },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      }),
  }),
);

builder.objectType(IdTakenError, {
  name: 'IdTakenError',
  description: 'The cid or event id is in use. Nothing was stored.',
  interfaces: [ErrorInterface],
});

builder.objectType(EventTypeNotFoundError, {
  name: 'EventTypeNotFoundError',
  description: 'The account has no event type with this id.',
  interfaces: [ErrorInterface],
});

interface Configured {
  readonly eventType: EventType;
}

const CreateEventTypeSuccess = builder.objectRef<Configured>('CreateEventTypeSuccess').implement({
  description: 'The event type was made.',
  fields: (t) => ({ eventType: t.field({ type: EventTypeType, description: 'As it stands now.', resolve: ({ eventType }) => eventType }) }),
});

builder.mutationField('createEventType', (t) =>
  t.fieldWithInput({
    type: CreateEventTypeSuccess,
    description: 'Configures an event id for the account, so that it can be fired. Needs the ADMIN scope.',
    errors: { types: [...createEventTypeErrors] },
    input: {
      eventId: t.input.string({ required: true, description: 'What senders will call it: 1 to 100 characters, unique in the account.' }),
      name: t.input.string({ description: 'What people call it. Left out: the event id.' }),
      description: t.input.string({ description: 'What it means.' }),
      isConversion: t.input.boolean({ description: 'Whether it counts as a conversion and needs revenue. Left out: no.' }),
      allowRepeats: t.input.boolean({ description: 'Whether it may be fired at one lead more than once. Left out: no.' }),
      payout: t.input.field({ type: PayoutInputType, description: 'What a conversion pays out. Left out: nothing.' }),
    },
    resolve: (_root, { input }, ctx) => createEventType(ctx, input),
  }),
);

const UpdateEventTypeSuccess = builder.objectRef<Configured>('UpdateEventTypeSuccess').implement({
  description: 'The event type holds the values.',
  fields: (t) => ({ eventType: t.field({ type: EventTypeType, description: 'As it stands now.', resolve: ({ eventType }) => eventType }) }),
});

builder.mutationField('updateEventType', (t) =>
  t.fieldWithInput({
    type: UpdateEventTypeSuccess,
    description:
      'Changes an event type. What is left out stays; null takes description and payout away. Events that were fired stay as they are. Needs the ADMIN scope.',
    errors: { types: [...updateEventTypeErrors] },
    input: {
      eventTypeId: t.input.id({ required: true, description: 'The id of the event type, with or without `evtype_`.' }),
      name: t.input.string({ description: 'What people call it.' }),
      description: t.input.string({ description: 'What it means.' }),
      isConversion: t.input.boolean({ description: 'Whether it counts as a conversion and needs revenue.' }),
      allowRepeats: t.input.boolean({ description: 'Whether it may be fired at one lead more than once.' }),
      payout: t.input.field({ type: PayoutInputType, description: 'What a conversion pays out.' }),
    },
    resolve: (_root, { input }, ctx) => updateEventType(ctx, input),
  }),
);
