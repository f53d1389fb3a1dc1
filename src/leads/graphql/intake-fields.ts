import type { Conversation, Prisma } from '../../../prisma/generated/client/client.ts';
import { authorize } from '../../auth/policy.ts';
import { builder } from '../../graphql/builder.ts';
import { toPage } from '../../platform/connection.ts';
import { findSourceById } from '../../sources/find-sources.ts';
import { SourceType } from '../../sources/graphql.ts';
import { findConversation } from '../find-conversation.ts';
import { findLeads } from '../find-leads.ts';
import { findLeadById } from '../get-lead.ts';
import { LeadType } from './lead.ts';
import { LeadConnectionType } from './leads.ts';

builder.prismaObjectField(LeadType, 'source', (t) =>
  t.field({
    type: SourceType,
    nullable: true,
    description: 'The source whose credentials handed it in; null for leads that came another way.',
    authScopes: { can: 'read' },
    resolve: ({ sourceId }, _args, ctx) => (sourceId === null ? null : findSourceById(ctx, null, sourceId)),
  }),
);

const PhoneLookupType = builder.objectRef<Prisma.JsonObject>('PhoneLookup').implement({
  description: 'What a look-up of the phone number found.',
  fields: (t) => ({
    country: t.string({ nullable: true, description: 'ISO 3166-1 code.', resolve: ({ country }) => textOf(country) }),
    region: t.string({ nullable: true, description: 'State or province, as two letters.', resolve: ({ region }) => textOf(region) }),
    type: t.string({
      nullable: true,
      description: '`Mobile`, `Landline`, `Voip`, `TollFree`, ...; null when it cannot be told.',
      resolve: ({ type }) => textOf(type),
    }),
    timeZones: t.stringList({
      description: 'IANA names of the zones in which the number may be.',
      resolve: ({ timeZones }) => (Array.isArray(timeZones) ? timeZones.filter((zone) => typeof zone === 'string') : []),
    }),
    provider: t.string({ nullable: true, description: 'Who looked.', resolve: ({ provider }) => textOf(provider) }),
  }),
});

const textOf = (value: Prisma.JsonValue | undefined): string | null => (typeof value === 'string' ? value : null);

builder.prismaObjectField(LeadType, 'phoneLookup', (t) =>
  t.field({
    type: PhoneLookupType,
    nullable: true,
    description: 'What is known of the phone number; null when nobody looked, or the number changed since.',
    resolve: ({ phoneLookup }) =>
      typeof phoneLookup === 'object' && phoneLookup !== null && !Array.isArray(phoneLookup) ? phoneLookup : null,
  }),
);

const ConversationStatusEnum = builder.enumType('ConversationStatus', {
  description: 'Whose turn it is.',
  values: {
    NEEDS_REPLY: { description: 'The person waits for an answer.' },
    WAITING: { description: 'We wait for the person.' },
    FAILED: { description: 'A message could not be delivered.' },
    OPEN: { description: 'Neither waits.' },
  } as const,
});

type Status = 'NEEDS_REPLY' | 'WAITING' | 'FAILED' | 'OPEN';
const toStatus = (status: string): Status => (status === 'NEEDS_REPLY' || status === 'WAITING' || status === 'FAILED' ? status : 'OPEN');

const ConversationType = builder.objectRef<Conversation>('Conversation').implement({
  description: 'Where people talk with a lead. It begins when a source hands the lead in.',
  fields: (t) => ({
    id: t.id({ description: 'Begins with `conv_`.', resolve: ({ leadId }) => `conv_${leadId}` }),
    lead: t.field({
      type: LeadType,
      nullable: true,
      description: 'The lead.',
      authScopes: { can: 'read' },
      resolve: ({ leadId }, _args, ctx) => findLeadById(ctx, authorize(ctx.viewer, 'read'), leadId),
    }),
    status: t.field({ type: ConversationStatusEnum, description: 'Whose turn it is.', resolve: ({ status }) => toStatus(status) }),
    isUnread: t.exposeBoolean('isUnread', { description: 'Whether nobody has looked at it yet.' }),
    lastSnippet: t.exposeString('lastSnippet', { nullable: true, description: 'How the last message begins.' }),
    lastEventAt: t.expose('lastEventAt', { type: 'DateTime', description: 'When something last happened in it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it began.' }),
  }),
});

builder.prismaObjectField(LeadType, 'conversation', (t) =>
  t.field({
    type: ConversationType,
    nullable: true,
    description: 'Where people talk with the lead; null for leads that no source handed in.',
    authScopes: { can: 'read' },
    resolve: ({ id }, _args, ctx) => findConversation(ctx, authorize(ctx.viewer, 'read'), id),
  }),
);

builder.prismaObjectField(SourceType, 'leads', (t) =>
  t.connection(
    {
      type: LeadType,
      description: 'The leads that it handed in, newest first.',
      authScopes: { can: 'read' },
      resolve: ({ id }, args, ctx) =>
        findLeads(ctx, authorize(ctx.viewer, 'read'), { filter: { sourceId: [id] }, orderBy: 'NEWEST', page: toPage(args) }),
    },
    LeadConnectionType,
  ),
);
