import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LeadOrder, LeadRow } from '../../src/dashboard/documents/leads.ts';
import type { LiveChange } from '../../src/dashboard/documents/live.ts';
import { createRows } from '../../src/dashboard/leads/lead-rows.ts';

const toLead = (number: number, stage = 'Paid'): LeadRow => ({
  id: `lead_${number}`,
  number,
  createdAt: '2026-03-04T10:00:00.000Z',
  updatedAt: '2026-03-04T10:00:00.000Z',
  firstName: null,
  lastName: null,
  email: null,
  phone: null,
  company: null,
  stage: { name: stage },
  sourceName: null,
  campaignName: null,
  form: { completionPercent: null },
  ipAddress: null,
  deviceType: null,
});

const toChange = (number: number, stage: string | null): LiveChange => ({
  seq: 1,
  type: 'lead.updated',
  summary: '',
  origin: '',
  recordedAt: '',
  leadId: `lead_${number}`,
  lead: stage === null ? null : toLead(number, stage),
});

const filter = { stage: ['Paid'] };
const stages = fc.constantFrom('Paid', 'Completed', null);
const changes = fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), stages), { maxLength: 12 });
const numbersOf = (rows: readonly LeadRow[]): readonly number[] => rows.map(({ number }) => number);

describe('the rows of a list', () => {
  it('end as they would if each change of a batch had come alone', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<LeadOrder>('NEWEST', 'RECENTLY_UPDATED', 'STAGE'),
        fc.uniqueArray(fc.integer({ min: 1, max: 12 })),
        changes,
        fc.boolean(),
        (orderBy, known, what, complete) => {
          const page = known.toSorted((a, b) => b - a).map((number) => toLead(number));
          const [together, alone] = [createRows(filter, orderBy), createRows(filter, orderBy)];
          const batch = what.map(([number, stage]) => toChange(number, stage));
          for (const rows of [together, alone]) rows.append(page);
          together.follow(batch, complete);
          for (const change of batch) alone.follow([change], complete);
          // A lead that left and came back within a batch may stay where it was, behind which the rows that are loaded end.
          if (orderBy === 'STAGE' || !complete)
            expect(numbersOf(together.all())).toEqual(expect.arrayContaining([...numbersOf(alone.all())]));
          else expect(together.all()).toEqual(alone.all());
        },
      ),
    );
  });

  it('take in a lead with the batch in which the last row behind it leaves', () => {
    const rows = createRows(filter, 'NEWEST');
    rows.append([toLead(1)]);
    rows.follow([toChange(4, 'Paid'), toChange(1, 'Completed'), toChange(4, 'Paid')], false);
    expect(numbersOf(rows.all())).toEqual([4]);
  });

  it('stay newest first and hold each lead once, whatever arrives', () => {
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 5 }), (batches) => {
        const rows = createRows(filter, 'NEWEST');
        rows.append([9, 5, 2].map((number) => toLead(number)));
        for (const batch of batches)
          rows.follow(
            batch.map(([number, stage]) => toChange(number, stage)),
            false,
          );
        const numbers = numbersOf(rows.all());
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => b - a));
      }),
    );
  });

  it('take a page that overlaps, and a first page that was read again', () => {
    const rows = createRows({}, 'NEWEST');
    rows.append([9, 8, 7].map((number) => toLead(number)));
    rows.append([7, 6, 5].map((number) => toLead(number)));
    expect(numbersOf(rows.all())).toEqual([9, 8, 7, 6, 5]);
    rows.replaceHead([11, 9, 7].map((number) => toLead(number)));
    expect(numbersOf(rows.all())).toEqual([11, 9, 7, 6, 5]);
    rows.follow([toChange(8, 'Paid')], false);
    expect(numbersOf(rows.all())).toEqual([11, 9, 8, 7, 6, 5]);
  });

  it('cannot tell by themselves what a search finds', () => {
    const rows = createRows({ search: 'ada' }, 'NEWEST');
    expect(rows.follow([toChange(1, 'Paid')], true)).toBe(false);
    expect(rows.all()).toEqual([]);
  });
});
