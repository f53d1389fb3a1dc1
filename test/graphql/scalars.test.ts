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

describe('a value that is written into the document and wrong', () => {
  const dateTime = 'DateTime must be an RFC 3339 time with an offset, in the years 1 to 9999, like "2026-03-05T10:00:00Z".';

  it('is told with its name and its place, the second time too', async () => {
    const query = '{ leads(filter: { createdFrom: "x", updatedTo: "y" }) { totalCount } }';
    for (let round = 0; round < 2; round += 1) {
      const { errors } = await app.graphql(query);
      expect(errors).toMatchObject([
        { message: `Argument "filter.createdFrom": ${dateTime}`, locations: [{ line: 1, column: 32 }] },
        { message: `Argument "filter.updatedTo": ${dateTime}`, locations: [{ line: 1, column: 48 }] },
      ]);
      expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT']);
    }
  });

  it.each([
    ['{ analytics(range: { from: "soon", to: "2026-01-02" }) { seq } }', 'Argument "range.from": Date must be '],
    ['mutation { createSource(input: { name: "x", costPerLead: true }) { __typename } }', 'Argument "input.costPerLead": Decimal must be '],
    ['subscription { leadChanges(after: "") { cursor } }', 'Argument "after": Cursor must be '],
    ['query ($from: DateTime = "x") { leads(filter: { createdFrom: $from }) { totalCount } }', 'Variable "$from": DateTime must be '],
    [
      '{ ...F } fragment F on Query { a: leads(filter: { createdTo: "x" }) { totalCount } }',
      'Argument "filter.createdTo": DateTime must be ',
    ],
  ])('in %s', async (query, message) => {
    const { errors } = await app.graphql(query);
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining(message),
        locations: [{ line: 1, column: expect.any(Number) }],
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
  });
});

describe('a Decimal', () => {
  it.each([
    ['0.1', '0.1'],
    ['"0.123456789012345678"', '0.123456789012345678'],
    ['1234567890123.123456789012345678', '1234567890123.123456789012345678'],
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
