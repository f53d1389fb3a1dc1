import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let sourceId: string;
let leadId: string;

beforeAll(async () => {
  app = await startApp();
  const { data } = await app.graphql(`mutation {
    createSource(input: { name: "S", complianceApproved: true }) { ... on CreateSourceSuccess { source { id } } }
    recordPostback(input: { email: "issues@x.test" }) { ... on RecordPostbackSuccess { lead { id } } }
  }`);
  sourceId = data.createSource.source.id;
  leadId = data.recordPostback.lead.id;
});
afterAll(() => app.end());

const long = 'x'.repeat(20_000);
const badKey = { idempotencyKey: 'not one word' };

it.each<[mutation: string, input: () => Record<string, unknown>, paths: string[]]>([
  ['recordPostback', () => ({ email: 'no', customData: [1] }), ['email', 'customData']],
  ['updateLead', () => ({ leadId, email: 'no', tags: [''] }), ['email', 'tags.0']],
  ['moveLead', () => ({ leadId, stage: 'Paid', reason: long }), ['reason']],
  ['deleteLead', () => ({ leadId }), []],
  ['eraseLead', () => ({ leadId, reason: long }), ['reason']],
  ['linkCrmLead', () => ({ leadId, crmLeadId: '' }), ['crmLeadId']],
  ['recordCrmActivity', () => ({ crmLeadId: '', payload: [1] }), ['crmLeadId', 'payload']],
  ['fireEvent', () => ({ eventId: 'sale', transactionId: leadId, revenue: -1, cost: -1 }), ['revenue', 'cost']],
  ['submitLead', () => ({ sourceId, metadata: {}, contact: { email: 'no' }, customer: {} }), ['contact.email', 'metadata.trustedFormUrl']],
])('%s names a key that is none beside every other broken rule', async (mutation, input, paths) => {
  const title = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}`;
  const { data } = await app.graphql(
    `mutation ($input: ${title}Input!) { ${mutation}(input: $input) { __typename ... on InvalidInputError { issues { path code } } } }`,
    { input: { ...input(), ...badKey } },
  );
  expect(data[mutation].__typename).toBe('InvalidInputError');
  const found: { path: string[]; code: string }[] = data[mutation].issues;
  expect(found.map(({ path }) => path.join('.')).toSorted()).toEqual(['idempotencyKey', ...paths].toSorted());
  expect(found.find(({ path }) => path[0] === 'idempotencyKey')?.code).toBe('IDEMPOTENCY_KEY_INVALID');
});
