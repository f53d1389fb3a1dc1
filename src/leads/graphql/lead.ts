import type { Lead, Prisma } from '../../../prisma/generated/client/client.ts';
import { authorize } from '../../auth/policy.ts';
import { builder } from '../../graphql/builder.ts';
import type { ReadsColumns } from '../../graphql/selected-columns.ts';
import { StageType } from '../../pipeline/graphql/stage.ts';
import { findLeadById } from '../get-lead.ts';
import { transactionIdOf } from '../transaction-id.ts';

const AddressType = builder.objectRef<Prisma.JsonObject>('Address').implement({
  description: 'A postal address. What was not sent is null.',
  fields: (t) => {
    const part = (name: string, description: string) =>
      t.string({ nullable: true, description, resolve: (address) => textOf(address[name]) });
    return {
      line1: part('line1', 'Street and house number.'),
      line2: part('line2', 'Whatever else it takes to find the door.'),
      city: part('city', 'City.'),
      state: part('state', 'State or region.'),
      postalCode: part('postalCode', 'Postal code.'),
      country: part('country', 'Country.'),
    };
  },
});

const textOf = (value: Prisma.JsonValue | undefined): string | null => (typeof value === 'string' ? value : null);

const UtmType = builder.objectRef<Lead>('Utm').implement({
  description: 'The campaign parameters of the visit that brought the lead.',
  fields: (t) => ({
    source: t.exposeString('utmSource', { nullable: true, description: '`utm_source`' }),
    medium: t.exposeString('utmMedium', { nullable: true, description: '`utm_medium`' }),
    campaign: t.exposeString('utmCampaign', { nullable: true, description: '`utm_campaign`' }),
    term: t.exposeString('utmTerm', { nullable: true, description: '`utm_term`' }),
    content: t.exposeString('utmContent', { nullable: true, description: '`utm_content`' }),
  }),
});

const FormProgressType = builder.objectRef<Lead>('FormProgress').implement({
  description: 'How far the lead came with the form.',
  fields: (t) => ({
    completionPercent: t.exposeFloat('formPercent', { nullable: true, description: 'From 0 to 100.' }),
    fieldsCompleted: t.exposeInt('formCompleted', { nullable: true, description: 'How many fields were filled in.' }),
    fieldsTotal: t.exposeInt('formTotal', { nullable: true, description: 'How many fields the form has.' }),
  }),
});

