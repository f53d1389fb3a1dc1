import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Change } from '../../prisma/generated/client/client.ts';
import { type ChangeFilter, viewOf } from '../../src/changes/change.ts';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.end());

const stages = ['Form Started', 'Contacted', 'Paid'] as const;
const names = ['alpha', 'beta'] as const;

const leadId = async (person: number): Promise<string | null> => {
  const query = 'query ($email: String!) { lead(by: { email: $email }) { id } }';
  return (await app.graphql(query, { email: `p${person}@example.com` })).data.lead?.id ?? null;
};

async function mutate(name: string, person: number, input: object): Promise<void> {
  const id = await leadId(person);
  if (id === null) return;
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const { errors } = await app.graphql(`mutation ($input: ${type}!) { ${name}(input: $input) { __typename } }`, {
    input: { leadId: id, ...input },
  });
  expect(errors).toBeUndefined();
}

const person = fc.nat({ max: 3 });
const maybe = (values: readonly string[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
/** What people and senders do to leads, in any order. */
const deed = fc.oneof(
  fc.record({ person, stage: maybe(stages), source: maybe(names), campaign: maybe(names) }).map(
    ({ person: who, ...fields }) =>
      () =>
        app.send('POST', '/api/postback', { email: `p${who}@example.com`, ...fields }),
  ),
  fc.tuple(person, fc.constantFrom(...stages)).map(
    ([who, stage]) =>
      () =>
        mutate('moveLead', who, { stage }),
  ),
  fc.tuple(person, fc.constantFrom(...names, null)).map(
    ([who, campaign]) =>
      () =>
        mutate('updateLead', who, { campaign }),
  ),
  person.map((who) => () => mutate('deleteLead', who, {})),
);

const filter: fc.Arbitrary<ChangeFilter> = fc.record(
  {
    stage: fc.subarray([...stages], { minLength: 1 }),
    source: fc.subarray([...names], { minLength: 1 }),
    campaign: fc.subarray([...names], { minLength: 1 }),
  },
  { requiredKeys: [] },
);

/** What a reader lists who does as it is told. */
function listBy(wanted: ChangeFilter, changes: readonly Change[]): Set<string> {
  const listed = new Set<string>();
  for (const change of changes) {
    const view = viewOf(wanted, change);
    if (view === 'REMOVED_FROM_VIEW' || (view !== null && change.type === 'lead.deleted')) listed.delete(change.leadId);
    else if (view === 'IN_VIEW') listed.add(change.leadId);
  }
  return listed;
}

it('whoever adds what is in view and takes out what was removed lists the leads that match, whatever was done to them', async () => {
  const { prisma } = app.services.database;
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 14 }), fc.array(filter, { minLength: 4, maxLength: 4 }), async (deeds, filters) => {
      for (const act of deeds) await act();
      const [changes, leads] = await Promise.all([prisma.change.findMany({ orderBy: { seq: 'asc' } }), prisma.lead.findMany()]);
      for (const wanted of filters) {
        const { stage, source, campaign } = wanted;
        const matching = leads.filter(
          (lead) =>
            (!stage || stage.includes(lead.stage)) &&
            (!source || source.includes(lead.sourceName ?? '')) &&
            (!campaign || campaign.includes(lead.campaignName ?? '')),
        );
        expect([...listBy(wanted, changes)].toSorted()).toEqual(matching.map(({ id }) => id).toSorted());
      }
    }),
    { numRuns: 15 },
  );
});
