import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { post, rootKey, type SourceAccess } from '../sources/intake.ts';
import { mutate } from '../events/store.ts';
import { until } from '../live/change-log.ts';
import { type Json, startApp, type TestApp } from '../support/app.ts';
import { type Cell, findWords, readEverything } from './dump.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ API_KEY: rootKey, SOURCE_RATE_LIMIT_PER_MINUTE: '0' });
});
afterAll(() => app.end());

interface Person {
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  /** Every lead that the person ever had. */
  readonly leadIds: Set<string>;
}

let people = 0;

/** Somebody in words that stand nowhere else. */
function newPerson(): Person {
  people += 1;
  const name = `${'abcdefghij'.charAt(people % 10)}quendolin${people}x`;
  return { name, email: `${name}@example.com`, phone: `512${5_550_000 + people}`, leadIds: new Set() };
}

const wordsOf = ({ name, phone }: Person): string[] => [name, phone, dashed(phone)];
const dashed = (phone: string): string => phone.replace(/(\d{3})(\d{3})/, '$1-$2-');

const who = fc.nat({ max: 2 });
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
const steps = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('postback' as const),
      who,
      stage: maybe(fc.constantFrom('Form Started', 'Application Submitted', 'Paid')),
      source: maybe(fc.constantFrom('google', 'partner')),
      crm: fc.boolean(),
      key: maybe(fc.constantFrom('k1', 'k2', 'k3')),
    }),
  },
  // Under the lead id of one, with the address of another: a conflict.
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('conflict' as const), who, other: who, key: maybe(fc.constantFrom('k6', 'k7')) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('crm' as const), who, key: maybe(fc.constantFrom('k4', 'k5')) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('intake' as const), who, refused: fc.boolean(), withEmail: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('event' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move' as const), who, stage: fc.constantFrom('Paid', 'Nirvana') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('edit' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), who }) },
);
type Step = typeof steps extends fc.Arbitrary<infer Value> ? Value : never;

interface Account {
  readonly id: string;
  readonly auth: { readonly 'x-api-key': string };
  readonly source: SourceAccess;
  readonly people: readonly [Person, Person, Person];
}

async function newAccount(): Promise<Account> {
  const { token, account } = await mutate(app, 'createAccount', { name: crypto.randomUUID() }, 'token account { id }', {
    'x-api-key': rootKey,
  });
  const auth = { 'x-api-key': token };
  const settings = { eventId: 'sale', isConversion: true, allowRepeats: true, payout: { percent: '10' } };
  await mutate(app, 'createEventType', settings, 'eventType { id }', auth);
  const made = await mutate(app, 'createSource', { name: 'Partner', complianceApproved: true }, 'key source { id }', auth);
  const headers = { 'x-leadping-source-id': made.source.id, 'x-leadping-source-key': made.key };
  const source = { id: made.source.id, key: made.key, headers };
  return { id: account.id, auth, source, people: [newPerson(), newPerson(), newPerson()] };
}

async function ask(auth: Account['auth'], query: string, variables: Record<string, unknown> = {}): Promise<Json> {
  const { data, errors } = await app.graphql(query, variables, auth);
  expect(errors).toBeUndefined();
  return data;
}

async function leadsOf({ auth }: Account, { name }: Person): Promise<string[]> {
  const { leads } = await ask(auth, 'query ($search: String!) { leads(first: 100, filter: { search: $search }) { nodes { id } } }', {
    search: name,
  });
  return leads.nodes.map(({ id }: Json) => id);
}

