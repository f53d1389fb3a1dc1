import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mutate } from '../events/store.ts';
import { asRoot, makeSource, rootKey, submitLead } from '../sources/intake.ts';
import { type Json, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ API_KEY: rootKey });
});
afterAll(() => app.end());

const postback = (input: object): Promise<Json> => mutate(app, 'recordPostback', input, 'lead { id uuid } submission { outcome }', asRoot);
const edit = (leadId: string, input: object): Promise<Json> => mutate(app, 'updateLead', { leadId, ...input }, 'lead { id }', asRoot);
const log = (leadId: string) => app.services.database.prisma.change.findMany({ where: { leadId }, orderBy: { seq: 'asc' } });

it('a value that is there already is no change, in whatever order its keys come back', async () => {
  const said = { email: 'n@x.test', customData: { answers: { question: 'x', a: 1 }, zip: '1', b: 2 } };
  const { lead } = await postback(said);
  expect((await postback(said)).submission.outcome).toBe('UNCHANGED');
  const address = { line1: '1 Main St', city: 'Austin' };
  await edit(lead.id, { address });
  const before = await log(lead.uuid);
  await edit(lead.id, { address });
  await edit(lead.id, { customData: { b: 2, answers: { a: 1, question: 'x' } } });
  expect(await log(lead.uuid)).toEqual(before);
});

describe('a phone that changes', () => {
  it('takes along what was known of the former number, and the log says what that was', async () => {
    const { id } = await makeSource(app);
    const { lead } = await submitLead(app, id, { email: 'phone@x.test', phone: { number: '5125550123' } });
    await edit(lead.id, { phone: '(512) 555-0123' });
    await edit(lead.id, { phone: '+44 20 7946 0958' });
    await postback({ leadId: lead.id, phone: '5125550199' });
    const query = 'query ($id: ID!) { lead(by: { id: $id }) { phoneE164 phoneLookup { region } } }';
    expect((await app.graphql(query, { id: lead.id }, asRoot)).data.lead).toEqual({ phoneE164: '+15125550199', phoneLookup: null });
    const told = (await log(lead.uuid)).slice(1).map(({ summary, previous }) => ({ summary, previous }));
    expect(told).toEqual([
      { summary: 'Updated phone', previous: { phone: '5125550123' } },
      {
        summary: 'Updated phone',
        previous: { phone: '(512) 555-0123', phoneE164: '+15125550123', phoneLookup: expect.objectContaining({ region: 'TX' }) },
      },
      { summary: 'Updated phone', previous: { phone: '+44 20 7946 0958', phoneE164: '+442079460958' } },
    ]);
  });
});

describe('custom data', () => {
  const grown = [
    {
      path: ['customData'],
      code: 'TOO_BIG',
      message: expect.stringMatching(/^must be at most 64 KB as JSON, with what the lead holds already/),
    },
  ];

  it('of a lead has the limits of a request, however many requests brought it', async () => {
    const { lead } = await postback({ email: 'grows@x.test', customData: { first: 'x'.repeat(60_000) } });
    const more = { leadId: lead.id, customData: { second: 'x'.repeat(60_000) } };
    const { data } = await app.graphql(
      'mutation ($input: RecordPostbackInput!) { recordPostback(input: $input) { ... on InvalidInputError { issues { path code message } } } }',
      { input: more },
      asRoot,
    );
    expect(data.recordPostback.issues).toEqual(grown);
    const { issues } = await edit(lead.id, { customData: more.customData });
    expect(issues).toEqual(grown);
    const { status, body } = await app.send('POST', '/api/postback', { lead_id: lead.uuid, custom_data: more.customData }, asRoot);
    expect({ status, body }).toMatchObject({ status: 400, body: { issues: [{ path: 'custom_data', code: 'TOO_BIG' }] } });
    await edit(lead.id, { customData: { first: null, second: 'x'.repeat(60_000) } });
  });

  it('of a source has them in one request', async () => {
    const { id } = await makeSource(app);
    const sourceMetadata = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, 'x'.repeat(4000)]));
    const input = {
      sourceId: id,
      contact: { email: 'meta@x.test' },
      metadata: { trustedFormUrl: 'https://cert.trustedform.com/x', sourceMetadata },
      customer: {},
    };
    expect((await mutate(app, 'submitLead', input, 'lead { id }', asRoot)).issues).toMatchObject([
      { path: ['metadata', 'sourceMetadata'] },
    ]);
  });
});
