import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Json, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.end());

async function ask(query: string, variables?: Record<string, unknown>): Promise<Json> {
  const { data, errors } = await app.graphql(query, variables);
  expect(errors).toBeUndefined();
  return data;
}

const all = `asOf seq
  overview { totalLeads newToday newLast7Days conversions conversionRate revenue cost payout profit averageFormCompletion }
  funnel { stage count reached percent conversionFromPrevious medianSecondsToNext }
  bySource { key leads conversions conversionRate revenue cost profit }
  byCampaign { key leads conversions conversionRate revenue cost profit }
  byDevice { key leads conversions conversionRate revenue cost profit }
  newLeads { date count }
  events { eventId count conversions revenue }`;

it('answers the four blocks of the documented page with one query', async () => {
  const first = { email: 'a@x.test', source: 'google', campaign: 'spring', deviceType: 'mobile', form: { completionPercent: 10 } };
  const record = `mutation ($input: RecordPostbackInput!) { recordPostback(input: $input) { __typename ... on RecordPostbackSuccess { lead { uuid } } } }`;
  await ask(record, { input: { ...first, occurredAt: '2026-03-05T10:00:00Z' } });
  await ask(record, {
    input: {
      email: 'a@x.test',
      source: 'facebook',
      stage: 'Form Completed',
      form: { completionPercent: 90 },
      occurredAt: '2026-03-05T11:00:00Z',
    },
  });
  const { recordPostback } = await ask(record, {
    input: { email: 'b@x.test', source: 'google', stage: 'Form Completed', occurredAt: '2026-03-05T10:00:00Z' },
  });
  await ask(record, { input: { email: 'b@x.test', stage: 'Paid', occurredAt: '2026-03-05T10:00:30Z' } });
  await ask(
    'mutation { createEventType(input: { eventId: "sale", name: "Sale", isConversion: true, allowRepeats: false, payout: { percent: "25" } }) { __typename } }',
  );
  await ask('mutation ($input: FireEventInput!) { fireEvent(input: $input) { __typename ... on Error { message } } }', {
    input: {
      orgId: (await ask('{ viewer { account { id } } }')).viewer.account.id,
      eventId: 'sale',
      transactionId: recordPostback.lead.uuid,
      revenue: '100.10',
      cost: '3.5',
      adSpend: '1.05',
    },
  });
  const { analytics } = await ask(`{ analytics { ${all} } }`);
  expect(analytics.overview).toMatchInlineSnapshot(`
    {
      "averageFormCompletion": 90,
      "conversionRate": 50,
      "conversions": 1,
      "cost": "3.5",
      "newLast7Days": 2,
      "newToday": 2,
      "payout": "25.025",
      "profit": "70.525",
      "revenue": "100.1",
      "totalLeads": 2,
    }
  `);
  expect(analytics.funnel.slice(0, 4)).toMatchInlineSnapshot(`
    [
      {
        "conversionFromPrevious": null,
        "count": 0,
        "medianSecondsToNext": 3600,
        "percent": 100,
        "reached": 2,
        "stage": "Form Started",
      },
      {
        "conversionFromPrevious": 100,
        "count": 0,
        "medianSecondsToNext": null,
        "percent": 100,
        "reached": 2,
        "stage": "Form In Progress",
      },
      {
        "conversionFromPrevious": 100,
        "count": 1,
        "medianSecondsToNext": 30,
        "percent": 100,
        "reached": 2,
        "stage": "Form Completed",
      },
      {
        "conversionFromPrevious": 50,
        "count": 0,
        "medianSecondsToNext": null,
        "percent": 50,
        "reached": 1,
        "stage": "Application Submitted",
      },
    ]
  `);
  expect(analytics.bySource).toMatchInlineSnapshot(`
    [
      {
        "conversionRate": 100,
        "conversions": 1,
        "cost": "3.5",
        "key": "google",
        "leads": 1,
        "profit": "70.525",
        "revenue": "100.1",
      },
      {
        "conversionRate": 0,
        "conversions": 0,
        "cost": "0",
        "key": "facebook",
        "leads": 1,
        "profit": "0",
        "revenue": "0",
      },
    ]
  `);
  expect(analytics.byCampaign).toMatchInlineSnapshot(`
    [
      {
        "conversionRate": 100,
        "conversions": 1,
        "cost": "3.5",
        "key": null,
        "leads": 1,
        "profit": "70.525",
        "revenue": "100.1",
      },
      {
        "conversionRate": 0,
        "conversions": 0,
        "cost": "0",
        "key": "spring",
        "leads": 1,
        "profit": "0",
        "revenue": "0",
      },
    ]
  `);
  expect(analytics.events).toMatchInlineSnapshot(`
    [
      {
        "conversions": 1,
        "count": 1,
        "eventId": "sale",
        "revenue": "100.1",
      },
    ]
  `);
  expect(analytics.newLeads).toHaveLength(30);
  expect(analytics.newLeads[29]).toEqual({ date: new Date().toISOString().slice(0, 10), count: 2 });
});
