import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lead, Prisma } from '../../prisma/generated/client/client.ts';
import { getAnalytics } from '../../src/analytics/analytics.ts';
import { rebuildRollups } from '../../src/analytics/rebuild-rollups.ts';
import { createLeadStore, type LeadStore, pipeline } from '../leads/lead-store.ts';

let store: LeadStore;
let leads: Lead[];
const events: { readonly leadId: string; readonly occurredAt: Date; readonly revenue: number }[] = [];

/** How long leads stayed in the first stage, in seconds. */
const stays = new Map<string, number>();

const sources = ['google', 'facebook', null];
const campaigns = ['spring', 'autumn', 'x'.repeat(300), null];
const domains = ['a.test', 'b.test'];
const stages = ['Form Started', 'Form Completed', 'Paid', 'Completed'];

/** Around the days on which clocks change in Europe and America, at every quarter of an hour. */
const begin = Date.UTC(2026, 2, 6);
const days = 28;

const pick = <Item>(items: readonly Item[], n: number): Item => items[n % items.length] as Item;

beforeAll(async () => {
  store = await createLeadStore();
  const { prisma } = store.database;
  const random = fc.sample(fc.nat({ max: 2 ** 30 }), { numRuns: 600, seed: 3 });
  leads = await store.addLeads(
    store.accountId,
    random.map((n, i) => ({
      sourceName: pick(sources, n),
      campaignName: pick(campaigns, n >> 4),
      domain: pick(domains, n >> 8),
      stage: pick(stages, n >> 10),
      cost: n % 3 === 0 ? new Prisma.Decimal('0.1') : new Prisma.Decimal(0),
      createdAt: new Date(begin + i * 67 * 60_000),
    })),
  );
  const eventType = await prisma.eventType.create({
    data: { id: crypto.randomUUID(), accountId: store.accountId, eventId: 'sale', name: 'Sale', isConversion: true, allowRepeats: true },
  });
  for (const [i, lead] of leads.entries()) {
    if (i % 4 !== 0) continue;
    const occurredAt = new Date(begin + ((i * 7919) % (days * 96)) * 15 * 60_000);
    events.push({ leadId: lead.id, occurredAt, revenue: i });
    await prisma.leadEvent.create({
      data: {
        id: crypto.randomUUID(),
        accountId: store.accountId,
        leadId: lead.id,
        eventTypeId: eventType.id,
        isConversion: true,
        revenue: i,
        transactionId: lead.id,
        pid: 'organic',
        details: {},
        actor: 'test',
        occurredAt,
        recordedAt: occurredAt,
      },
    });
  }
  for (const [i, { id: leadId }] of leads.entries()) if (i % 3 === 0) stays.set(leadId, 1 + ((i * 37) % 5000));
  await prisma.stageChange.createMany({
    data: leads.flatMap(({ id: leadId, createdAt }) => {
      const seconds = stays.get(leadId);
      if (seconds === undefined) return [];
      const rest = { accountId: store.accountId, leadId, forced: false, via: 'test', actor: 'test' };
      const movedAt = new Date(createdAt.getTime() + seconds * 1000);
      return [
        { ...rest, id: crypto.randomUUID(), fromStage: null, toStage: 'Form Started', occurredAt: createdAt, recordedAt: createdAt },
        {
          ...rest,
          id: crypto.randomUUID(),
          fromStage: 'Form Started',
          toStage: 'Form Completed',
          occurredAt: movedAt,
          recordedAt: movedAt,
        },
      ];
    }),
  });
  await rebuildRollups(store.database.url);
});
afterAll(() => store.close());

const clocks = new Map<string, Intl.DateTimeFormat>();
const dates = new Map<string, string>();

/** The date of a moment as somebody in the zone writes it. */
function dateIn(timeZone: string, at: Date): string {
  const name = `${timeZone} ${at.getTime()}`;
  const known = dates.get(name);
  if (known !== undefined) return known;
  const clock = clocks.get(timeZone) ?? new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  clocks.set(timeZone, clock);
  dates.set(name, clock.format(at));
  return dateIn(timeZone, at);
}
const toDate = (day: number): Date => new Date(begin + day * 24 * 3600_000);

