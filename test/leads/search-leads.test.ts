import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lead } from '../../prisma/generated/client/client.ts';
import { findLeads } from '../../src/leads/find-leads.ts';
import { sameWords, searchWords } from '../../src/leads/search-words.ts';
import { toPage } from '../../src/platform/connection.ts';
import { createLeadStore, type LeadStore, pipeline } from './lead-store.ts';

let store: LeadStore;
let leads: Lead[];

const people: readonly Partial<Lead>[] = [
  {
    email: 'john.doe+ads@example.com',
    firstName: 'John',
    lastName: "O'Brien",
    phone: '(512) 555-0123',
    phoneE164: '+15125550123',
    company: 'Smith & Sons',
  },
  {
    email: 'José@müller.test',
    firstName: 'José',
    lastName: 'Smith-Jones',
    phone: '+44 20 7946 0958',
    phoneE164: '+442079460958',
    company: 'ACME',
  },
  { email: 'c@50off.test', firstName: '100%', lastName: 'Straße', company: "back\\slash quote's" },
  { firstName: '山田', lastName: '太郎', company: '\uFF21\uFF23\uFF2D\uFF25 Łódź' },
];

beforeAll(async () => {
  store = await createLeadStore();
  leads = await store.addLeads(store.accountId, people);
});
afterAll(() => store.close());

async function search(text: string): Promise<number[]> {
  const page = await findLeads({ database: store.database, pipeline }, store.accountId, {
    filter: { search: text },
    orderBy: 'OLDEST',
    page: toPage({}),
  });
  return page.edges.map(({ node }) => node.number);
}

it.each<readonly [string, readonly number[]]>([
  ['john', [1]],
  ['JOH exam', [1]],
  ["o'brien", [1]],
  ['obrien', [1]],
  ['brien', [1]],
  ['john.doe+ads@example.com', [1]],
  ['JOHN.DOE+ads@ex', [1]],
  ['johndoe', [1]],
  ['doe', [1]],
  ['@example.com', [1]],
  ['example.com', [1]],
  ['5550123', [1]],
  ['555-0123', [1]],
  ['(512) 555-0123', [1]],
  ['+1 512 555 0123', [1]],
  ['+44 20 7946 0958', [2]],
  ['john 0123', [1]],
  ['+15125550123', [1]],
  ['0123', [1]],
  ['smith', [1, 2]],
  ['smith & sons', [1]],
  ['smith-jones', [2]],
  ['jose', [2]],
  ['josé@müller.test', [2]],
  ['mull', [2]],
  ['acme', [2, 4]],
  ['+442079460958', [2]],
  ['100%', [3]],
  ['100', [3]],
  ['100% strasse', [3]],
  ['back\\slash', [3]],
  ["quote's", [3]],
  ['山', [4]],
  ['lodz', [4]],
  ['#2', [2]],
  ['#', []],
  ['   ', [1, 2, 3, 4]],
  ['john acme', []],
  ['joh:*', []],
  ['john | jose', []],
  ['!john', []],
  ['%', []],
  ['j%', []],
  ['\0john', []],
])('finds by %j', async (text, found) => {
  expect(await search(text)).toEqual(found);
});

it('finds by id, with its prefix or without, whole or by its beginning', async () => {
  const id = leads[2]?.id ?? '';
  for (const text of [id, id.toUpperCase(), `lead_${id}`, id.slice(0, -2)]) expect(await search(text)).toContain(3);
  expect(await search(id)).toEqual([3]);
});

it('refuses a search that nobody types', async () => {
  await expect(search('x'.repeat(201))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});

it('follows a lead that changes', async () => {
  const [lead] = await store.addLeads(store.accountId, [{ firstName: 'Before' }]);
  if (!lead) throw new Error('no lead');
  await store.changeLead(lead, { firstName: 'After' });
  expect(await search('before')).toEqual([]);
  expect(await search('after')).toEqual([lead.number]);
});

describe('the words of a lead', () => {
  it('are few and short, whatever was sent', () => {
    const [lead] = leads;
    if (!lead) throw new Error('no lead');
    const words = searchWords({
      ...lead,
      company: '🤷'.repeat(4000),
      firstName: Array.from({ length: 1000 }, (_, i) => `w${i}`).join(' '),
    });
    expect(words.length).toBeLessThan(50);
    expect(Math.max(...words.map((word) => Buffer.byteLength(word)))).toBeLessThanOrEqual(200);
    expect(words.every((word) => word.isWellFormed())).toBe(true);
  });

  it('change exactly when a field changes that they come from', () => {
    const [lead] = leads;
    if (!lead) throw new Error('no lead');
    expect(sameWords(lead, { ...lead, tags: [...lead.tags] })).toBe(true);
    for (const change of [
      { email: 'x@y.test' },
      { company: null },
      { tags: ['new'] },
      { deviceType: 'tv' },
      { duplicateOfId: lead.id },
      { domain: 'z' },
    ]) {
      expect(sameWords(lead, { ...lead, ...change })).toBe(false);
    }
  });
});
