import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
  await app.send('POST', '/api/postback', { email: 'dates@x.test', stage: 'Form Started' });
});
afterAll(() => app.end());

/** Days and moments that JavaScript knows and PostgreSQL does not, or that the answers could not write with four digits for the year. */
describe('a day or a moment outside the years 1 to 9999', () => {
  it.each([
    ['mutation { recordPostback(input: { email: "a@x.test", occurredAt: "0000-06-01T00:00:00Z" }) { __typename } }'],
    ['mutation { recordPostback(input: { email: "a@x.test", occurredAt: "0001-01-01T00:00:00+14:00" }) { __typename } }'],
    ['{ leads(filter: { createdTo: "9999-12-31T23:59:59-12:00" }) { totalCount } }'],
    ['{ analytics(range: { from: "0000-12-31", to: "0001-01-02" }) { seq } }'],
    ['mutation { updateLead(input: { leadId: "lead_x", birthDate: "0000-01-01" }) { __typename } }'],
  ])('is refused by its scalar: %s', async (query) => {
    const { errors } = await app.graphql(query);
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['BAD_USER_INPUT']);
  });

  it('is refused by the documented lists', async () => {
    const { body: list, status } = await app.send('GET', '/api/leads?from=0000-01-01');
    expect([status, list.code]).toEqual([400, 'VALIDATION_FAILED']);
  });

  it.each([
    ['0001-01-01', 'Asia/Tokyo'],
    ['9999-12-31', 'UTC'],
    ['9999-12-31', 'America/New_York'],
  ])('is refused as the range of the numbers: %s in %s would begin or end there', async (day, timeZone) => {
    const query =
      'query ($range: DateRange, $timeZone: String) { analytics(range: $range, timeZone: $timeZone) { newLeads { date count } } }';
    const { errors } = await app.graphql(query, { range: { from: day, to: day }, timeZone });
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['BAD_USER_INPUT']);
  });

  it.each(['0001-01-02', '9999-12-30'])('is not %s, whatever the zone', async (day) => {
    for (const timeZone of ['Pacific/Kiritimati', 'UTC', 'Pacific/Pago_Pago']) {
      const query =
        'query ($range: DateRange, $timeZone: String) { analytics(range: $range, timeZone: $timeZone) { newLeads { date count } } }';
      const { data } = await app.graphql(query, { range: { from: day, to: day }, timeZone });
      expect(data).toEqual({ analytics: { newLeads: [{ date: day, count: 0 }] } });
    }
  });
});
