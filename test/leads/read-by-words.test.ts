import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lead } from '../../prisma/generated/client/client.ts';
import { toConditions } from '../../src/leads/lead-filter.ts';
import { isAnsweredByWords, readByWords } from '../../src/leads/read-by-words.ts';
import { keepSearchBlocks } from '../../src/leads/search-blocks.ts';
import { bucketsOf, everyLead, leadsPerBlock } from '../../src/leads/search-buckets.ts';
import { toWord } from '../../src/leads/search-words.ts';
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

function expected(
  among: readonly Lead[],
  words: readonly string[],
  source: string | null,
  { descending, from, until, skip, take }: Slice,
): number[] {
  const isBetween = (number: number): boolean =>
    descending
      ? (from === null || number < from) && (until === null || number > until)
      : (from === null || number > from) && (until === null || number < until);
  const found = among
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
      fc.constantFrom(0, 1, 50, Infinity),
      fc.nat(9),
      async (words, source, slice, atFirst, indexUs, i) => {
        const filter = { search: words.join(' '), source: source === null ? null : [source] };
        const conditions = toConditions(store.accountId, pipeline, filter, { numbers: null, seqs: null });
        expect(isAnsweredByWords(conditions, slice)).toBe(true);
        const plan = (sample: { readonly conditions: number }) => ({ indexUs, matches: 1000, indexed: [i % sample.conditions] });
        const found = await readByWords(store.database.readPool, conditions, slice, { atFirst, few: 0, plan });
        expect(found.map(({ number }) => number)).toEqual(expected(leads, words, source, slice));
      },
    ),
    { numRuns: 200 },
  );
});

const person = fc.record({
  firstName: fc.constantFrom(...firstNames),
  company: fc.constantFrom(...companies, '山田 太郎', '🤷 Ltd'),
  email: fc.constantFrom('lead1@gmail.com', 'lead11@example.com', null),
  emailKey: fc.constant(null),
  sourceName: fc.constantFrom(...sources),
});

const step = fc.oneof(
  fc.record({ add: fc.array(person, { minLength: 1, maxLength: 5 }) }),
  fc.record({ edit: fc.nat(), fields: person }),
  fc.record({ remove: fc.nat() }),
  fc.record({ skip: fc.constantFrom(1, 5000, leadsPerBlock, 2 * leadsPerBlock) }),
  fc.constant({ make: true }),
);

const wholeSlice = { order: 'NUMBER', from: null, until: null, skip: 0, take: 50, columns: null } as const;

it('finds what a plain scan finds, with bits made at any moment between writes', async () => {
  const keeper = keepSearchBlocks(store.database, store.log);
  let accounts = 0;
  const words = fc.oneof(
    search,
    fc.constantFrom(['m'], ['mar'], ['jo'], ['z'], ['aisha'], ['b', 'm'], ['lee'], ['山'], ['山田', 'j'], ['🤷']),
  );
  const slice = fc.oneof(
    slices,
    fc.constantFrom(true, false).map((descending) => ({ ...wholeSlice, descending })),
  );
  const question = fc.record({ words, source: fc.constantFrom(null, null, ...sources), slice });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ step, question }), { minLength: 5, maxLength: 12 }),
      fc.array(person, { minLength: 3, maxLength: 10 }),
      fc.constantFrom(0, Infinity),
      fc.constantFrom(0, 1, Infinity),
      async (steps, atFirst, few, indexUs) => {
        const accountId = await store.addAccount(`random ${accounts++}`);
        let own = await store.addLeads(accountId, atFirst);
        let last = leadsPerBlock;
        await store.skipNumbers(accountId, last);
        await keeper.runNow();
        for (const { step: next, question: asked } of steps) {
          const chosen = 'edit' in next ? own[next.edit % own.length] : 'remove' in next ? own[next.remove % own.length] : undefined;
          if ('add' in next) own.push(...(await store.addLeads(accountId, next.add)));
          if ('edit' in next && chosen) {
            const changed = await store.changeLead(chosen, next.fields);
            own = own.map((lead) => (lead.id === changed.id ? changed : lead));
          }
          if ('remove' in next && chosen) {
            await store.removeLead(chosen);
            own = own.filter(({ id }) => id !== chosen.id);
          }
          last = Math.max(last, ...own.map(({ number }) => number));
          if ('skip' in next) await store.skipNumbers(accountId, (last += next.skip));
          if ('make' in next) await keeper.runNow();
          const { words, source, slice } = asked;
          const scaled = { ...slice, from: slice.from && slice.from * 500, until: slice.until && slice.until * 10 };
          const filter = { search: words.join(' '), source: source === null ? null : [source] };
          const conditions = toConditions(accountId, pipeline, filter, { numbers: null, seqs: null });
          const plan = (sample: { readonly conditions: number }) => ({ indexUs, matches: 1, indexed: [sample.conditions - 1] });
          const found = await readByWords(store.database.readPool, conditions, scaled, { atFirst: 1, few, plan });
          expect(found.map(({ number }) => number)).toEqual(expected(own, words, source, scaled));
        }
      },
    ),
    { numRuns: 30 },
  );
  await keeper.stop();
});

