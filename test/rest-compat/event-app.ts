import { mutate, newLead } from '../events/store.ts';
import { type Json, startApp, type TestApp } from '../support/app.ts';

/** The root key of {@link startEventApp}. The event endpoints need none. */
export const key = { 'x-api-key': 'root-key-of-this-test' };

/** A server with a campaign `spring` and its events: a conversion, one that fires once, one that may repeat, one that is off. */
export async function startEventApp(): Promise<TestApp> {
  const app = await startApp({ API_KEY: key['x-api-key'] });
  await mutate(
    app,
    'createEventType',
    { eventId: 'sale', name: 'Sale', isConversion: true, payout: { percent: '10' } },
    'eventType { id }',
    key,
  );
  await mutate(app, 'createEventType', { eventId: 'qualified' }, 'eventType { id }', key);
  const events = [
    { eventId: 'sale' },
    { eventId: 'qualified' },
    { eventId: 'page_view', allowRepeats: true },
    { eventId: 'off', enabled: false },
  ];
  await mutate(app, 'createCampaign', { cid: 'spring', name: 'Spring', events }, 'campaign { id }', key);
  return app;
}

export const lead = (app: TestApp, input?: object): Promise<Json> => newLead(app, input, key);

export const money = async (app: TestApp, id: string): Promise<Json> =>
  (await app.graphql('query ($id: ID!) { lead(by: { id: $id }) { revenue cost adSpend payout } }', { id }, key)).data.lead;

export async function countRows(app: TestApp): Promise<Json> {
  const tables = ['Lead', 'LeadEvent', 'EventFiring', 'LedgerEntry', 'Submission', 'Change'];
  const counts = tables.map((table) => `(SELECT count(*)::int FROM "${table}") AS "${table}"`);
  return (await app.services.database.readPool.query(`SELECT ${counts.join(', ')}`)).rows[0];
}

export const organization = async (app: TestApp): Promise<string> =>
  (await app.graphql('{ viewer { account { id } } }', undefined, key)).data.viewer.account.id;

export const refused = (status: number, message: string, code: string) => ({ status, body: { status, type: 'error', message, code } });
