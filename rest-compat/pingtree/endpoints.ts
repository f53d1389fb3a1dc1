import { z } from 'zod';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { pingtree, pingtreeGlobal, success } from './answers.ts';
import { campaignExamples, conversion, fired, globalExamples, refusals, triggerExamples } from './examples.ts';
import { amountNames, eventFields, requiredId, toFieldName, toInput } from './fields.ts';
import { lastOfEach } from '../form-fields.ts';
import { type FireEventData, fireEvent, toAnswer } from './fire-event.ts';

const answers = [{ status: 200, description: 'Event fired successfully.', schema: success, example: fired }] as const;

const more =
  'Any other lead field (first_name, email, address, ...) is merged into the lead; what a lead has no field for becomes custom data. A form body is taken as well.';

const { event_id, transaction_id, ...others } = eventFields;
const triggerBody = z.looseObject({ event_id, transaction_id, cid: requiredId('Campaign unique ID'), ...others });
const body = z.looseObject(eventFields);

const trigger = endpoint<Record<string, unknown>, undefined, FireEventData>({
  method: 'POST',
  path: '/api/event/trigger',
  dialect: pingtree,
  body: triggerBody,
  fromForm: lastOfEach,
  operation: fireEvent,
  toVariables: ({ body: sent, idempotencyKey }) => ({ input: { cid: sent['cid'], ...toInput(sent), idempotencyKey } }),
  exact: amountNames,
  fieldName: toFieldName,
  toAnswer,
  docs: {
    summary: 'Event Postback API',
    description: `Fires a configured event at a lead. A conversion needs revenue and is answered with "${conversion.message}" and the revenue. Needs no key: the cid is the scope. ${more}`,
    examples: triggerExamples,
    answers,
    refusals,
  },
});

const ofCampaign = endpoint<Record<string, unknown>, undefined, FireEventData>({
  method: 'POST',
  path: '/api/event/:campaignId',
  dialect: pingtree,
  body,
  fromForm: lastOfEach,
  operation: fireEvent,
  toVariables: ({ body: sent, params, idempotencyKey }) => ({ input: { cid: params['campaignId'], ...toInput(sent), idempotencyKey } }),
  exact: amountNames,
  fieldName: toFieldName,
  toAnswer,
  docs: {
    summary: 'Event postback of a campaign',
    description: `Fires a configured event at a lead; the campaign's cid or id stands in the path. ${more}`,
    examples: campaignExamples,
    answers,
    refusals,
  },
});

const global = endpoint<Record<string, unknown>, undefined, FireEventData>({
  method: 'POST',
  path: '/api/event/global/:orgId',
  dialect: pingtreeGlobal,
  body,
  queryInBody: true,
  fromForm: lastOfEach,
  operation: fireEvent,
  toVariables: ({ body: sent, params, idempotencyKey }) => ({ input: { orgId: params['orgId'], ...toInput(sent), idempotencyKey } }),
  exact: amountNames,
  fieldName: toFieldName,
  toAnswer,
  docs: {
    summary: 'Global event postback',
    description: `Fires an event at a lead of any campaign of the organization; the campaign is the one that the lead belongs to. The fields may stand in the address as well, with or without a body; the body wins. ${more}`,
    examples: globalExamples,
    answers,
    refusals: { ...refusals, 404: 'The organization has no such lead.' },
  },
});

/** The event endpoints, in the order of their documentation. */
export const pingtreeEndpoints: readonly Endpoint[] = [trigger, ofCampaign, global];
