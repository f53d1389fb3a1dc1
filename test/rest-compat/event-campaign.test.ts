import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { passTime } from '../events/store.ts';
import type { Json, TestApp } from '../support/app.ts';
import { countRows, key, lead, money, refused, startEventApp } from './event-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startEventApp();
});
afterAll(() => app.end());

describe('POST /api/event/:campaignId', () => {
  it('fires and enriches in one change, with every documented field', async () => {
    const { id, transactionId } = await lead(app, { email: 'before@events.test' });
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
    ['tcpa_consent_date', '0000-01-01'],
    ['tcpa_consent', 2],
    ['cost_operation', 'divide'],
    ['cost', 'much'],
    ['email', 'two@@example.com'],
    ['birth_date', '2999-01-01'],
  ])('row 20: refuses %s %j and stores nothing', async (name, value) => {
    const { transactionId } = await lead(app);
    const before = await countRows(app);
    const body = { transaction_id: transactionId, event_id: 'qualified', [name]: value };
    expect(await app.send('POST', '/api/event/spring', body)).toMatchObject({
      status: 400,
      body: { message: `Invalid ${name}`, invalidFields: { [name]: expect.any(String) } },
    });
    expect(await countRows(app)).toEqual(before);
  });

  it('adds, subtracts and overrides cost, and keeps each step', async () => {
    const { id, transactionId } = await lead(app);
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
      expect((await money(app, id)).cost).toBe(sum);
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

  it('takes the names that the documents have for the phone and the birthday of a lead', async () => {
    const query = 'query ($id: ID!) { lead(by: { id: $id }) { phone phoneE164 birthDate customData } }';
    const fired = async (fields: object): Promise<Json> => {
      const { id, transactionId } = await lead(app);
      const body = { transaction_id: transactionId, event_id: 'qualified', ...fields };
      expect((await app.send('POST', '/api/event/spring', body)).status).toBe(200);
      return (await app.graphql(query, { id }, key)).data.lead;
    };
    expect(await fired({ mobile: 5125550123, date_of_birth: '1980-02-03' })).toEqual({
      phone: '5125550123',
      phoneE164: '+15125550123',
      birthDate: '1980-02-03',
      customData: {},
    });
    expect(await fired({ mobile: '5125550123', phone: '5125550199' })).toMatchObject({
      phone: '5125550199',
      customData: { mobile: '5125550123' },
    });
    const { transactionId } = await lead(app);
    const bad = { transaction_id: transactionId, event_id: 'qualified', date_of_birth: '1980-02-30' };
    expect(await app.send('POST', '/api/event/spring', bad)).toMatchObject({ status: 400, body: { message: 'Invalid date_of_birth' } });
  });

  it('takes a form, and the id of the campaign', async () => {
    const { data } = await app.graphql('{ campaign(cid: "spring") { id } }', undefined, key);
    const { transactionId } = await lead(app);
    const response = await fetch(`${app.url}/api/event/${data.campaign.id}`, {
      method: 'POST',
      body: new URLSearchParams({ transaction_id: transactionId, event_id: 'sale', amount: '5', tcpa_consent: '0' }),
    });
    expect(await response.json()).toMatchObject({ status: 200, revenue: 5 });
  });

  it('takes the last of several fields of one name in a form', async () => {
    const { transactionId } = await lead(app);
    const body = new URLSearchParams([
      ['transaction_id', 'nope'],
      ['transaction_id', transactionId],
      ['event_id', 'sale'],
      ['amount', '5'],
      ['amount', '6'],
    ]);
    const response = await fetch(`${app.url}/api/event/spring`, { method: 'POST', body });
    expect(await response.json()).toMatchObject({ status: 200, revenue: 6 });
  });

  it('keeps a field named __proto__ as custom data like any other', async () => {
    const { id, transactionId } = await lead(app);
    const body = `{"transaction_id":"${transactionId}","event_id":"qualified","__proto__":"x","constructor":"y"}`;
    expect((await app.send('POST', '/api/event/spring', body)).status).toBe(200);
    const { data } = await app.graphql('query ($id: ID!) { lead(by: { id: $id }) { customData } }', { id }, key);
    expect(Object.entries(data.lead.customData)).toEqual(
      expect.arrayContaining([
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ]),
    );
  });

  it('refuses a campaign that there is not', async () => {
    expect(await app.send('POST', '/api/event/winter', { transaction_id: 'x', event_id: 'sale' })).toMatchObject(
      refused(400, 'Invalid cid', 'CAMPAIGN_NOT_FOUND'),
    );
  });
});