export const LeadType = builder.prismaObject('Lead', {
  description: "A person's record. Everything that ever happened to it stands on its timeline.",
  findUnique: ({ id }) => ({ id }),
  fields: (t) => ({
    uuid: t.exposeID('id', { description: 'The id without its prefix, as the REST documents write it.' }),
    number: t.exposeInt('number', { description: 'A short number for people, rising with creation within the account.' }),
    email: t.exposeString('email', {
      nullable: true,
      description: 'As it was sent. Whatever the case, it identifies the lead in its account.',
    }),
    firstName: t.exposeString('firstName', { nullable: true, description: 'First name.' }),
    lastName: t.exposeString('lastName', { nullable: true, description: 'Last name.' }),
    phone: t.exposeString('phone', { nullable: true, description: 'As it was sent.' }),
    phoneE164: t.exposeString('phoneE164', {
      nullable: true,
      description: 'The phone number in international form; null when it is no possible number.',
    }),
    company: t.exposeString('company', { nullable: true, description: 'Company.' }),
    position: t.exposeString('position', { nullable: true, description: 'Position in the company.' }),
    website: t.exposeString('website', { nullable: true, description: 'Website.' }),
    twitter: t.exposeString('twitter', { nullable: true, description: 'Twitter handle.' }),
    linkedin: t.exposeString('linkedin', { nullable: true, description: 'LinkedIn profile.' }),
    notes: t.exposeString('notes', { nullable: true, description: 'Notes.' }),
    score: t.exposeInt('score', { nullable: true, description: 'A rating that somebody gave.' }),
    address: t.field({ type: AddressType, nullable: true, description: 'Postal address.', resolve: ({ address }) => toObject(address) }),
    birthDate: t.expose('birthDate', { type: 'Date', nullable: true, description: 'Day of birth.' }),
    gender: t.exposeString('gender', { nullable: true, description: 'Gender, as it was sent.' }),
    stage: t.field({
      type: StageType,
      description: 'Where the lead stands in the pipeline.',
      extensions: { reads: ['stage'] } satisfies ReadsColumns,
      resolve: ({ stage }, _args, ctx) => ctx.pipeline.get(stage),
    }),
    sourceName: t.exposeString('sourceName', { nullable: true, description: 'What sent the lead first.' }),
    campaignName: t.exposeString('campaignName', { nullable: true, description: 'The campaign that brought the lead first.' }),
    domain: t.exposeString('domain', { nullable: true, description: 'The site that brought the lead first.' }),
    utm: t.field({ type: UtmType, description: 'The campaign parameters of the visit.', resolve: (lead) => lead }),
    referrer: t.exposeString('referrer', { nullable: true, description: 'The page that the visit came from.' }),
    landingPage: t.exposeString('landingPage', { nullable: true, description: 'The page that the visit began with.' }),
    ipAddress: t.exposeString('ipAddress', { nullable: true, description: "The visitor's network address." }),
    userAgent: t.exposeString('userAgent', { nullable: true, description: "The visitor's browser, as it names itself." }),
    browser: t.exposeString('browser', { nullable: true, description: "The visitor's browser." }),
    deviceType: t.exposeString('deviceType', { nullable: true, description: "The visitor's kind of device." }),
    form: t.field({ type: FormProgressType, description: 'How far the lead came with the form.', resolve: (lead) => lead }),
    customData: t.expose('customData', { type: 'JSON', description: 'What was sent beyond the named fields, merged key by key.' }),
    tags: t.exposeStringList('tags', { description: 'Tags.' }),
    externalId: t.exposeString('externalId', { nullable: true, description: "The sender's own id of the lead." }),
    sellerLeadId: t.exposeString('sellerLeadId', { nullable: true, description: "The seller's id of the lead." }),
    product: t.exposeString('product', { nullable: true, description: 'What the lead asks for.' }),
    trustedFormUrl: t.exposeString('trustedFormUrl', { nullable: true, description: 'The certificate of consent.' }),
    trustedFormStatus: t.exposeString('trustedFormStatus', { nullable: true, description: 'What is known of that certificate.' }),
    price: t.expose('price', { type: 'Decimal', nullable: true, description: 'What the lead was sold for.' }),
    crmLeadId: t.exposeString('crmLeadId', { nullable: true, description: 'The id of the lead in the CRM.' }),
    transactionId: t.string({
      nullable: true,
      description: 'The id by which events and conversions name the lead: the one that a sender gave it, or `txn_` with its uuid.',
      resolve: transactionIdOf,
    }),
    cost: t.expose('cost', { type: 'Decimal', description: 'What the lead cost.' }),
    adSpend: t.expose('adSpend', { type: 'Decimal', description: 'What advertising for it cost.' }),
    revenue: t.expose('revenue', { type: 'Decimal', description: 'What it brought in.' }),
    payout: t.expose('payout', { type: 'Decimal', description: 'What its conversions paid out.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was recorded first.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When something about it last changed.' }),
  }),
});

const toObject = (value: Prisma.JsonValue): Prisma.JsonObject | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;

builder.nodeRef(LeadType, {
  id: { resolve: (lead: Lead) => lead.id, description: 'Begins with `lead_`.' },
  loadManyWithoutCache: (ids, ctx) => {
    const accountId = authorize(ctx.viewer, 'read');
    return Promise.all(ids.map((id) => findLeadById(ctx, accountId, id)));
  },
});

builder.prismaObjectField(LeadType, 'duplicateOf', (t) =>
  t.field({
    type: LeadType,
    nullable: true,
    description: 'The lead with the same email that this one repeats; null for nearly all leads.',
    authScopes: { can: 'read' },
    resolve: ({ duplicateOfId }, _args, ctx) =>
      duplicateOfId === null ? null : findLeadById(ctx, authorize(ctx.viewer, 'read'), duplicateOfId),
  }),
);
