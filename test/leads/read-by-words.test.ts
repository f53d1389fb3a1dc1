import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Lead } from '../../prisma/generated/client/client.ts';
import { toConditions } from '../../src/leads/lead-filter.ts';
import { isAnsweredByWords, readByWords } from '../../src/leads/read-by-words.ts';
import type { Slice } from '../../src/leads/lead-slice.ts';
import { createLeadStore, type LeadStore, pipeline } from './lead-store.ts';

const firstNames = ['Mary', 'Marc', 'Jo', 'Zoë', 'Aisha'];
const companies = ['Solar Bakery', 'Lee & Sons', 'Bakery', null];
const sources = ['website', 'partner', null];

let store: LeadStore;
let leads: Lead[];

beforeAll(async () => {
  store = await createLeadStore();
  const other = await store.addAccount('other');
  const fields = Array.from({ length: 120 }, (_, i) => ({
    email: `lead${i}@${i % 7 === 0 ? 'gmail.com' : 'example.com'}`,
    firstName: firstNames[i % firstNames.length] ?? null,
    company: companies[i % companies.length] ?? null,
    sourceName: sources[i % sources.length] ?? null,
    tags: i % 11 === 0 ? ['vip'] : [],
  }));
  leads = await store.addLeads(store.accountId, fields);
  await store.addLeads(other, fields);
});
afterAll(() => store.close());

const wordsOf = (lead: Lead): string[] =>
  [
    lead.firstName?.replace('ë', 'e'),
    ...(lead.company?.split(' ') ?? []),
    lead.email,
    lead.email?.split('@')[1],
    lead.email?.split('@')[1]?.split('.')[0],
  ]
    .filter((word) => typeof word === 'string')
    .map((word) => word.toLowerCase());

const search = fc.array(
  fc.constantFrom('m', 'mar', 'mary', 'jo', 'zoe', 'a', 'b', 'bakery', 'solar', 'lee', 'sons', 'g', 'gmail', 'lead1', 'lead11@', 'x'),
  {
    minLength: 1,
    maxLength: 4,
  },
);
const bound = fc.option(fc.integer({ min: 0, max: 130 }));
const slices = fc.record({
  order: fc.constant('NUMBER' as const),
  descending: fc.boolean(),
  from: bound,
  until: bound,
  skip: fc.nat(5),
  take: fc.integer({ min: 1, max: 15 }),
  columns: fc.constantFrom(null, ['email']),
});

function expected(words: readonly string[], source: string | null, { descending, from, until, skip, take }: Slice): number[] {
  const isBetween = (number: number): boolean =>
    descending
      ? (from === null || number < from) && (until === null || number > until)
      : (from === null || number > from) && (until === null || number < until);
  const found = leads
    .filter((lead) => isBetween(lead.number) && (source === null || lead.sourceName === source))
    .filter((lead) => words.every((word) => wordsOf(lead).some((own) => own.startsWith(word))))
    .map(({ number }) => number);
  return (descending ? found.reverse() : found).slice(skip, skip + take);
}

it('finds the same leads whether it walks, asks the index, or both', async () => {
  await fc.assert(
    fc.asyncProperty(
      search,
      fc.constantFrom(null, 'website', 'partner'),
      slices,
      fc.nat(20),
      fc.nat(80),
      fc.nat(9),
      async (words, source, slice, atFirst, walk, i) => {
        const filter = { search: words.join(' '), source: source === null ? null : [source] };
        const conditions = toConditions(store.accountId, pipeline, filter, { numbers: null, seqs: null });
        expect(isAnsweredByWords(conditions, slice)).toBe(true);
        const plan = (sample: { readonly conditions: number }) => ({ walk, indexed: [i % sample.conditions] });
        const found = await readByWords(store.database.readPool, conditions, slice, { atFirst, plan });
        expect(found.map(({ number }) => number)).toEqual(expected(words, source, slice));
      },
    ),
    { numRuns: 200 },
  );
});
