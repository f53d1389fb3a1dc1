import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestApp } from '../support/app.ts';
import { key, lead, money, organization, refused, startEventApp } from './event-app.ts';

let app: TestApp;
let orgId: string;
beforeAll(async () => {
  app = await startEventApp();
  orgId = await organization(app);
});
afterAll(() => app.end());

const global = (body: unknown, query = '') => app.send('POST', `/api/event/global/${orgId}${query}`, body);

describe('POST /api/event/global/:orgId', () => {
  it('finds the campaign by the lead', async () => {
    const { transactionId } = await lead(app, { campaign: 'spring' });
    expect(await global({ transaction_id: transactionId, event_id: 'page_view' })).toMatchObject({ status: 200 });
    const other = await lead(app, { campaign: 'Spring' });
    expect(await global({ transaction_id: other.transactionId, event_id: 'off' })).toMatchObject(
      refused(400, 'Invalid event_id', 'UNKNOWN_EVENT'),
    );
  });

  it('takes its fields from the address, with or without a body, and the body wins', async () => {
    const { id, transactionId } = await lead(app);
    const query = `?transaction_id=${transactionId}&event_id=sale&revenue=1`;
    expect(await global(undefined, query)).toMatchObject({ status: 200, body: { revenue: 1 } });
    const other = await lead(app);
    expect(await global({ revenue: 2 }, query.replace(transactionId, other.transactionId))).toMatchObject({
      status: 200,
      body: { revenue: 2 },
    });
    expect([(await money(app, id)).revenue, (await money(app, other.id)).revenue]).toEqual(['1', '2']);
  });

  it('says 404 for a lead that the organization does not have', async () => {
    const { transactionId } = await lead(app);
    const other = await app.graphql(
      'mutation { createAccount(input: { name: "Other" }) { ... on CreateAccountSuccess { account { id } } } }',
      undefined,
      key,
    );
    const notFound = refused(404, 'Lead not found', 'LEAD_NOT_FOUND');
    expect(await global({ transaction_id: 'nope', event_id: 'sale' })).toMatchObject(notFound);
    const foreign = `/api/event/global/${other.data.createAccount.account.id}`;
    expect(await app.send('POST', foreign, { transaction_id: transactionId, event_id: 'sale' })).toMatchObject(notFound);
    expect(await app.send('POST', '/api/event/global/nope', { transaction_id: transactionId, event_id: 'sale' })).toMatchObject(notFound);
  });

  it('names what is missing', async () => {
    expect(await global(undefined)).toMatchObject({ status: 400, body: { message: 'Missing event_id' } });
  });
});
