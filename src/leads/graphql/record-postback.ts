import { IdempotencyKeyReusedError, InvalidInputError } from '../../errors.ts';
import { builder } from '../../graphql/builder.ts';
import { UnknownStageError } from '../../pipeline/errors.ts';
import type { StageOutcome } from '../../pipeline/stage.ts';
import { type RecordedPostback, recordPostback } from '../record-postback.ts';
import { LeadType } from './lead.ts';
import { SubmissionType } from './submission.ts';

const StageOutcomeEnum = builder.enumType('StageOutcome', {
  description: 'What became of the stage that a submission named.',
  values: {
    APPLIED: { description: 'The lead moved forward to it, or began there.' },
    KEPT: { description: 'It lies behind the present stage, so the lead stayed where it was. `forceStage` would have moved it.' },
    FORCED: { description: 'The lead moved back to it, because that was asked for expressly.' },
    UNCHANGED: { description: 'The lead stood there already, or no stage was named.' },
  } as const satisfies Record<StageOutcome, object>,
});

const UtmInput = builder.inputType('UtmInput', {
  description: 'The campaign parameters of a visit.',
  fields: (t) => ({
    source: t.string({ description: '`utm_source`' }),
    medium: t.string({ description: '`utm_medium`' }),
    campaign: t.string({ description: '`utm_campaign`' }),
    term: t.string({ description: '`utm_term`' }),
    content: t.string({ description: '`utm_content`' }),
  }),
});

const FormProgressInput = builder.inputType('FormProgressInput', {
  description: 'How far the lead came with the form.',
  fields: (t) => ({
    completionPercent: t.float({ description: 'From 0 to 100.' }),
    fieldsCompleted: t.int({ description: 'How many fields were filled in.' }),
    fieldsTotal: t.int({ description: 'How many fields the form has.' }),
  }),
});

const RecordPostbackSuccess = builder.objectRef<RecordedPostback>('RecordPostbackSuccess').implement({
  description: 'The postback was recorded.',
  fields: (t) => ({
    lead: t.field({
      type: LeadType,
      description: 'The lead as it stands now. A key that may only hand leads in sees its ids and its stage.',
      resolve: ({ lead }) => lead,
    }),
    created: t.exposeBoolean('created', { description: 'Whether the lead is new.' }),
    stageOutcome: t.expose('stageOutcome', { type: StageOutcomeEnum, description: 'What became of the stage.' }),
    submission: t.field({ type: SubmissionType, description: 'The receipt.', resolve: ({ submission }) => submission }),
  }),
});

builder.mutationField('recordPostback', (t) =>
  t.fieldWithInput({
    type: RecordPostbackSuccess,
    description:
      'Records what a sender knows of a lead: found by lead id, then by email, else created. An absent, null or empty field keeps the stored value; `customData` merges key by key; the stage moves forward only, unless forced.',
    errors: { types: [InvalidInputError, UnknownStageError, IdempotencyKeyReusedError] },
    input: {
      leadId: t.input.id({ description: 'An existing lead to update. One that matches nothing falls through to the email.' }),
      email: t.input.string({ description: 'The second key. Compared without regard to case.' }),
      firstName: t.input.string({ description: 'First name.' }),
      lastName: t.input.string({ description: 'Last name.' }),
      phone: t.input.string({ description: 'As the person wrote it; the international form is added where it is possible.' }),
      company: t.input.string({ description: 'Company.' }),
      stage: t.input.string({ description: 'The name of a pipeline stage, in any case. Left out on a new lead: the first stage.' }),
      forceStage: t.input.boolean({ description: 'Allows a move to an earlier stage.' }),
      source: t.input.string({ description: 'Where the lead came from, like `google`.' }),
      domain: t.input.string({ description: 'Domain of the landing page.' }),
      campaign: t.input.string({ description: 'Name or id of the campaign.' }),
      utm: t.input.field({ type: UtmInput, description: 'Campaign parameters.' }),
      referrer: t.input.string({ description: 'The full referring URL.' }),
      ipAddress: t.input.string({ description: "The visitor's address as the sender saw it." }),
      userAgent: t.input.string({ description: "The visitor's browser as it names itself." }),
      browser: t.input.string({ description: 'Like `Chrome 124`.' }),
      deviceType: t.input.string({ description: '`desktop`, `mobile` or `tablet`.' }),
      form: t.input.field({ type: FormProgressInput, description: 'Form progress.' }),
      customData: t.input.field({ type: 'JSON', description: 'An object of anything else, at most 64 KB; merged key by key.' }),
      transactionId: t.input.string({
        description:
          'The id by which events will name the lead. The first one stays; one that another lead has is reported as a conflict. Left out: `txn_` with its uuid.',
      }),
      crmLeadId: t.input.string({
        description:
          "The CRM's id of the lead. A lead that has one keeps it; then the id stands on the submission, and leads to the lead as well.",
      }),
      occurredAt: t.input.field({ type: 'DateTime', description: 'When it happened. Left out, or in the future: now.' }),
      idempotencyKey: t.input.string({ description: 'Repeating a request with its key gives the first answer again, for 7 days.' }),
    },
    resolve: (_root, { input }, ctx) => recordPostback(ctx, input),
  }),
);
