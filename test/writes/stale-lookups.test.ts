import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mutate } from '../events/store.ts';
import { asRoot, makeSource, rootKey, submitLead } from '../sources/intake.ts';
import { type Json, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let sourceId: string;
beforeAll(async () => {
  app = await startApp({ API_KEY: rootKey, SOURCE_RATE_LIMIT_PER_MINUTE: '0' });
  sourceId = (await makeSource(app)).id;
});
afterAll(() => app.end());

/** Sends them in order, so that one batch takes them all: while somebody else has the account's turn, two plugs fill the way in. */
async function inOneBatch(requests: readonly (() => Promise<Json>)[]): Promise<Json[]> {
  const client = await app.services.database.readPool.connect();
  await client.query('BEGIN');
  await client.query('SELECT FROM "LogHead" FOR UPDATE');
  const sent: Promise<Json>[] = [];
  const plug = () => app.send('POST', '/api/postback', { email: `${crypto.randomUUID()}@x.test` }, asRoot);
  for (const request of [plug, plug, ...requests]) {
    sent.push(request());
    await sleep(30);
  }
  await client.query('COMMIT');
  client.release();
  return (await Promise.all(sent)).slice(2);
}

const submit = (email: string, externalId?: string): Promise<Json> => submitLead(app, sourceId, { email }, externalId);
const edit = (leadId: string, input: object) => mutate(app, 'updateLead', { leadId, ...input }, 'lead { id }', asRoot);
const remove = (leadId: string) => mutate(app, 'deleteLead', { leadId }, 'leadId', asRoot);
const postback = (input: object): Promise<Json> => mutate(app, 'recordPostback', input, 'created lead { id }', asRoot);
const report = (crmLeadId: string) =>
  mutate(app, 'recordCrmActivity', { crmLeadId, payload: { status: 'won' } }, 'stored lead { id }', asRoot);

it('the next lead that a source called so is found, when the first is deleted in the same batch', async () => {
  const first = await submit('f1@x.test', 'X');
  await submit('f2@x.test', 'X');
  const [, last] = await inOneBatch([() => remove(first.lead.id), () => submit('f3@x.test', 'X')]);
  expect(last.submission.outcome).toBe('DUPLICATE');
});

it('a lead that is called otherwise since a moment repeats nothing', async () => {
  const { lead } = await submit('g1@x.test', 'Y');
  const [, last] = await inOneBatch([() => edit(lead.id, { externalId: 'Z' }), () => submit('g2@x.test', 'Y')]);
  expect(last.submission.outcome).toBe('CREATED');
});

it('the CRM means the submission that has its id, when the lead got another in the same batch', async () => {
  const { lead } = await postback({ email: 'crm@x.test', crmLeadId: 'c1' });
  const [, last] = await inOneBatch([() => edit(lead.id, { crmLeadId: 'c2' }), () => report('c1')]);
  expect(last).toMatchObject({ stored: true, lead: { id: lead.id } });
});

it('an email means the next duplicate, when the only lead that was known by it is deleted in the same batch', async () => {
  await submit('h0@x.test', 'H');
  const [first, second] = [await submit('h@x.test', 'H'), await submit('h@x.test', 'H')];
  const [, last] = await inOneBatch([() => remove(first.lead.id), () => postback({ email: 'h@x.test' })]);
  expect(last).toMatchObject({ created: false, lead: { id: second.lead.id } });
});
