import { IdempotencyKeyReusedError } from '../../errors.ts';
import { builder } from '../../graphql/builder.ts';
import { type SubmittedLead, submitLead, submitLeadErrors } from '../submit-lead.ts';
import { LeadType } from './lead.ts';
import { SubmissionType } from './submission.ts';

const LeadMetadataInput = builder.inputType('LeadMetadataInput', {
  description: 'Where a submitted lead comes from and what it asks for.',
  fields: (t) => ({
    externalId: t.string({
      description: "The sender's own id of the lead. One that the source used before marks the lead as a duplicate.",
    }),
    sellerLeadId: t.string({ description: "The seller's id of the lead." }),
    crmLeadId: t.string({ description: "The CRM's id of the lead; CRM activity that waits for it is bound." }),
    utmSource: t.string({ description: '`utm_source`' }),
    utmMedium: t.string({ description: '`utm_medium`' }),
    utmCampaign: t.string({ description: '`utm_campaign`' }),
    utmTerm: t.string({ description: '`utm_term`' }),
    utmContent: t.string({ description: '`utm_content`' }),
    referrer: t.string({ description: 'The page that the visit came from.' }),
    landingPage: t.string({ description: 'The page that the visit began with.' }),
    subId: t.string({ description: 'An id of the affiliate; kept in `customData`.' }),
    pubId: t.string({ description: 'An id of the publisher; kept in `customData`.' }),
    ipAddress: t.string({ description: "The visitor's address as the sender saw it." }),
    userAgent: t.string({ description: "The visitor's browser as it names itself." }),
    price: t.field({ type: 'Decimal', description: 'What the lead is sold for.' }),
    directPostPrice: t.field({ type: 'Decimal', description: 'The price of a direct post; kept in `customData`.' }),
    product: t.string({ description: 'What the lead asks for. Compared without regard to case.' }),
    vertical: t.string({ description: 'The trade; kept in `customData`.' }),
    trustedFormUrl: t.string({ description: 'The TrustedForm certificate of consent.' }),
    createdAt: t.field({ type: 'DateTime', description: 'When the lead was made at the sender. Left out, or in the future: now.' }),
    sourceMetadata: t.field({
      type: 'JSON',
      description: 'An object of texts that only the sender understands; kept in `customData`. Names of secrets are refused.',
    }),
  }),
});

const LeadPhoneInput = builder.inputType('LeadPhoneInput', {
  description: 'A phone number.',
  fields: (t) => ({
    number: t.string({ description: 'A possible U.S. number, as the person wrote it; the international form is added.' }),
    type: t.string({ description: '`Mobile`, `Landline`, `Voip`, ...; another word is not kept.' }),
  }),
});

const LeadStreetAddressInput = builder.inputType('LeadStreetAddressInput', {
  description: 'A postal address, under either of its documented names.',
  fields: (t) => ({
    line1: t.string({ description: 'Street and house number.' }),
    line2: t.string({ description: 'Whatever else it takes to find the door.' }),
    address1: t.string({ description: 'Another name of `line1`.' }),
    address2: t.string({ description: 'Another name of `line2`.' }),
    city: t.string({ description: 'City.' }),
    state: t.string({ description: 'A U.S. state, as two letters or by its name.' }),
    province: t.string({ description: 'Another name of `state`.' }),
    region: t.string({ description: 'Another name of `state`.' }),
    postalCode: t.string({ description: 'Postal code.' }),
    country: t.string({ description: 'Country. With one other than the United States the state is kept as it is.' }),
    additionalInfo: t.string({ description: 'Anything else; kept in `customData`.' }),
  }),
});

const CoordinateInput = builder.inputType('CoordinateInput', {
  description: 'A place on earth, in degrees; kept in `customData`.',
  fields: (t) => ({ latitude: t.float({ description: 'From -90 to 90.' }), longitude: t.float({ description: 'From -180 to 180.' }) }),
});

