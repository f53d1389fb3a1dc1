import { describe, expect, it } from 'vitest';
import type { LeadRow } from '../../src/dashboard/documents/leads.ts';
import { csvHead, toCsvLine } from '../../src/dashboard/leads/csv.ts';
import { matches } from '../../src/dashboard/leads/matches.ts';

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
});

describe('a line of the CSV export', () => {
  it('has a cell for each column', () => {
    expect(toCsvLine(lead).split(',')).toHaveLength(csvHead.split(',').length);
  });

  it('quotes what would break it', () => {
    expect(cellsOf({ lastName: 'O"Neil, Jr.\nIII' })).toContain('"O""Neil, Jr.\nIII"');
  });

  it('lets no spreadsheet run what a stranger sent, and keeps phone numbers readable', () => {
    for (const formula of ['=1+1', '@SUM(A1)', '+cmd|calc', '-2+A1', '\t=1'])
      expect(cellsOf({ lastName: formula })).toContain(`'${formula}`);
    expect(cellsOf({ phone: '+1 (212) 555-0111' })).toContain(',+1 (212) 555-0111,');
  });
});
