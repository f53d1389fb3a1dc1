import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lead } from '../../prisma/generated/client/client.ts';
import { findLeadPage, type LeadOrder, findLeads } from '../../src/leads/find-leads.ts';
import type { LeadFilter } from '../../src/leads/lead-filter.ts';
import { type PageArguments, toPage } from '../../src/platform/connection.ts';
import { createLeadStore, type LeadStore, pipeline } from './lead-store.ts';

let store: LeadStore;
let other: string;
let leads: Lead[];

const stages = ['Form Started', 'Form Completed', 'Paid', 'Completed', 'Retired Stage'];
const orderings: readonly LeadOrder[] = ['NEWEST', 'OLDEST', 'RECENTLY_UPDATED', 'STAGE'];

beforeAll(async () => {
  store = await createLeadStore();
  other = await store.addAccount('other');
  await store.addLeads(other, [{ email: 'jo@x.test', sourceName: 'website', tags: ['vip'] }]);
  const made = Array.from({ length: 30 }, (_, i) => ({
    email: `lead${i}@x.test`,
    stage: stages[i % 5] ?? '',
    sourceName: i % 2 ? 'facebook' : 'website',
    campaignName: i % 3 ? null : 'summer',
    domain: 'example.com',
    deviceType: i === 4 ? 'smart_tv' : 'mobile',
    tags: i % 10 ? [] : ['vip', 'it\'s | "odd"'],
  }));
  leads = await store.addLeads(store.accountId, made.slice(0, 15));
  await sleep(1100);
  leads.push(...(await store.addLeads(store.accountId, made.slice(15))));
  const [original] = leads;
  leads.push(...(await store.addLeads(store.accountId, [{ email: 'lead0@x.test', duplicateOfId: original?.id ?? null }])));
  await sleep(1100);
  for (const i of [3, 20, 7]) leads[i] = await store.changeLead(leads[i] ?? never(), { notes: 'changed' });
});

afterAll(() => store.close());

const never = (): never => {
  throw new Error('a lead is missing');
};

const find = (filter: LeadFilter, orderBy: LeadOrder = 'NEWEST', page: PageArguments = { first: 100 }, accountId = store.accountId) =>
  findLeads({ database: store.database, pipeline }, accountId, { filter, orderBy, page: toPage(page) });

const numbers = async (...args: Parameters<typeof find>): Promise<number[]> => (await find(...args)).edges.map(({ node }) => node.number);
const numbersWhere = (matches: (lead: Lead) => boolean): number[] =>
  leads
    .filter(matches)
    .map((lead) => lead.number)
    .sort((a, b) => b - a);

const expected: Readonly<Record<LeadOrder, (a: Lead, b: Lead) => number>> = {
  NEWEST: (a, b) => b.number - a.number,
  OLDEST: (a, b) => a.number - b.number,
  RECENTLY_UPDATED: (a, b) => b.updatedAt.getTime() - a.updatedAt.getTime() || b.number - a.number,
  STAGE: (a, b) => pipeline.get(a.stage).position - pipeline.get(b.stage).position || a.number - b.number,
};

const filters: readonly (readonly [LeadFilter, (lead: Lead) => boolean])[] = [
  [{}, () => true],
  [{ stage: [] }, () => true],
  [{ stage: ['paid', ' FORM  started '] }, (l) => ['Paid', 'Form Started'].includes(l.stage)],
  [{ stage: ['Retired Stage'] }, (l) => l.stage === 'Retired Stage'],
  [{ stage: ['Paid'], source: ['facebook'] }, (l) => l.stage === 'Paid' && l.sourceName === 'facebook'],
  [{ source: ['facebook', 'website'], campaign: ['summer'] }, (l) => l.campaignName === 'summer'],
  [{ domain: ['example.com'] }, (l) => l.domain === 'example.com'],
  [{ deviceType: ['smart_tv'] }, (l) => l.deviceType === 'smart_tv'],
  [{ tags: ['vip'], source: ['website'] }, (l) => l.tags.includes('vip') && l.sourceName === 'website'],
  [{ tags: ['it\'s | "odd"'] }, (l) => l.tags.length > 0],
  [{ duplicates: 'EXCLUDE' }, (l) => l.duplicateOfId === null],
  [{ duplicates: 'ONLY' }, (l) => l.duplicateOfId !== null],
  [{ search: 'lead1', stage: ['Paid'] }, (l) => l.stage === 'Paid' && (l.email ?? '').startsWith('lead1')],
  [{ search: 'lead1 x.test', source: ['website'], tags: ['vip'] }, (l) => l.number === 11],
];

