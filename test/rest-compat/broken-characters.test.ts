import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mutate } from '../events/store.ts';
import { until } from '../live/change-log.ts';
import { flatLead, makeSource, post, rootKey, type SourceAccess } from '../sources/intake.ts';
import { type RestAnswer, startApp, type TestApp } from '../support/app.ts';

const key = { 'x-api-key': rootKey };
let app: TestApp;
let source: SourceAccess;
beforeAll(async () => {
  app = await startApp({ API_KEY: rootKey });
  source = await makeSource(app);
  await mutate(app, 'createEventType', { eventId: 'view', allowRepeats: true }, 'eventType { id }', key);
  await mutate(app, 'createCampaign', { cid: 'spring', name: 'Spring', events: [{ eventId: 'view' }] }, 'campaign { id }', key);
});
afterAll(() => app.end());

const postback = (body: object): Promise<RestAnswer> => app.send('POST', '/api/postback', body, key);
const event = async (fields: object): Promise<RestAnswer> => {
  const { body } = await postback({ email: 'event@example.com' });
  return app.send('POST', '/api/event/trigger', { cid: 'spring', event_id: 'view', transaction_id: body.lead_id, ...fields });
};

/** Half of a character, as a careless sender cuts a text; and what no text can hold. Others beside them must not hide them. */
const broken = ['\ud800', 'x\udfff', 'x\0', 'x\u0007'];
const besides = [{}, { first_name: 'a\0b', firstName: 'a\0b' }, { custom_data: { n: 'a\0b' }, notes: '\ud800' }];

describe('rows 13 and 14: a character that cannot be stored', () => {
  it.each([
    ['phone', postback],
    ['email', postback],
    ['lead_id', postback],
    ['crm_lead_id', postback],
    ['transaction_id', postback],
    ['externalId', (body: Record<string, unknown>) => post(app, source, flatLead(body))],
    ['sellerLeadId', (body: Record<string, unknown>) => post(app, source, flatLead(body))],
    ['email', (body: Record<string, unknown>) => post(app, source, flatLead(body))],
    ['phone', (body: Record<string, unknown>) => post(app, source, flatLead(body))],
    ['email', event],
    ['phone', event],
    ['mobile', event],
    ['external_id', event],
  ] as const)('is refused in %s', async (name, send) => {
    for (const text of broken)
      for (const beside of besides) {
        const value = name === 'email' ? `${text}@example.com` : text;
        const { status, body } = await send({ ...beside, [name]: value });
        expect({ status, name, value, beside, body }).toMatchObject({ status: 400 });
      }
  });

  it('is replaced in a text, and the numbers go on', async () => {
    const { body } = await postback({ email: 'numbers@example.com', first_name: 'a\ud800\0', custom_data: { 'k\ud800': 'v\0' } });
    expect(body.warnings).toEqual(expect.arrayContaining(['CHAR_REPLACED: first_name']));
    const { data } = await app.graphql('{ changes(first: 1) { totalCount } }', {}, key);
    await until('all is counted', async () => {
      const answer = await app.graphql('{ analytics { seq } }', {}, key);
      return answer.data.analytics.seq === data.changes.totalCount;
    });
  });
});

it('row 21: an id that no index could hold is refused, however it is made', async () => {
  const long = Array.from({ length: 4000 }, (_, i) => String.fromCharCode(97 + ((i * i * 7919) % 26))).join('');
  const answers = await Promise.all([
    post(app, source, flatLead({ externalId: long })),
    post(app, source, flatLead({ externalId: 'a'.repeat(256) })),
    event({ external_id: long }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
  expect((await post(app, source, flatLead({ externalId: 'a'.repeat(255) }))).status).toBe(201);
});