const LeadContactInput = builder.inputType('LeadContactInput', {
  description: 'How to reach the person: an email address or a phone number at least.',
  fields: (t) => ({
    firstName: t.string({ description: 'First name.' }),
    lastName: t.string({ description: 'Last name.' }),
    email: t.string({ description: 'Email.' }),
    phone: t.field({ type: LeadPhoneInput, description: 'Phone.' }),
    streetAddress: t.field({ type: LeadStreetAddressInput, description: 'Postal address.' }),
    coordinate: t.field({ type: CoordinateInput, description: 'Place.' }),
    timeZoneId: t.string({ description: 'Time zone; kept in `customData`.' }),
  }),
});

const LeadCustomerInput = builder.inputType('LeadCustomerInput', {
  description:
    'What is known of the person. All but the birth date and the gender is kept in `customData.customer`; a word that is not documented is not kept.',
  fields: (t) => ({
    birthDate: t.field({ type: 'Date', description: 'Day of birth.' }),
    gender: t.string({ description: '`M`, `F`, `NonBinary`, `PreferNotToSay` or `Other`.' }),
    height: t.float({ description: 'In inches.' }),
    weight: t.float({ description: 'In pounds.' }),
    maritalStatus: t.string({ description: '`Married`, `Single`, `Widow`, `Separated` or `Divorced`.' }),
    income: t.float({ description: 'Income.' }),
    isHomeowner: t.boolean({ description: 'Whether the home is their own.' }),
    monthsAtResidence: t.float({ description: 'How long they have lived there.' }),
    creditScore: t.float({ description: 'Credit score.' }),
    hasBankruptcy: t.boolean({ description: 'Whether there was a bankruptcy.' }),
    employmentType: t.string({
      description: '`Employed`, `PartTime`, `SelfEmployed`, `Contractor`, `Unemployed`, `Retired`, `Student`, ...',
    }),
    numberOfDependents: t.float({ description: 'How many depend on them.' }),
    hasMedicalCondition: t.boolean({ description: 'Whether there is a medical condition.' }),
  }),
});

const UnreadableFieldInput = builder.inputType('UnreadableFieldInput', {
  description: 'A field that a translator of another format could not read.',
  fields: (t) => ({
    path: t.stringList({ required: true, description: 'Names from this input down to the field.' }),
    message: t.string({ required: true, description: 'What it should have been.' }),
    code: t.string({ required: true, description: 'A stable code.' }),
  }),
});

const SubmitLeadSuccess = builder.objectRef<SubmittedLead>('SubmitLeadSuccess').implement({
  description: 'The lead was accepted.',
  fields: (t) => ({
    lead: t.field({ type: LeadType, description: 'The new lead.', resolve: ({ lead }) => lead }),
    submission: t.field({
      type: SubmissionType,
      description: 'The receipt: `CREATED`, or `DUPLICATE` when the lead repeats another.',
      resolve: ({ submission }) => submission,
    }),
  }),
});

builder.mutationField('submitLead', (t) =>
  t.fieldWithInput({
    type: SubmitLeadSuccess,
    description:
      "Takes a lead from a source, with the source's key as `Authorization: Bearer`, or with an API key that may hand leads in and `sourceId`. Always makes a new lead; one that repeats another stands beside it with `duplicateOf` set. A refused request is kept as a receipt as well.",
    errors: { types: [...submitLeadErrors, IdempotencyKeyReusedError] },
    input: {
      sourceId: t.input.id({ description: 'The source, when the credential is an API key.' }),
      metadata: t.input.field({ type: LeadMetadataInput, required: true, description: 'Where it comes from.' }),
      contact: t.input.field({ type: LeadContactInput, required: true, description: 'How to reach the person.' }),
      customer: t.input.field({ type: LeadCustomerInput, required: true, description: 'What is known of the person; may be empty.' }),
      tagIds: t.input.stringList({ description: 'Tags. They have no ids of their own here: a name is one.' }),
      tagNames: t.input.stringList({ description: 'Tags, beside those that the source gives to each lead.' }),
      recordRequest: t.input.boolean({ description: "Records the address and the user agent of this request as the lead's own." }),
      unreadable: t.input.field({
        type: [UnreadableFieldInput],
        description: 'What could not be read: the lead is refused for it, together with whatever else is wrong.',
      }),
      idempotencyKey: t.input.string({ description: 'Repeating a request with its key gives the first answer again, for 7 days.' }),
    },
    resolve: (_root, { input }, ctx) => submitLead(ctx, input),
  }),
);
