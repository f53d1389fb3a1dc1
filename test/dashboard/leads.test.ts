import { describe, expect, it } from 'vitest';
import type { LeadRow } from '../../src/dashboard/documents/leads.ts';
import { csvHead, toCsvLine } from '../../src/dashboard/leads/csv.ts';
import { leadsPath, toFilter } from '../../src/dashboard/leads/list-filter.ts';
import { matches } from '../../src/dashboard/leads/matches.ts';
import { dayOf } from '../../src/dashboard/ui/day.ts';

const lead: LeadRow = {
  id: 'lead_1',
  number: 1,
  createdAt: '2026-03-04T10:00:00.000Z',
  updatedAt: '2026-03-04T10:00:00.000Z',
  firstName: 'Ada',
  lastName: null,
  email: 'ada@example.com',
  phone: null,
  company: null,
  stage: { name: 'Paid' },
  sourceName: 'google',
  campaignName: null,
  form: { completionPercent: 50 },
  ipAddress: null,
  deviceType: 'mobile',
};

const filterOf = (search: string, zone: string) => toFilter(new URLSearchParams(search), zone);

const cellsOf = (row: Partial<LeadRow>): string => toCsvLine({ ...lead, ...row });

describe('a filtered list that follows the log', () => {
  it('knows by itself what belongs, except for a search', () => {
    expect(matches({}, lead)).toBe(true);
    expect(matches({ stage: ['Paid'], source: ['google'], deviceType: ['mobile'] }, lead)).toBe(true);
    expect(matches({ campaign: ['spring'] }, lead)).toBe(false);
    expect(matches({ createdFrom: '2026-03-04T10:00:00Z', createdTo: '2026-03-04T10:00:00Z' }, lead)).toBe(true);
    expect(matches({ createdFrom: '2026-03-04T12:00:00+01:00' }, lead)).toBe(false);
    expect(matches({ search: 'ada' }, lead)).toBeNull();
    expect(matches({ search: 'ada', stage: ['Completed'] }, lead)).toBe(false);
  });

  it('takes a stage whatever its case and spacing, and everything else as it is written, as the server does', () => {
    expect(matches({ stage: ['completed', 'pAID'] }, lead)).toBe(true);
    expect(matches({ stage: [' form  started '] }, { ...lead, stage: { name: 'Form Started' } })).toBe(true);
    expect(matches({ stage: ['form-started'] }, { ...lead, stage: { name: 'Form Started' } })).toBe(false);
    expect(matches({ source: ['Google'] }, lead)).toBe(false);
    expect(matches({ deviceType: ['Mobile'] }, lead)).toBe(false);
  });
});

describe('the filter of an address', () => {
  it.each([
    ['UTC', '2026-03-08', '2026-03-08T00:00:00.000Z', '2026-03-08T23:59:59.999Z'],
    ['Asia/Kolkata', '2026-03-08', '2026-03-07T18:30:00.000Z', '2026-03-08T18:29:59.999Z'],
    // Its clocks go forward on this day: it has 23 hours.
    ['America/New_York', '2026-03-08', '2026-03-08T05:00:00.000Z', '2026-03-09T03:59:59.999Z'],
    ['Australia/Sydney', '2026-04-05', '2026-04-04T13:00:00.000Z', '2026-04-05T13:59:59.999Z'],
    // There is no midnight: the day begins at 01:00.
    ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00.000Z', '2026-04-24T20:59:59.999Z'],
  ])('begins and ends a day as it is in %s (%s)', (zone, day, createdFrom, createdTo) => {
    expect(filterOf(`from=${day}&to=${day}`, zone)).toEqual({ createdFrom, createdTo });
  });

  it('takes no notice of what is no day', () => {
    expect(filterOf('from=soon&to=2026-13-45&search=ada', 'UTC')).toEqual({ search: 'ada' });
    expect(filterOf('from=2026-02-30&to=2026-02-30', 'UTC')).toEqual({});
  });

  it.each(['0001', '0002', '0020', '0202', '0999', '1000', '9998'])('has the year %s, as the server has', (year) => {
    const day = `${year}-03-08`;
    expect(filterOf(`from=${day}&to=${day}`, 'UTC')).toEqual({ createdFrom: `${day}T00:00:00.000Z`, createdTo: `${day}T23:59:59.999Z` });
    for (const zone of ['Asia/Kolkata', 'America/New_York', 'Pacific/Apia']) {
      const { createdFrom = '', createdTo = '' } = filterOf(`from=${day}&to=${day}`, zone);
      expect([createdFrom, createdTo].map((time) => dayOf(new Date(time), zone))).toEqual([day, day]);
    }
  });

  it('names no moment in a year that the server does not know', () => {
    for (const zone of ['UTC', 'Asia/Kolkata', 'America/New_York'])
      for (const day of ['0000-01-01', '0000-12-31', '0001-01-01', '9999-12-31'])
        for (const time of Object.values(filterOf(`from=${day}&to=${day}`, zone))) expect(time).toMatch(/^(?!0000)\d{4}-/);
    expect(filterOf('from=9999-12-31&to=9999-12-31', 'UTC')).toEqual({ createdFrom: '9999-12-31T00:00:00.000Z' });
  });

  it('is that of the link to it', () => {
    const path = leadsPath({ stage: 'Form Started', source: 'a&b', campaign: null, from: '2026-03-08' });
    expect(filterOf(path.split('?')[1] ?? '', 'UTC')).toEqual({
      stage: ['Form Started'],
      source: ['a&b'],
      createdFrom: '2026-03-08T00:00:00.000Z',
    });
  });
});

describe('a line of the CSV export', () => {
  it('has a cell for each column', () => {
    expect(toCsvLine(lead).split(',')).toHaveLength(csvHead.split(',').length);
  });

  it('quotes what would break it', () => {
    expect(cellsOf({ lastName: 'O"Neil, Jr.\nIII' })).toContain('"O""Neil, Jr.\nIII"');
  });

  it('lets no spreadsheet run what a stranger sent, and keeps phone numbers readable', () => {
    for (const formula of ['=1+1', '@SUM(A1)', '+cmd|calc', '-2+A1', '\t=1', '\n=1'])
      expect(cellsOf({ lastName: formula })).toContain(`'${formula}`);
    expect(cellsOf({ phone: '+1 (212) 555-0111' })).toContain(',+1 (212) 555-0111,');
  });
});