const bitsOf = async (accountId: string, number: number): Promise<number[]> => {
  const { rows } = await store.database.readPool.query<{ bucket: number }>(
    `SELECT bucket FROM "SearchBlock" WHERE "accountId" = $1 AND block = $2 AND get_bit(bits, $3) = 1 ORDER BY 1`,
    [accountId, Math.floor(number / leadsPerBlock), number % leadsPerBlock],
  );
  return rows.map(({ bucket }) => bucket);
};
const stale = async (accountId: string): Promise<number> => store.database.prisma.searchStale.count({ where: { accountId } });
const allBuckets = (accountId: string, words: readonly string[]): number[] =>
  [...new Set(words.flatMap((word) => bucketsOf(toWord(accountId, 'text', word))))].toSorted((a, b) => a - b);

describe('the bits of a block', () => {
  it('follow a lead whose words change, and forget one that goes', async () => {
    const keeper = keepSearchBlocks(store.database, store.log);
    const accountId = await store.addAccount('bits');
    await store.skipNumbers(accountId, 700);
    const [lead, neighbour] = await store.addLeads(accountId, [{ firstName: 'Mary' }, { firstName: 'Mary' }]);
    if (!lead || !neighbour) throw new Error('no lead');
    await store.changeLead(lead, { firstName: 'Maria' });
    expect(await stale(accountId)).toBe(0);
    await keeper.runNow();
    expect(await bitsOf(accountId, lead.number)).toEqual([]);
    await store.skipNumbers(accountId, leadsPerBlock - 1);
    await keeper.runNow();
    expect(await bitsOf(accountId, lead.number)).toEqual([everyLead, ...allBuckets(accountId, ['701', 'maria'])]);
    await store.changeLead(lead, { firstName: 'Zoë' });
    expect(await stale(accountId)).toBe(1);
    await keeper.runNow();
    expect(await bitsOf(accountId, lead.number)).toEqual([everyLead, ...allBuckets(accountId, ['701', 'zoe'])]);
    await store.removeLead(lead);
    await keeper.runNow();
    expect(await bitsOf(accountId, lead.number)).toEqual([]);
    expect(await bitsOf(accountId, neighbour.number)).toEqual([everyLead, ...allBuckets(accountId, ['702', 'mary'])]);
    expect(await stale(accountId)).toBe(0);
    await keeper.stop();
  });
});

it('has buckets of its own for each pair of letters, and a bounded number for all words', () => {
  const letters = 'abcdefghijklmnopqrstuvwxyz'.split('');
  const pairs = letters.flatMap((a) => letters.map((b) => bucketsOf(toWord(store.accountId, 'text', a + b)).at(-1)));
  expect(new Set(pairs).size).toBe(26 * 26);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.constantFrom('text', 'tags', 'domain'), (text, kind) => {
      for (const bucket of bucketsOf(toWord(store.accountId, kind, text))) {
        expect(bucket).toBeGreaterThan(everyLead);
        expect(bucket).toBeLessThan(19_713);
      }
    }),
  );
});
