import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json, startApp, type TestApp } from '../support/app.ts';
import { mutate, newLead, passTime } from './store.ts';

const key = { 'x-api-key': 'root-key-of-this-test' };
let app: TestApp;
beforeAll(async () => {
  app = await startApp({ API_KEY: key['x-api-key'] });
  await mutate(app, 'createEventType', { eventId: 'sale', isConversion: true, payout: { fixed: 2 } }, 'eventType { id }', key);
  await mutate(app, 'createEventType', { eventId: 'visit', allowRepeats: true }, 'eventType { id }', key);
  await mutate(app, 'createCampaign', { cid: 'spring' }, 'campaign { id }', key);
});
afterAll(() => app.end());

const selection = 'leadEvent { isConversion revenue payout details } lead { id email transactionId stage { name } }';
const fire = (input: object, headers?: Record<string, string>): Promise<Json> => mutate(app, 'fireEvent', input, selection, headers);
const lead = (input?: object): Promise<Json> => newLead(app, input, key);

async function keyOf(scope: string, headers = key): Promise<Record<string, string>> {
  return { 'x-api-key': (await mutate(app, 'createApiKey', { name: crypto.randomUUID(), scope }, 'token', headers)).token };
}

describe('fireEvent', () => {
  it('works for the account of the key when no scope is named', async () => {
    const { transactionId } = await lead({ email: 'seen@events.test' });
    expect(await fire({ eventId: 'sale', transactionId, revenue: '5' }, await keyOf('EDITOR'))).toMatchObject({
      leadEvent: { isConversion: true, revenue: '5', payout: '2' },
      lead: { email: 'seen@events.test' },
    });
  });

  it('shows ids only to whoever may not read', async () => {
    for (const headers of [undefined, await keyOf('INGEST')]) {
      const { id, transactionId } = await lead({ email: `${crypto.randomUUID()}@events.test` });
      expect(await fire({ cid: 'spring', eventId: 'sale', transactionId, revenue: '5', clid: 'x' }, headers)).toMatchObject({
        leadEvent: { revenue: '5', payout: null, details: {} },
        lead: { id, email: null, transactionId },
      });
    }
  });

  it('needs a scope or a key, and a key that may hand in', async () => {
    const { transactionId } = await lead();
    for (const [headers, code] of [
      [undefined, 'UNAUTHENTICATED'],
      [await keyOf('VIEWER'), 'FORBIDDEN'],
    ] as const) {
      const answer = await app.graphql(
        `mutation { fireEvent(input: { eventId: "sale", transactionId: "${transactionId}", revenue: 1 }) { __typename } }`,
        undefined,
        headers,
      );
      expect(answer.errors?.[0]?.extensions['code']).toBe(code);
    }
  });

  it('keeps the key of an account within it', async () => {
    const other = await mutate(app, 'createAccount', { name: 'Other' }, 'token account { id }', key);
    const otherKey = { 'x-api-key': other.token };
    const { transactionId } = await lead();
    expect(await fire({ cid: 'spring', eventId: 'visit', transactionId }, otherKey)).toMatchObject({ code: 'CAMPAIGN_NOT_FOUND' });
    expect(await fire({ eventId: 'visit', transactionId }, otherKey)).toMatchObject({ code: 'LEAD_NOT_FOUND' });
    expect(await fire({ orgId: other.account.id, cid: 'spring', eventId: 'visit', transactionId })).toMatchObject({
      code: 'CAMPAIGN_NOT_FOUND',
    });
  });

  it('lets only active sources fire', async () => {
    const source = await mutate(app, 'createSource', { name: 'Partner', pid: 'p-1' }, 'source { id }', key);
    const { transactionId } = await lead();
    expect(await fire({ cid: 'spring', eventId: 'visit', transactionId, pid: 'p-1' })).toMatchObject({ __typename: 'FireEventSuccess' });
    await mutate(app, 'updateSource', { sourceId: source.source.id, enabled: false }, 'source { id }', key);
    await passTime(app, 2000);
    expect(await fire({ cid: 'spring', eventId: 'visit', transactionId, pid: 'p-1' })).toMatchObject({ code: 'SOURCE_INACTIVE' });
  });

  it('reports an email that belongs to another lead, and keeps the rest', async () => {
    await lead({ email: 'taken@events.test' });
    const { id, transactionId } = await lead({ email: 'own@events.test' });
    await fire(
      { cid: 'spring', eventId: 'visit', transactionId, leadFields: { email: 'Taken@events.test', lastName: 'Doe', score: 99, id: 'x' } },
      key,
    );
    const { data } = await app.graphql(
      'query ($id: ID!) { lead(by: { id: $id }) { email lastName score customData submissions { nodes { outcome fields reasons } } } }',
      { id },
      key,
    );
    expect(data.lead).toMatchObject({ email: 'own@events.test', lastName: 'Doe', score: null, customData: { score: 99, id: 'x' } });
    expect(data.lead.submissions.nodes[0]).toMatchObject({
      outcome: 'UPDATED',
      fields: { email: 'CONFLICT', lastName: 'SET', customData: 'SET' },
      reasons: ['EMAIL_CONFLICT'],
    });
  });

  it('goes with its lead', async () => {
    const { id, transactionId } = await lead();
    await fire({ cid: 'spring', eventId: 'sale', transactionId, revenue: '5', cost: '1' });
    await mutate(app, 'deleteLead', { leadId: id }, 'leadId', key);
    const tables = ['LeadEvent', 'EventFiring', 'LedgerEntry'];
    for (const table of tables) {
      const { rows } = await app.services.database.readPool.query(`SELECT FROM "${table}" WHERE "leadId" = $1`, [id.slice('lead_'.length)]);
      expect(rows).toHaveLength(0);
    }
    expect(await fire({ cid: 'spring', eventId: 'sale', transactionId, revenue: '5' })).toMatchObject({ code: 'LEAD_NOT_FOUND' });
  });
});

