import { describe, expect, it } from 'vitest';
import { placeIssues } from '../../src/dashboard/ui/field-issues.ts';
import { webhookEvents } from '../../src/dashboard/webhooks/webhook-events.ts';
import { filterFrom, filterText } from '../../src/dashboard/webhooks/webhook-filter.ts';
import { parseHeaderLines, toHeaderLines } from '../../src/dashboard/webhooks/webhook-headers.ts';
import { webhookEvents as known } from '../../src/webhooks/events.ts';

describe('the form of a webhook', () => {
  it('offers every event that there is', () => {
    expect(webhookEvents.map(([name]) => name)).toEqual(known);
  });

  it('reads headers line by line as it wrote them', () => {
    const headers = { Authorization: 'Bearer a:b', 'X-Team': '' };
    expect(parseHeaderLines(toHeaderLines(headers))).toEqual({ headers });
    expect(parseHeaderLines('\n X-Team :  a \n')).toEqual({ headers: { 'X-Team': 'a' } });
    expect(parseHeaderLines('X-Team: a\nnonsense')).toEqual({ badLine: 2 });
  });

  it('keeps what its fields cannot show of a filter', () => {
    const data = new FormData();
    data.append('filter.stage', 'Paid');
    data.append('filter.stage', 'Completed');
    data.append('filter.source', 'google, bing');
    const former = { createdFrom: '2026-01-01T00:00:00.000Z', stage: ['Processing'], tags: ['vip'], campaign: null };
    expect(filterFrom(data, former)).toEqual({ createdFrom: former.createdFrom, stage: ['Paid', 'Completed'], source: ['google', 'bing'] });
    expect(filterText({ stage: ['Paid', 'Completed'], source: [], search: null })).toBe('stage Paid or Completed');
    expect(filterText({})).toBeNull();
  });
});

describe('what the graph has against an input', () => {
  const fields = { namedItem: (name: string) => (['name', 'events.0.payout', 'url'].includes(name) ? {} : null) };
  const refusal = { __typename: 'InvalidInputError', code: 'INVALID_INPUT', message: 'No.' } as const;

  it('stands at the field that is to blame, or at the nearest one around it', () => {
    const issues = [
      { path: ['name'], message: 'must not be empty' },
      { path: ['events', '0', 'payout', 'fixed'], message: 'must be 0 or more' },
      { path: ['filter', 'search'], message: 'is too long' },
      { path: [], message: 'Something else' },
    ];
    expect(placeIssues({ ...refusal, issues }, fields, {})).toEqual([
      { field: 'name', message: 'Must not be empty' },
      { field: 'events.0.payout', message: 'Must be 0 or more' },
      { field: null, message: 'filter.search: is too long' },
      { field: null, message: 'Something else' },
    ]);
  });

  it('stands at the field that its code is about, when it names none', () => {
    const taken = { __typename: 'NameTakenError', code: 'NAME_TAKEN', message: 'The name is taken.' } as const;
    expect(placeIssues(taken, fields, { NAME_TAKEN: 'name' })).toEqual([{ field: 'name', message: 'The name is taken.' }]);
    expect(placeIssues(taken, fields, {})).toEqual([{ field: null, message: 'The name is taken.' }]);
  });
});
