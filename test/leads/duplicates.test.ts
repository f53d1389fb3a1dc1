import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mutate } from '../events/store.ts';
import { asRoot, makeSource, rootKey, submitLead } from '../sources/intake.ts';
import { type Json, type RestAnswer, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let sourceId: string;
beforeAll(async () => {
  app = await startApp({ API_KEY: rootKey, SOURCE_RATE_LIMIT_PER_MINUTE: '0' });
  sourceId = (await makeSource(app)).id;
});
afterAll(() => app.end());

const submit = async (email: string, externalId?: string): Promise<Json> => (await submitLead(app, sourceId, { email }, externalId)).lead;
const postback = (body: object): Promise<RestAnswer> => app.send('POST', '/api/postback', body, asRoot);
const byEmail = async (email: string): Promise<string | undefined> =>
  (await app.graphql('query ($email: String!) { lead(by: { email: $email }) { id } }', { email }, asRoot)).data.lead?.id;

describe('a person whose email only a duplicate has', () => {
  it('is found by it, and no lead is made', async () => {
    const first = await submit('ext1@x.test', 'E1');
    const second = await submit('ext2@x.test', 'E1');
    expect(second.duplicateOf.id).toBe(first.id);
    expect((await postback({ email: 'EXT2@x.test', first_name: 'Z' })).body).toMatchObject({ lead_id: second.uuid, created: false });
    expect(await byEmail('ext2@x.test')).toBe(second.id);
    const third = await submit('ext2@x.test');
    expect(third.duplicateOf.id).toBe(first.id);
    expect((await postback({ email: 'ext2@x.test' })).body.lead_id).toBe(second.uuid);
  });

  it('is found by an email that the duplicate was given', async () => {
    await submit('given1@x.test', 'G1');
    const second = await submit('given2@x.test', 'G1');
    await postback({ lead_id: second.uuid, email: 'given3@x.test' });
    expect((await postback({ email: 'given3@x.test' })).body).toMatchObject({ lead_id: second.uuid, created: false });
  });

  it('is found by the former email of the first lead, and the first may have it back', async () => {
    const first = await submit('old@x.test');
    const second = await submit('old@x.test');
    expect((await postback({ lead_id: first.uuid, email: 'new@x.test' })).body).not.toHaveProperty('warnings');
    expect((await postback({ email: 'old@x.test' })).body).toMatchObject({ lead_id: second.uuid, created: false });
    expect(await mutate(app, 'updateLead', { leadId: first.id, email: 'old@x.test' }, 'lead { email }', asRoot)).toMatchObject({
      lead: { email: 'old@x.test' },
    });
    expect(await byEmail('old@x.test')).toBe(first.id);
  });

  it('stays known when the first lead is deleted, whichever of its duplicates is the oldest', async () => {
    const first = await submit('e@x.test', 'X');
    await submit('other@x.test', 'X');
    const again = await submit('e@x.test');
    await mutate(app, 'deleteLead', { leadId: first.id }, 'leadId', asRoot);
    expect(await byEmail('e@x.test')).toBe(again.id);
    expect((await postback({ email: 'e@x.test' })).body.created).toBe(false);
  });
});

it('row 46: a lead that reports its own email has no conflict; that of another lead is one', async () => {
  await submit('own@x.test');
  const duplicate = await submit('own@x.test');
  await submit('someone@x.test');
  expect((await postback({ lead_id: duplicate.uuid, email: 'OWN@x.test', first_name: 'Q' })).body).not.toHaveProperty('warnings');
  expect((await postback({ lead_id: duplicate.uuid, email: 'someone@x.test' })).body).toMatchObject({ conflicts: ['email'] });
});
