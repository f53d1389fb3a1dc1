import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mutate, newLead, passTime } from '../events/store.ts';
import { type Json, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let orgId: string;
const key = { 'x-api-key': 'root-key-of-this-test' };
beforeAll(async () => {
  app = await startApp({ API_KEY: key['x-api-key'] });
  const answer = await app.graphql('{ viewer { account { id } } }', undefined, key);
  orgId = answer.data.viewer.account.id;
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
});
afterAll(() => app.end());

const trigger = (body: unknown, headers?: Record<string, string>) => app.send('POST', '/api/event/trigger', body, headers);
const global = (body: unknown, query = '') => app.send('POST', `/api/event/global/${orgId}${query}`, body);
const lead = (input?: object): Promise<Json> => newLead(app, input, key);
const money = async (id: string): Promise<Json> =>
  (await app.graphql('query ($id: ID!) { lead(by: { id: $id }) { revenue cost adSpend payout } }', { id }, key)).data.lead;

async function countRows(): Promise<Json> {
  const tables = ['Lead', 'LeadEvent', 'EventFiring', 'LedgerEntry', 'Submission', 'Change'];
  const counts = tables.map((table) => `(SELECT count(*)::int FROM "${table}") AS "${table}"`);
  return (await app.services.database.readPool.query(`SELECT ${counts.join(', ')}`)).rows[0];
}

const refused = (status: number, message: string, code: string) => ({ status, body: { status, type: 'error', message, code } });

describe('POST /api/event/trigger', () => {
  it('fires an event without a key', async () => {
    const { transactionId } = await lead();
    const { status, body } = await trigger({ cid: 'spring', event_id: 'qualified', transaction_id: transactionId });
    expect([status, body]).toEqual([200, { status: 200, type: 'success', message: 'Event fired successfully' }]);
  });

  it('fires a conversion with its revenue', async () => {
    const { id, transactionId } = await lead();
    const { status, body } = await trigger({ cid: 'spring', event_id: 'sale', transaction_id: transactionId, revenue: 49.99 });
    expect([status, body]).toEqual([200, { status: 200, type: 'success', message: 'Conversion event fired successfully', revenue: 49.99 }]);
    expect(await money(id)).toEqual({ revenue: '49.99', cost: '0', adSpend: '0', payout: '4.999' });
  });

  it.each([
    [{ cid: 'spring', transaction_id: 'x' }, 'Missing event_id', { event_id: 'is required' }],
    [{ cid: 'spring', event_id: 'sale' }, 'Missing transaction_id', { transaction_id: 'is required' }],
    [{ event_id: 'sale', transaction_id: 'x' }, 'Missing cid', { cid: 'is required' }],
    [{ revenue: 'x' }, 'Missing event_id', { event_id: 'is required', transaction_id: 'is required', cid: 'is required' }],
    [{ cid: ' ', event_id: null, transaction_id: '' }, 'Missing event_id', expect.anything()],
  ])('names what is missing in %j', async (body, message, missingFields) => {
    expect(await trigger(body)).toMatchObject({ status: 400, body: { status: 400, type: 'error', message, missingFields } });
  });

  it('rows 18 and 47: checks in the documented order: campaign, lead, event, source, revenue, lock, duplicate', async () => {
    const { transactionId } = await lead();
    const before = await countRows();
    const bad = { cid: 'nope', event_id: 'nope', transaction_id: 'nope', pid: 'nope', revenue: 'NaN' };
    expect(await trigger(bad)).toMatchObject(refused(400, 'Invalid cid', 'CAMPAIGN_NOT_FOUND'));
    expect(await trigger({ ...bad, cid: 'spring' })).toMatchObject(refused(400, 'Lead not found', 'LEAD_NOT_FOUND'));
    const found = { ...bad, cid: 'spring', transaction_id: transactionId };
    expect(await trigger(found)).toMatchObject(refused(400, 'Invalid event_id', 'UNKNOWN_EVENT'));
    expect(await trigger({ ...found, event_id: 'off' })).toMatchObject(refused(400, 'Invalid event_id', 'UNKNOWN_EVENT'));
    expect(await trigger({ ...found, event_id: 'sale' })).toMatchObject(refused(403, 'Source is inactive', 'SOURCE_INACTIVE'));
    const known = { ...found, event_id: 'sale', pid: 'organic' };
    expect(await trigger(known)).toMatchObject(refused(400, 'Invalid revenue', 'VALIDATION_FAILED'));
    expect(await trigger({ ...known, revenue: undefined })).toMatchObject(
      refused(400, 'Missing revenue for conversion event', 'REVENUE_REQUIRED'),
    );
    expect(await countRows()).toEqual(before);
    expect(await trigger({ ...known, revenue: 1 })).toMatchObject({ status: 200 });
    expect(await trigger({ ...known, revenue: 1 })).toMatchObject(refused(403, 'Event is already being processed', 'EVENT_IN_PROGRESS'));
    await passTime(app, 1000);
    expect(await trigger({ ...known, revenue: 1 })).toMatchObject({ status: 403 });
    await passTime(app, 1000);
    expect(await trigger({ ...known, revenue: 1 })).toMatchObject(refused(400, 'Duplicate event', 'DUPLICATE_EVENT'));
  });

  it('lets an event that allows repeats be fired again after the lock', async () => {
    const { id, transactionId } = await lead();
    const body = { cid: 'spring', event_id: 'page_view', transaction_id: transactionId, revenue: 5 };
    expect((await trigger(body)).status).toBe(200);
    expect((await trigger(body)).status).toBe(403);
    await passTime(app, 2000);
    expect((await trigger(body)).status).toBe(200);
    expect(await money(id)).toMatchObject({ revenue: '0' });
  });

  it.each([
    ['1e400', 400],
    ['"NaN"', 400],
    ['-1', 400],
    ['"12"', 200, '12'],
    ['1e13', 400],
    ['9999999999999.999999', 200, '9999999999999.999999'],
    ['0.10000000000000000001', 400],
    ['12345678901.123456789012345678', 200, '12345678901.123456789012345678'],
    ['18.505', 200, '18.505'],
    ['0.30000000000000004', 200, '0.30000000000000004'],
    ['"0.123456789012345678"', 200, '0.123456789012345678'],
    ['"0.1234567890123456789"', 400],
    ['0', 200, '0'],
    ['0.0000005', 200, '0.0000005'],
    ['""', 400],
    ['{}', 400],
    ['true', 400],
  ])('row 17: takes the revenue %s: %i', async (revenue, status, stored?: string) => {
    const { id, transactionId } = await lead();
    const answer = await trigger(`{"cid":"spring","event_id":"sale","transaction_id":"${transactionId}","revenue":${revenue}}`);
    expect(answer.status).toBe(status);
    if (stored !== undefined) expect((await money(id)).revenue).toBe(stored);
    if (status === 400) expect((await money(id)).revenue).toBe('0');
  });

  it('takes the id of the lead as its transaction id, and sees through every spelling', async () => {
    const { id, uuid, transactionId } = await lead();
    expect(transactionId).toBe(`txn_${uuid}`);
    expect((await trigger({ cid: 'spring', event_id: 'qualified', transaction_id: uuid })).status).toBe(200);
    for (const spelling of [id, transactionId, uuid.toUpperCase()]) {
      expect((await trigger({ cid: 'spring', event_id: 'qualified', transaction_id: spelling })).status).toBe(403);
    }
  });

  it('answers in the same shape when the body is no JSON', async () => {
    expect(await trigger('{')).toMatchObject({
      status: 400,
      body: { status: 400, type: 'error', code: 'INVALID_JSON', request_id: expect.any(String) },
    });
    expect(await trigger([])).toMatchObject({ status: 400, body: { type: 'error', code: 'VALIDATION_FAILED' } });
  });

  it('runs once under an idempotency key, and gives its answer again', async () => {
    const { id, transactionId } = await lead();
    const body = { cid: 'spring', event_id: 'sale', transaction_id: transactionId, revenue: '7.5' };
    const answers = await Promise.all(Array.from({ length: 50 }, () => trigger(body, { 'idempotency-key': 'sale-1' })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
    expect(await trigger({ ...body, revenue: '8' }, { 'idempotency-key': 'sale-1' })).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
    expect((await money(id)).revenue).toBe('7.5');
  });
});

it.each(['', 'k'.repeat(256), 'two words'])('refuses the idempotency key %j', async (idempotencyKey) => {
  const headers = { 'idempotency-key': idempotencyKey };
  for (const path of ['/api/event/trigger', '/api/event/spring', `/api/event/global/${orgId}`]) {
    expect(await app.send('POST', path, {}, headers)).toMatchObject({
      status: 400,
      body: { type: 'error', code: 'IDEMPOTENCY_KEY_INVALID' },
    });
  }
});

it('reads no key: a wrong one does not matter', async () => {
  const { transactionId } = await lead();
  const body = { cid: 'spring', event_id: 'qualified', transaction_id: transactionId };
  expect(await trigger(body, { 'x-api-key': 'wrong', authorization: 'Bearer wrong' })).toMatchObject({ status: 200 });
});

describe('POST /api/event/:campaignId', () => {
  it('fires and enriches in one change, with every documented field', async () => {
    const { id, transactionId } = await lead({ email: 'before@events.test' });
    const answer = await app.send('POST', '/api/event/spring', {
      transaction_id: transactionId,
      event_id: 'sale',
      clid: 42,
      amount: '100',
      conversion_date: '2026-03-05 10:00:00',
      conversion_timezone: 'PST',
      sub1: 'a',
      sub5: 'e',
      adv2: 'b',
      utm_source: 'google',
      utm_adgroup: 'ads',
      external_clickid: 'x1',
      tcpa_consent_date: '2026-03-04',
      tcpa_consent: 1,
      cost: 10,
      cost_operation: 'add',
      adSpend: 2.5,
      min_price: 3,
      first_name: 'Jo',
      address: '1 Main St',
      zip: 78701,
      favourite: 'tea',
    });
    expect([answer.status, answer.body]).toEqual([
      200,
      { status: 200, type: 'success', message: 'Conversion event fired successfully', revenue: 100 },
    ]);
    const { data } = await app.graphql(
      `query ($id: ID!) { lead(by: { id: $id }) { firstName address { line1 postalCode } utm { source } customData revenue cost adSpend payout
        events { totalCount nodes { eventType { eventId } campaign { cid } isConversion revenue payout occurredAt details pid } }
        ledger { nodes { kind operation sent amount cause leadEvent { revenue } } }
        timeline { nodes { type summary previous leadEvent { revenue } submission { fields } } } } }`,
      { id },
      key,
    );
    expect(data.lead).toMatchInlineSnapshot(`
      {
        "adSpend": "2.5",
        "address": {
          "line1": "1 Main St",
          "postalCode": "78701",
        },
        "cost": "10",
        "customData": {
          "favourite": "tea",
        },
        "events": {
          "nodes": [
            {
              "campaign": {
                "cid": "spring",
              },
              "details": {
                "adv": [
                  null,
                  "b",
                  null,
                  null,
                  null,
                ],
                "clid": "42",
                "conversionDate": "2026-03-05 10:00:00",
                "conversionTimezone": "PST",
                "externalClickId": "x1",
                "minPrice": "3",
                "sub": [
                  "a",
                  null,
                  null,
                  null,
                  "e",
                ],
                "tcpaConsent": true,
                "tcpaConsentDate": "2026-03-04",
                "utm": {
                  "adgroup": "ads",
                  "source": "google",
                },
              },
              "eventType": {
                "eventId": "sale",
              },
              "isConversion": true,
              "occurredAt": "2026-03-05T18:00:00.000Z",
              "payout": "10",
              "pid": "organic",
              "revenue": "100",
            },
          ],
          "totalCount": 1,
        },
        "firstName": "Jo",
        "ledger": {
          "nodes": [
            {
              "amount": "10",
              "cause": "event sale",
              "kind": "PAYOUT",
              "leadEvent": {
                "revenue": "100",
              },
              "operation": "ADD",
              "sent": "10",
            },
            {
              "amount": "2.5",
              "cause": "event sale",
              "kind": "AD_SPEND",
              "leadEvent": {
                "revenue": "100",
              },
              "operation": "ADD",
              "sent": "2.5",
            },
            {
              "amount": "10",
              "cause": "event sale",
              "kind": "COST",
              "leadEvent": {
                "revenue": "100",
              },
              "operation": "ADD",
              "sent": "10",
            },
          ],
        },
        "payout": "10",
        "revenue": "100",
        "timeline": {
          "nodes": [
            {
              "leadEvent": null,
              "previous": null,
              "submission": {
                "fields": {
                  "email": "SET",
                },
              },
              "summary": "Lead created at Form Started",
              "type": "lead.created",
            },
            {
              "leadEvent": {
                "revenue": "100",
              },
              "previous": {
                "adSpend": "0",
                "address": null,
                "cost": "0",
                "customData": {},
                "firstName": null,
                "payout": "0",
                "revenue": "0",
                "utmSource": null,
              },
              "submission": {
                "fields": {
                  "address": "SET",
                  "customData": "SET",
                  "firstName": "SET",
                  "utmSource": "SET",
                },
              },
              "summary": "Converted: Sale, revenue 100",
              "type": "event.converted",
            },
          ],
        },
        "utm": {
          "source": "google",
        },
      }
    `);
  });

  it.each([
    ['conversion_date', '2026-02-30'],
    ['conversion_date', '9999999-01-01'],
    ['conversion_date', '2026-01-01T00:00:00+99:99'],
    ['conversion_date', '2026-01-01 25:00:00'],
    ['conversion_timezone', 'CET'],
    ['tcpa_consent_date', '2026-02-30'],
    ['tcpa_consent', 2],
    ['cost_operation', 'divide'],
    ['cost', 'much'],
    ['email', 'two@@example.com'],
    ['birth_date', '2999-01-01'],
  ])('row 20: refuses %s %j and stores nothing', async (name, value) => {
    const { transactionId } = await lead();
    const before = await countRows();
    const body = { transaction_id: transactionId, event_id: 'qualified', [name]: value };
    expect(await app.send('POST', '/api/event/spring', body)).toMatchObject({
      status: 400,
      body: { message: `Invalid ${name}`, invalidFields: { [name]: expect.any(String) } },
    });
    expect(await countRows()).toEqual(before);
  });

  it('adds, subtracts and overrides cost, and keeps each step', async () => {
    const { id, transactionId } = await lead();
    const steps = [
      ['add', '10', '10'],
      ['substract', '2.5', '7.5'],
      ['subtract', '0.1', '7.4'],
      ['override', '3', '3'],
      ['', '1', '4'],
    ] as const;
    for (const [cost_operation, cost, sum] of steps) {
      await passTime(app, 2000);
      expect(
        (await app.send('POST', '/api/event/spring', { transaction_id: transactionId, event_id: 'page_view', cost, cost_operation }))
          .status,
      ).toBe(200);
      expect((await money(id)).cost).toBe(sum);
    }
    const { data } = await app.graphql(
      'query ($id: ID!) { lead(by: { id: $id }) { ledger { nodes { operation sent amount } } } }',
      { id },
      key,
    );
    expect(data.lead.ledger.nodes.map((entry: Json) => `${entry.operation} ${entry.sent} ${entry.amount}`).toReversed()).toEqual([
      'ADD 10 10',
      'SUBTRACT 2.5 -2.5',
      'SUBTRACT 0.1 -0.1',
      'OVERRIDE 3 -4.4',
      'ADD 1 1',
    ]);
  });

  it('takes a form, and the id of the campaign', async () => {
    const { data } = await app.graphql('{ campaign(cid: "spring") { id } }', undefined, key);
    const { transactionId } = await lead();
    const response = await fetch(`${app.url}/api/event/${data.campaign.id}`, {
      method: 'POST',
      body: new URLSearchParams({ transaction_id: transactionId, event_id: 'sale', amount: '5', tcpa_consent: '0' }),
    });
    expect(await response.json()).toMatchObject({ status: 200, revenue: 5 });
  });

  it('refuses a campaign that there is not', async () => {
    expect(await app.send('POST', '/api/event/winter', { transaction_id: 'x', event_id: 'sale' })).toMatchObject(
      refused(400, 'Invalid cid', 'CAMPAIGN_NOT_FOUND'),
    );
  });
});

describe('POST /api/event/global/:orgId', () => {
  it('finds the campaign by the lead', async () => {
    const { transactionId } = await lead({ campaign: 'spring' });
    expect(await global({ transaction_id: transactionId, event_id: 'page_view' })).toMatchObject({ status: 200 });
    const other = await lead({ campaign: 'Spring' });
    expect(await global({ transaction_id: other.transactionId, event_id: 'off' })).toMatchObject(
      refused(400, 'Invalid event_id', 'UNKNOWN_EVENT'),
    );
  });

  it('takes its fields from the address, with or without a body, and the body wins', async () => {
    const { id, transactionId } = await lead();
    const query = `?transaction_id=${transactionId}&event_id=sale&revenue=1`;
    expect(await global(undefined, query)).toMatchObject({ status: 200, body: { revenue: 1 } });
    const other = await lead();
    expect(await global({ revenue: 2 }, query.replace(transactionId, other.transactionId))).toMatchObject({
      status: 200,
      body: { revenue: 2 },
    });
    expect([(await money(id)).revenue, (await money(other.id)).revenue]).toEqual(['1', '2']);
  });

  it('says 404 for a lead that the organization does not have', async () => {
    const { transactionId } = await lead();
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
