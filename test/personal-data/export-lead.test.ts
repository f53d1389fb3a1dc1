import { afterAll, beforeAll, expect, it } from 'vitest';
import { mutate, newLead } from '../events/store.ts';
import { until } from '../live/change-log.ts';
import { flatLead, makeSource, post } from '../sources/intake.ts';
import { type Json, startApp, type TestApp } from '../support/app.ts';
import { type Receiver, startReceiver } from '../webhooks/receiver.ts';

const rootKey = 'the-root-key';
const asRoot = { 'x-api-key': rootKey };
const crm = { authorization: 'Bearer a-secret-of-the-crm' };
let app: TestApp;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
  app = await startApp({
    API_KEY: rootKey,
    CRM_WEBHOOK_SECRET: 'a-secret-of-the-crm',
    WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8',
    SECRETS_KEY: 'a key for this test only',
  });
});
afterAll(async () => {
  await app.end();
  await receiver.close();
});

const document = 'query ($id: ID!) { exportLead(leadId: $id) { leadId exportedAt isComplete data } }';

async function exportLead(id: string): Promise<Json> {
  const { data, errors } = await app.graphql(document, { id }, asRoot);
  expect(errors).toBeUndefined();
  return data.exportLead;
}

it('hands out everything that is stored of a person, and nothing of anybody else', async () => {
  await mutate(app, 'createEventType', { eventId: 'sale', isConversion: true, payout: { percent: '10' } }, 'eventType { id }', asRoot);
  await mutate(app, 'createWebhook', { name: 'Buyer', url: `${receiver.url}/x`, events: ['lead.created'] }, 'webhook { id }', asRoot);
  const source = await makeSource(app, { name: 'Partner', costPerLead: '18.505' });
  await newLead(app, { email: 'other@example.com', firstName: 'Olga' }, asRoot);
  await post(app, source, flatLead({ email: 'vera@example.com', lastName: 'Wrz', birthDate: '1990-02-03', phone: '5125550147' }));
  const { id } = (await app.graphql('{ lead(by: { email: "vera@example.com" }) { id } }', {}, asRoot)).data.lead;
  await post(app, source, flatLead({ email: 'vera@example.com', lastName: 'Again' }));
  await post(app, source, flatLead({ email: 'VERA@example.com', lastName: 'Refused', state: 'ZZ' }));
  await app.send('POST', '/api/postback', { lead_id: id, stage: 'Paid', crm_lead_id: 'crm-1' }, { ...asRoot, 'idempotency-key': 'pb-1' });
  await app.send('POST', '/webhooks/crm/lead', { crm_lead_id: 'crm-1', status: 'won', amount: 1.5 }, crm);
  await app.send('POST', '/webhooks/crm/lead', { crm_lead_id: 'crm-unknown', contact: 'vera@example.com' }, crm);
  await mutate(
    app,
    'fireEvent',
    { orgId: await accountId(), eventId: 'sale', transactionId: id, revenue: '20', cost: '0.1' },
    'lead { id }',
    asRoot,
  );
  await until('the webhook was told', () => receiver.calls.some(({ body }) => body.includes('vera@example.com')));
  await until('and it is noted', async () => (await exportLead(id)).data.deliveries[0]?.attempts.length === 1);

  const { leadId, isComplete, data } = await exportLead(id);
  expect([leadId, isComplete]).toEqual([id, true]);
  expect(data).toMatchObject({
    lead: { email: 'vera@example.com', birthDate: '1990-02-03', cost: '18.605', revenue: '20', payout: '2', stage: 'Paid' },
    stageHistory: [{ toStage: 'Form Started' }, { fromStage: 'Form Started', toStage: 'Paid' }],
    submissions: [
      { outcome: 'CREATED', body: { email: 'vera@example.com' } },
      { outcome: 'UPDATED', body: { stage: 'Paid' } },
    ],
    events: [{ eventId: 'sale', revenue: '20', isConversion: true }],
    ledger: [{ amount: '18.505' }, { amount: '0.1' }, { kind: 'PAYOUT', amount: '2' }],
    crmActivity: [{ status: 'won', payload: { amount: 1.5 } }],
    timeline: [
      { type: 'lead.created', data: { lead: { email: 'vera@example.com' } } },
      { type: 'lead.updated', previous: { crmLeadId: null } },
      { type: 'stage.changed' },
      { type: 'crm.activity' },
      { type: 'event.converted' },
    ],
    deliveries: [
      { webhookName: 'Buyer', status: 'DELIVERED', attempts: [{ number: 1, statusCode: 200, responseBody: 'Webhook received' }] },
    ],
    conversation: { status: 'NEEDS_REPLY' },
    duplicates: [{ number: 3 }],
    storedAnswers: [{ operation: 'recordPostback', key: 'pb-1' }],
    refusedSubmissions: [{ outcome: 'REJECTED', body: { lastName: 'Refused' } }],
    waitingCrmActivity: [{ crmLeadId: 'crm-unknown' }],
  });
  for (const rows of [data.submissions, data.events, data.timeline, data.deliveries])
    expect(rows[0].recordedAt ?? rows[0].receivedAt ?? rows[0].createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(JSON.stringify(data)).not.toMatch(/other@example|Olga|Again/);

  async function accountId(): Promise<string> {
    const { data: answer } = await app.graphql('{ viewer { account { id } } }', {}, asRoot);
    return answer.viewer.account.id;
  }
});

it("is for administrators of the account, and null for everybody else's leads", async () => {
  const { id } = await newLead(app, { email: 'mine@example.com' }, asRoot);
  for (const scope of ['INGEST', 'VIEWER', 'EDITOR']) {
    const { token } = await mutate(app, 'createApiKey', { name: scope, scope }, 'token', asRoot);
    const { errors } = await app.graphql(document, { id }, { 'x-api-key': token });
    expect(errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  }
  const { token } = await mutate(app, 'createAccount', { name: 'Others' }, 'token', asRoot);
  expect((await app.graphql(document, { id }, { 'x-api-key': token })).data.exportLead).toBeNull();
  for (const unknown of [crypto.randomUUID(), 'nonsense']) expect(await exportLead(unknown)).toBeNull();
});

it('knows every table that names a lead', async () => {
  const { rows } = await app.services.database.readPool.query<{ table_name: string }>(
    `SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'leadId' ORDER BY 1`,
  );
  const exported = [
    'Change',
    'Conversation',
    'CrmActivity',
    'Delivery',
    'IdempotencyRecord',
    'LeadEvent',
    'LedgerEntry',
    'StageChange',
    'Submission',
  ];
  // Made of what is exported: words to find the lead by, a certificate to ask for again, how often an event was fired.
  const derived = ['CertificateCheck', 'EventFiring', 'LeadSearch'];
  expect(rows.map((row) => row.table_name)).toEqual([...exported, ...derived].toSorted());
});
