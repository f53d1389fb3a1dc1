import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ CRM_WEBHOOK_SECRET: secret });
});
afterAll(() => app.end());

const secret = 'the secret of the CRM';
const step = 40;
const steps = 15;
/** The changes of one lead, for example. */
const mostRowsOfAKey = 10;

/** What comes to know a lead by each of its keys. */
async function send(n: number): Promise<void> {
  const lead = { email: `lead${n}@example.com`, stage: 'Form Started', transaction_id: `t-${n}`, crm_lead_id: `crm-${n}` };
  const answers = [
    await app.send('POST', '/api/postback', lead, { 'idempotency-key': `k-${n}` }),
    await app.send('POST', '/api/postback', { ...lead, stage: 'Application Submitted' }),
    await app.send('POST', '/webhooks/crm/lead', { event_type: 'note', crm_lead_id: `crm-${n}` }, { 'x-api-key': secret }),
    await app.send('POST', '/webhooks/crm/lead', { event_type: 'note', crm_lead_id: `waits-${n}` }, { 'x-api-key': secret }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([201, 200, 200, 200]);
}

/** The next statements are planned anew, by whatever the tables look like then. What a connection counted is known when it has ended. */
const renewConnections = () =>
  app.services.database.readPool.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'leadgraph writer'`,
  );

it('a batch looks leads up by their keys, however young the tables were when its connection planned that', async () => {
  for (let i = 0; i < steps; i += 1) {
    await renewConnections();
    await Promise.all(Array.from({ length: step }, (_, j) => send(i * step + j)));
  }
  await renewConnections();
  // The log alone is read by stretches.
  const { rows } = await app.services.database.readPool.query<{ index: string; scans: number; read: number }>(
    `SELECT indexrelname AS index, idx_scan::int AS scans, idx_tup_read::int AS read FROM pg_stat_user_indexes
     WHERE relname IN ('Lead', 'Submission', 'CrmActivity', 'Change', 'IdempotencyRecord') AND idx_scan > 0 AND indexrelname <> 'Change_pkey'`,
  );
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.filter(({ scans, read }) => read > mostRowsOfAKey * scans)).toEqual([]);
});