async function take(account: Account, step: Step): Promise<void> {
  const { auth, source } = account;
  const { name, email, phone } = personOf(account, step.who);
  const [leadId] = await leadsOf(account, personOf(account, step.who));
  const contact = { email, first_name: name, phone };
  const once = 'key' in step && step.key !== undefined ? { 'idempotency-key': step.key } : {};
  if (step.kind === 'postback') {
    const { stage, source: from, crm } = step;
    const crmId = crm ? { crm_lead_id: `crm-${name}` } : {};
    await app.send('POST', '/api/postback', { ...contact, ...crmId, stage, source: from, note: `of ${name}` }, { ...auth, ...once });
  } else if (step.kind === 'conflict' && leadId && step.who !== step.other) {
    const other = personOf(account, step.other);
    // Without a lead of its own the address would simply become that of the first one.
    const { lead } = await ask(auth, 'query ($email: String!) { lead(by: { email: $email }) { id } }', { email: other.email });
    const body = { lead_id: leadId, email: other.email, first_name: name, stage: 'Paid' };
    if (lead) await app.send('POST', '/api/postback', body, { ...auth, ...once });
  } else if (step.kind === 'crm') {
    const input = { crmLeadId: `crm-${name}`, payload: { status: `${name} called`, contact }, idempotencyKey: once['idempotency-key'] };
    await mutate(app, 'recordCrmActivity', input, 'stored', auth);
  } else if (step.kind === 'intake') {
    const body = { firstName: name, phone: dashed(phone), ...(step.withEmail && { email }) };
    const more = { trustedFormUrl: 'https://cert.trustedform.com/x', ...(step.refused && { state: 'ZZ' }) };
    await post(app, source, { ...body, ...more });
  } else if (step.kind === 'event' && leadId) {
    await mutate(
      app,
      'fireEvent',
      { orgId: account.id, eventId: 'sale', transactionId: leadId, revenue: '5', clid: name, cost: '1' },
      'lead { id }',
      auth,
    );
  } else if (step.kind === 'move' && leadId) {
    await mutate(app, 'moveLead', { leadId, stage: step.stage, reason: `asked by ${name}` }, 'lead { id }', auth);
  } else if (step.kind === 'edit' && leadId) {
    await mutate(app, 'updateLead', { leadId, notes: `notes on ${name}`, company: `${name} Ltd` }, 'lead { id }', auth);
  } else if (step.kind === 'delete' && leadId) {
    await mutate(app, 'deleteLead', { leadId }, 'leadId', auth);
  }
  for (const person of account.people) for (const id of await leadsOf(account, person)) person.leadIds.add(id);
}

function personOf({ people: known }: Account, i: number): Person {
  const person = known[i];
  if (!person) throw new Error('there are three people');
  return person;
}

/** Erases all leads that a person ever had. */
async function erase({ auth }: Account, { leadIds }: Person): Promise<number> {
  let erased = 0;
  for (const leadId of leadIds) erased += (await mutate(app, 'eraseLead', { leadId }, 'leadIds', auth)).leadIds?.length ?? 0;
  return erased;
}

async function numbersOf({ auth }: Account): Promise<Json> {
  const { changes } = await ask(auth, '{ changes(first: 1) { totalCount } }');
  const document = `{ analytics { seq overview { totalLeads conversions revenue cost payout } funnel { stage count reached } bySource { key leads } events { eventId count } } }`;
  await until('the numbers are up to date', async () => (await ask(auth, '{ analytics { seq } }')).analytics.seq === changes.totalCount);
  const { seq: _seq, ...numbers } = (await ask(auth, document)).analytics;
  return numbers;
}

/** What stands of the others, as an erasure has to leave it: without the person's address in their receipts. */
const ofOthers = (cells: readonly Cell[], others: readonly Person[], person: Person): string[] =>
  cells
    .map((cell) => ({
      ...cell,
      text: cell.text.replace(/("email": ?)"(.*?)"/g, (all, key, email) => (email === person.email ? `${key}"erased"` : all)),
    }))
    .filter(({ text }) => others.some(({ name }) => text.includes(name)) && !wordsOf(person).some((word) => text.includes(word)))
    .map(({ table, column, text }) => `${table}.${column} ${text}`)
    .toSorted();

it('leaves no word of an erased person anywhere, everybody else as they were, the log without holes and the numbers as they were', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 2, maxLength: 12 }), who, async (list, chosen) => {
      const account = await newAccount();
      const person = personOf(account, chosen);
      const others = account.people.filter((other) => other !== person);
      for (const i of [0, 1, 2])
        await take(account, { kind: 'postback', who: i, stage: undefined, source: 'google', crm: false, key: undefined });
      for (const step of list) await take(account, step);
      const [before, numbers] = [await readEverything(app.database.url), await numbersOf(account)];
      expect(findWords(before, wordsOf(person))).not.toEqual([]);

      expect(await erase(account, person)).toBe(person.leadIds.size);
      const after = await readEverything(app.database.url);
      expect(findWords(after, wordsOf(person))).toEqual([]);
      expect(ofOthers(after, others, person)).toEqual(ofOthers(before, others, person));
      const { changes } = await ask(account.auth, '{ changes(first: 100) { nodes { seq type } } }');
      expect(changes.nodes.filter(({ type }: Json) => type === 'lead.erased')).toHaveLength(person.leadIds.size);
      expect(changes.nodes.map(({ seq }: Json) => seq)).toEqual(changes.nodes.map((_: Json, i: number) => i + 1));
      expect(await numbersOf(account)).toEqual(numbers);
    }),
    { numRuns: Number(process.env['ERASURE_RUNS'] ?? 8) },
  );
}, 120_000);
