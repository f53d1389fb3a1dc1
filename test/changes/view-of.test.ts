import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Change, Lead } from '../../prisma/generated/client/client.ts';
import { type ChangeFilter, viewOf } from '../../src/changes/change.ts';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.end());

const stages = ['Form Started', 'Form Completed', 'Paid'] as const;
const names = ['alpha', 'beta'] as const;

/** People of this run: each begins with nobody, so that a counterexample stands for itself and shrinks. */
let run = 0;
let firstNumber = 0;
const emailOf = (person: number): string => `p${person}-${run}@example.com`;

const leadId = async (person: number): Promise<string | null> => {
  const query = 'query ($email: String!) { lead(by: { email: $email }) { id } }';
  return (await app.graphql(query, { email: emailOf(person) })).data.lead?.id ?? null;
};

async function mutate(name: string, person: number, input: object): Promise<void> {
  const id = await leadId(person);
  if (id === null) return;
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const { data, errors } = await app.graphql(`mutation ($input: ${type}!) { ${name}(input: $input) { __typename } }`, {
    input: { leadId: id, ...input },
  });
  expect([errors, data[name].__typename]).toEqual([undefined, `${type.slice(0, -'Input'.length)}Success`]);
}

const person = fc.nat({ max: 1 });
const maybe = (values: readonly string[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
/** What people and senders do to a lead, in any order. */
const change = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      postback: fc.record({ stage: maybe(stages), forceStage: fc.boolean(), source: maybe(names), campaign: maybe(names) }),
      person,
    }),
  },
  fc.record({ moveLead: fc.record({ stage: fc.constantFrom(...stages) }), person }),
  fc.record({ updateLead: fc.record({ campaign: fc.constantFrom(...names, null) }), person }),
  fc.record({ deleteLead: fc.constant({}), person }),
);
const deed = fc.oneof({ weight: 6, arbitrary: change }, { weight: 1, arbitrary: fc.record({ eraseLead: fc.constant({}), person }) });
const deeds = fc.array(deed, { maxLength: 10 });
type Deed = typeof deed extends fc.Arbitrary<infer Value> ? Value : never;

async function act({ person: who, ...rest }: Deed): Promise<void> {
  for (const [name, input] of Object.entries(rest)) {
    if (name === 'postback') expect((await app.send('POST', '/api/postback', { email: emailOf(who), ...input })).status).toBeLessThan(202);
    else await mutate(name, who, input);
  }
}

const filter: fc.Arbitrary<ChangeFilter> = fc.record(
  {
    stage: fc.subarray([...stages], { minLength: 1 }),
    source: fc.subarray([...names], { minLength: 1 }),
    campaign: fc.subarray([...names], { minLength: 1 }),
  },
  { requiredKeys: [] },
);

const isGone = ({ type }: Change): boolean => type === 'lead.deleted' || type === 'lead.erased';

/** What a reader lists who does as it is told. */
function listBy(wanted: ChangeFilter, changes: readonly Change[], listed = new Set<string>()): Set<string> {
  for (const change of changes) {
    const view = viewOf(wanted, change);
    if (view === 'REMOVED_FROM_VIEW' || (view !== null && isGone(change))) listed.delete(change.leadId);
    else if (view === 'IN_VIEW') listed.add(change.leadId);
  }
  return listed;
}

interface Recorded {
  readonly changes: readonly Change[];
  readonly leads: readonly Lead[];
}

/** Does it to people of whom nothing is known yet, or to those of the last time, and gives what was logged meanwhile and who is there. */
async function record(list: readonly Deed[], isNewRun = true): Promise<Recorded> {
  const { prisma } = app.services.database;
  if (isNewRun) firstNumber = (await prisma.logHead.findFirstOrThrow()).leadNumber;
  if (isNewRun) run += 1;
  const before = await prisma.logHead.findFirstOrThrow();
  for (const each of list) await act(each);
  const [changes, leads] = await Promise.all([
    prisma.change.findMany({ where: { seq: { gt: before.seq } }, orderBy: { seq: 'asc' } }),
    prisma.lead.findMany({ where: { number: { gt: firstNumber } } }),
  ]);
  return { changes, leads };
}

it('whoever adds what is in view and takes out what was removed lists the leads that match, whatever was done to them', async () => {
  await fc.assert(
    fc.asyncProperty(deeds, deeds, fc.array(filter, { minLength: 8, maxLength: 8 }), async (seen, missed, filters) => {
      const first = await record(seen);
      const { changes, leads } = await record(missed, false);
      for (const wanted of filters) {
        const { stage, source, campaign } = wanted;
        const matching = leads.filter(
          (lead) =>
            (!stage || stage.includes(lead.stage)) &&
            (!source || source.includes(lead.sourceName ?? '')) &&
            (!campaign || campaign.includes(lead.campaignName ?? '')),
        );
        // An erasure takes words out of the entries before it, which a reader that was away reads as they are then.
        const listed = listBy(wanted, changes, listBy(wanted, first.changes));
        expect([...listed].toSorted()).toEqual(matching.map(({ id }) => id).toSorted());
      }
    }),
    { numRuns: 30 },
  );
});

it('an entry shows the lead as it stood right after it: without what it changed, that is the lead of the entry before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 14 }), async (list) => {
      const { changes } = await record(list);
      const known = new Map<string, object>();
      for (const { leadId: id, data, previous } of changes) {
        const { updatedAt: _, ...lead } = (data as { lead: Record<string, unknown> }).lead;
        const before = known.get(id);
        if (before) expect(withoutNulls({ ...lead, ...(previous as object | null) })).toEqual(before);
        known.set(id, lead);
      }
    }),
    { numRuns: 30 },
  );
});

/** The log leaves out what is not known. */
const withoutNulls = (lead: object): object => Object.fromEntries(Object.entries(lead).filter(([, value]) => value !== null));