describe('a transaction id', () => {
  it('that a sender gave is kept, unique in the account, and names the lead', async () => {
    const { id } = await lead({ transactionId: 'click-1' });
    const record = (input: object): Promise<Json> =>
      mutate(app, 'recordPostback', input, 'lead { id transactionId } submission { fields reasons }', key);
    expect(await record({ leadId: id, transactionId: 'click-2' })).toMatchObject({
      lead: { transactionId: 'click-1' },
      submission: { fields: { transactionId: 'CONFLICT' }, reasons: ['TRANSACTION_ID_CONFLICT'] },
    });
    const second = await record({ email: 'second@events.test', transactionId: 'click-1' });
    expect(second).toMatchObject({ submission: { fields: { transactionId: 'CONFLICT' } } });
    expect(await record({ transactionId: `txn_${id.slice('lead_'.length)}` })).toMatchObject({
      submission: { fields: { transactionId: 'CONFLICT' } },
    });
    expect(await fire({ cid: 'spring', eventId: 'sale', transactionId: 'click-1', revenue: 1 }, key)).toMatchObject({ lead: { id } });
    const find = async (transactionId: string): Promise<Json> =>
      (await app.graphql('query ($t: String!) { lead(by: { transactionId: $t }) { id } }', { t: transactionId }, key)).data.lead;
    expect(await find('click-1')).toEqual({ id });
    expect(await find(second.lead.transactionId)).toEqual({ id: second.lead.id });
    expect(await find('click-2')).toBeNull();
  });

  it('is one lead also when two arrive with it at the same moment', async () => {
    const leads = await Promise.all([1, 2, 3].map(() => lead({ transactionId: 'click-3' })));
    expect(leads.filter((one) => one.transactionId === 'click-3')).toHaveLength(1);
  });
});

describe('the list of leads', () => {
  it('shows those at which an event was fired, in every order', async () => {
    await mutate(app, 'createEventType', { eventId: 'rare' }, 'eventType { id }', key);
    const leads = await Promise.all(Array.from({ length: 5 }, () => lead()));
    for (const one of [leads[1], leads[3]]) await fire({ cid: 'spring', eventId: 'rare', transactionId: one.transactionId });
    for (const orderBy of ['NEWEST', 'OLDEST', 'RECENTLY_UPDATED', 'STAGE']) {
      const { data, errors } = await app.graphql(
        `{ leads(orderBy: ${orderBy}, filter: { hasEvent: "rare" }) { totalCount nodes { number } } none: leads(filter: { hasEvent: "never" }) { totalCount } }`,
        undefined,
        key,
      );
      expect(errors).toBeUndefined();
      expect(data.none.totalCount).toBe(0);
      expect(data.leads.totalCount).toBe(2);
      const numbers = new Set(data.leads.nodes.map((node: Json) => node.number));
      expect(numbers).toEqual(new Set([leads[1].number, leads[3].number]));
    }
  });
});
