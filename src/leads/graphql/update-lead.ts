import type { Lead } from '../../../prisma/generated/client/client.ts';
import { IdempotencyKeyReusedError, InvalidInputError } from '../../errors.ts';
import { builder } from '../../graphql/builder.ts';
import { ErrorInterface } from '../../graphql/errors.ts';
import { deleteLead } from '../delete-lead.ts';
import { EmailTakenError, LeadNotFoundError } from '../errors.ts';
import { updateLead } from '../update-lead.ts';
import { LeadType } from './lead.ts';

builder.objectType(LeadNotFoundError, {
  name: 'LeadNotFoundError',
  description: 'The account has no lead with this id.',
  interfaces: [ErrorInterface],
});

builder.objectType(EmailTakenError, {
  name: 'EmailTakenError',
  description: 'Another lead of the account already has this email. Nothing was stored.',
  interfaces: [ErrorInterface],
});

const AddressInput = builder.inputType('AddressInput', {
  description: 'A postal address. It replaces the stored one as a whole.',
  fields: (t) => ({
    line1: t.string({ description: 'Street and house number.' }),
    line2: t.string({ description: 'Whatever else it takes to find the door.' }),
    city: t.string({ description: 'City.' }),
    state: t.string({ description: 'State or region.' }),
    postalCode: t.string({ description: 'Postal code.' }),
    country: t.string({ description: 'Country.' }),
  }),
});

const UpdateLeadSuccess = builder.objectRef<{ readonly lead: Lead }>('UpdateLeadSuccess').implement({
  description: 'The lead holds the values.',
  fields: (t) => ({ lead: t.field({ type: LeadType, description: 'The lead as it stands now.', resolve: ({ lead }) => lead }) }),
});

builder.mutationField('updateLead', (t) =>
  t.fieldWithInput({
    type: UpdateLeadSuccess,
    description: 'Edits a lead by hand. A field that is left out stays, null clears it. The stage has a mutation of its own: `moveLead`.',
    errors: { types: [InvalidInputError, LeadNotFoundError, EmailTakenError, IdempotencyKeyReusedError] },
    input: {
      leadId: t.input.id({ required: true, description: 'The id of the lead, with or without `lead_`, or its number.' }),
      email: t.input.string({ description: 'Email. Must not belong to another lead.' }),
      firstName: t.input.string({ description: 'First name.' }),
      lastName: t.input.string({ description: 'Last name.' }),
      phone: t.input.string({ description: 'Phone number as people write it.' }),
      company: t.input.string({ description: 'Company.' }),
      position: t.input.string({ description: 'Job position.' }),
      website: t.input.string({ description: 'Web site.' }),
      twitter: t.input.string({ description: 'Twitter handle.' }),
      linkedin: t.input.string({ description: 'LinkedIn profile.' }),
      notes: t.input.string({ description: 'Notes.' }),
      score: t.input.int({ description: 'Lead score.' }),
      address: t.input.field({ type: AddressInput, description: 'Postal address.' }),
      birthDate: t.input.field({ type: 'Date', description: 'Date of birth.' }),
      gender: t.input.string({ description: 'Gender.' }),
      source: t.input.string({ description: 'Name of the source that the lead is counted under.' }),
      campaign: t.input.string({ description: 'Name or id of the campaign that the lead is counted under.' }),
      domain: t.input.string({ description: 'Domain of the landing page.' }),
      deviceType: t.input.string({ description: '`desktop`, `mobile` or `tablet`.' }),
      tags: t.input.stringList({ description: 'Tags; they replace the stored ones.' }),
      customData: t.input.field({ type: 'JSON', description: 'Merged key by key; a null removes its key.' }),
      product: t.input.string({ description: 'Product of interest.' }),
      externalId: t.input.string({ description: "The sender's id of the lead." }),
      sellerLeadId: t.input.string({ description: "The seller's id of the lead." }),
      crmLeadId: t.input.string({
        description: "The CRM's id of the lead; CRM activity that waits for it is bound. `linkCrmLead` does the same.",
      }),
      idempotencyKey: t.input.string({ description: 'Repeating a request with its key gives the first answer again, for 7 days.' }),
    },
    resolve: (_root, { input }, ctx) => updateLead(ctx, input),
  }),
);

const DeleteLeadSuccess = builder.objectRef<{ readonly leadId: string }>('DeleteLeadSuccess').implement({
  description: 'The lead is gone.',
  fields: (t) => ({ leadId: t.id({ description: 'The id that it had.', resolve: ({ leadId }) => `lead_${leadId}` }) }),
});

builder.mutationField('deleteLead', (t) =>
  t.fieldWithInput({
    type: DeleteLeadSuccess,
    description:
      'Deletes a lead with its stage history, submissions and their raw bodies. The log keeps a `lead.deleted` entry with the last visible state.',
    errors: { types: [InvalidInputError, LeadNotFoundError, IdempotencyKeyReusedError] },
    input: {
      leadId: t.input.id({ required: true, description: 'The id of the lead, with or without `lead_`, or its number.' }),
      idempotencyKey: t.input.string({ description: 'Repeating a request with its key gives the first answer again, for 7 days.' }),
    },
    resolve: (_root, { input }, ctx) => deleteLead(ctx, input),
  }),
);