describe.each(orderings)('in the order %s', (orderBy) => {
  it.each(filters)('gives what matches %j', async (filter, matches) => {
    const ordered = leads.filter(matches).toSorted(expected[orderBy]);
    expect(await numbers(filter, orderBy)).toEqual(ordered.map((lead) => lead.number));
    const all = await find(filter, orderBy, { first: 1 });
    expect(await all.total()).toEqual({ count: ordered.length, exact: true });
  });

  it('pages forward and backward through everything, each lead once', async () => {
    const all = leads.toSorted(expected[orderBy]).map((lead) => lead.number);
    const forward: number[] = [];
    for (let after: string | null = null; ; ) {
      const page = await find({}, orderBy, { first: 7, after });
      forward.push(...page.edges.map(({ node }) => node.number));
      expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(forward).toEqual(all);
    const backward: number[] = [];
    for (let before: string | null = null; ; ) {
      const page = await find({}, orderBy, { last: 7, before });
      backward.unshift(...page.edges.map(({ node }) => node.number));
      expect(page.pageInfo.hasNextPage).toBe(before !== null);
      if (!page.pageInfo.hasPreviousPage) break;
      before = page.pageInfo.startCursor;
    }
    expect(backward).toEqual(all);
  });

  it('reads between two cursors', async () => {
    const page = await find({}, orderBy, { first: 10 });
    const [second, fifth] = [page.edges[1]?.cursor, page.edges[4]?.cursor];
    const between = await numbers({}, orderBy, { first: 10, after: second, before: fifth });
    expect(between).toEqual(page.edges.slice(2, 4).map(({ node }) => node.number));
  });
});

it('finds spans of time by creation and by last change, both ends included', async () => {
  const [early, late] = [leads[0]?.createdAt ?? never(), leads[20]?.createdAt ?? never()];
  const earlier = numbersWhere((l) => l.createdAt <= early);
  expect(await numbers({ createdTo: early })).toEqual(earlier);
  expect(await numbers({ createdFrom: early, createdTo: early })).toEqual(earlier);
  expect(await numbers({ createdFrom: late })).toEqual(numbersWhere((l) => l.createdAt >= late));
  expect(await numbers({ createdFrom: new Date(early.getTime() + 1), createdTo: new Date(late.getTime() - 1) })).toEqual([]);
  expect(await numbers({ createdFrom: new Date('9999-12-31T00:00:00Z') })).toEqual([]);
  expect(await numbers({ createdTo: new Date('0001-01-01T00:00:00Z') })).toEqual([]);
  const changed = leads[3]?.updatedAt ?? never();
  for (const orderBy of orderings) {
    const found = leads.filter((l) => l.updatedAt >= changed).toSorted(expected[orderBy]);
    expect(await numbers({ updatedFrom: changed }, orderBy)).toEqual(found.map((l) => l.number));
    expect(await numbers({ updatedFrom: changed, updatedTo: changed, stage: ['Completed'] }, orderBy)).toEqual([leads[3]?.number]);
  }
  expect(await numbers({ updatedFrom: changed, createdFrom: late })).toEqual([21]);
});

it('finds spans of time past deleted leads', async () => {
  const account = await store.addAccount('gaps');
  const made = await store.addLeads(
    account,
    Array.from({ length: 9 }, () => ({})),
  );
  await store.database.prisma.lead.deleteMany({ where: { accountId: account, number: { in: [1, 2, 5, 9] } } });
  const at = made[0]?.createdAt ?? never();
  expect(await numbers({ createdFrom: at, createdTo: at }, 'OLDEST', {}, account)).toEqual([3, 4, 6, 7, 8]);
});

it('keeps cursors valid when rows come and go', async () => {
  const account = await store.addAccount('coming and going');
  const made = await store.addLeads(
    account,
    Array.from({ length: 6 }, () => ({})),
  );
  const first = await find({}, 'NEWEST', { first: 3 }, account);
  await store.addLeads(account, [{}, {}]);
  await store.database.prisma.lead.delete({ where: { id: made[3]?.id ?? '' } });
  expect(await numbers({}, 'NEWEST', { first: 3, after: first.pageInfo.endCursor }, account)).toEqual([3, 2, 1]);
});

it('shows no other account', async () => {
  for (const orderBy of orderings) {
    for (const filter of [{}, { tags: ['vip'] }, { source: ['website'] }, { search: 'jo' }]) {
      expect(await numbers(filter, orderBy, {}, other)).toEqual([1]);
    }
  }
  expect(await numbers({ search: 'jo' })).toEqual([]);
});

it('refuses pages that cannot be', async () => {
  const refused = [
    { first: 0 },
    { first: 101 },
    { last: 101 },
    { last: -1 },
    { first: 1, last: 1 },
    { after: 'nonsense' },
    { after: '' },
    { before: 'WyJudW1iZXIiXQ' },
  ];
  for (const page of refused) await expect(async () => find({}, 'NEWEST', page)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  const [{ cursor } = { cursor: '' }] = (await find({}, 'STAGE')).edges;
  await expect(find({}, 'NEWEST', { after: cursor })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  const forged = Buffer.from('["number",99999999999]').toString('base64url');
  await expect(find({}, 'NEWEST', { after: forged })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  await expect(find({ tags: Array.from({ length: 101 }, String) })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});

it('row 27: takes hostile text literally', async () => {
  const texts = ["' OR 1=1 --", '%', '_', '*', ':*', "x':* | 'y", '\\', '\0', 'Paid\0', '{"a"}', '🤷', '&|!()<->', '1); DROP TABLE "Lead"'];
  for (const text of texts) {
    for (const name of ['stage', 'source', 'campaign', 'domain', 'deviceType', 'tags'] as const)
      expect(await numbers({ [name]: [text] })).toEqual([]);
    expect(await numbers({ search: text })).toEqual([]);
  }
  expect(await numbers({ source: ['\0', 'facebook'] })).toEqual(await numbers({ source: ['facebook'] }));
});

it('counts pages for the documented list', async () => {
  const page = await findLeadPage({ database: store.database, pipeline }, store.accountId, { source: ['facebook'] }, 2, 10);
  expect(page.nodes.map((lead) => lead.number)).toEqual(numbersWhere((l) => l.sourceName === 'facebook').slice(10));
  expect(await page.total()).toEqual({ count: 15, exact: true });
  const beyond = await findLeadPage({ database: store.database, pipeline }, store.accountId, {}, 2 ** 31 - 1, 200);
  expect(beyond.nodes).toEqual([]);
});