const zones = [
  'UTC',
  'America/New_York',
  'Europe/London',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
  'America/St_Johns',
  'Africa/Cairo',
];
const some = (values: readonly string[]) => fc.option(fc.subarray([...values, 'unknown'], { minLength: 0 }), { nil: undefined, freq: 2 });
const question = fc.record({
  timeZone: fc.constantFrom(...zones),
  range: fc.option(
    fc
      .tuple(fc.integer({ min: -2, max: days + 2 }), fc.nat({ max: 12 }))
      .map(([first, more]) => ({ from: toDate(first), to: toDate(first + more) })),
  ),
  filter: fc.record(
    { source: some(['google', 'facebook']), campaign: some(['spring', 'x'.repeat(300)]), domain: some(domains) },
    { requiredKeys: [] },
  ),
});

const passes = (wanted: readonly string[] | undefined, value: string | null): boolean =>
  !wanted?.length || (value !== null && wanted.includes(value));

const ask = (query: object) =>
  getAnalytics({ database: store.database, pipeline }, store.accountId, {
    range: null,
    timeZone: 'UTC',
    filter: {},
    withStays: true,
    ...query,
  });

describe('the numbers', () => {
  it('are those of the tables, for any range, zone and filter', async () => {
    await fc.assert(
      fc.asyncProperty(question, async ({ timeZone, range, filter }) => {
        const isInRange = (at: Date): boolean => {
          const date = dateIn(timeZone, at);
          return !range || (date >= range.from.toISOString().slice(0, 10) && date <= range.to.toISOString().slice(0, 10));
        };
        const wanted = leads.filter(
          (lead) =>
            passes(filter.source, lead.sourceName) && passes(filter.campaign, lead.campaignName) && passes(filter.domain, lead.domain),
        );
        const created = wanted.filter((lead) => isInRange(lead.createdAt));
        const fired = events.filter((event) => isInRange(event.occurredAt) && wanted.some((lead) => lead.id === event.leadId));
        const analytics = await getAnalytics({ database: store.database, pipeline }, store.accountId, {
          timeZone,
          range,
          filter,
          withStays: true,
        });

        expect(analytics.overview.totalLeads).toBe(created.length);
        const median = analytics.funnel[0]?.medianSecondsToNext ?? 0;
        const lengths = created.flatMap((lead) => stays.get(lead.id) ?? []).sort((a, b) => a - b);
        const exact = ((lengths[Math.floor((lengths.length - 1) / 2)] ?? 0) + (lengths[Math.floor(lengths.length / 2)] ?? 0)) / 2;
        expect(Math.abs(median - exact)).toBeLessThanOrEqual(exact * 0.19);
        expect(analytics.overview.conversions).toBe(fired.length);
        expect(Number(analytics.overview.revenue)).toBe(fired.reduce((sum, { revenue }) => sum + revenue, 0));
        expect(Number(analytics.overview.cost)).toBeCloseTo(
          created.reduce((sum, { cost }) => sum + Number(cost), 0),
          9,
        );
        expect(analytics.funnel.map(({ count }) => count)).toEqual(
          stages.map((stage) => created.filter((lead) => lead.stage === stage).length),
        );
        const bySource = Object.fromEntries(analytics.bySource.map(({ key, leads: count }) => [String(key), count]));
        for (const source of sources)
          expect(bySource[String(source)] ?? 0).toBe(created.filter((lead) => lead.sourceName === source).length);
        expect(analytics.byCampaign.reduce((sum, { leads: count }) => sum + count, 0)).toBe(created.length);
        expect(analytics.byDevice.reduce((sum, { conversions }) => sum + conversions, 0)).toBe(fired.length);
        expect(analytics.events.reduce((sum, { count }) => sum + count, 0)).toBe(fired.length);
        if (range) {
          const expected = analytics.newLeads.map(({ date }) => {
            const day = date.toISOString().slice(0, 10);
            return { date, count: wanted.filter((lead) => dateIn(timeZone, lead.createdAt) === day).length };
          });
          expect(analytics.newLeads).toEqual(expected);
          expect(analytics.newLeads).toHaveLength((range.to.getTime() - range.from.getTime()) / (24 * 3600_000) + 1);
        } else expect(analytics.newLeads).toHaveLength(30);
      }),
      { numRuns: 80 },
    );
  });

  it('refuse a range or a zone that cannot be', async () => {
    await expect(ask({ timeZone: 'Mars/Olympus' })).rejects.toThrow('IANA');
    await expect(ask({ range: { from: toDate(1), to: toDate(0) } })).rejects.toThrow('must not be after');
    await expect(ask({ range: { from: toDate(0), to: toDate(2000) } })).rejects.toThrow('at most');
  });
});
