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

describe('a Decimal', () => {
  it.each([
    ['0.1', '0.1'],
    ['"0.123456789012345678"', '0.123456789012345678'],
    ['12345678901234567890.5', '12345678901234567890.5'],
    ['1.25e2', '125'],
    ['1E-7', '0.0000001'],
    ['0.12345678901234567891e2', '12.345678901234567891'],
    ['0.1234567890123456789', 'BAD_USER_INPUT'],
    ['1e999999999', 'BAD_USER_INPUT'],
    ['"1e2"', 'BAD_USER_INPUT'],
    ['true', 'BAD_USER_INPUT'],
  ])('takes the number %s digit for digit, or refuses it', async (literal, expected) => {
    expect(await priceOf(literal)).toBe(expected);
  });
});

async function priceOf(literal: string): Promise<unknown> {
  const input = `{ name: "Money", costPerLead: ${literal} }`;
  const { data, errors } = await app.graphql(
    `mutation { createSource(input: ${input}) { ... on CreateSourceSuccess { source { costPerLead } } } }`,
  );
  return errors ? errors[0]?.extensions['code'] : data.createSource.source.costPerLead;
}
