import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChangeFilter, viewOf } from '../../src/changes/change.ts';
import { countChanges, findChanges } from '../../src/changes/find-changes.ts';
import { readHead, readLog } from '../../src/changes/read-log.ts';
import { type ChangeLog, createChangeLog, type NewTestChange } from '../live/change-log.ts';

let log: ChangeLog;
beforeAll(async () => {
  log = await createChangeLog();
});
afterAll(() => log.close());

const types = ['lead.created', 'lead.updated', 'stage.changed'];
const stages = ['Form Started', 'Paid'];
const names = ['google', 'facebook', "O'Brien"];
const leadIds = [randomUUID(), randomUUID()];

const change: fc.Arbitrary<NewTestChange> = fc.record(
  {
    type: fc.constantFrom(...types),
    leadId: fc.constantFrom(...leadIds),
    stage: fc.constantFrom(...stages),
    sourceName: fc.constantFrom(...names),
    campaignName: fc.constantFrom(...names, null),
  },
  { requiredKeys: ['type', 'leadId', 'stage'] },
);

const some = (values: readonly string[]) => fc.subarray([...values, 'unknown', 'nul\0']);
const filter: fc.Arbitrary<ChangeFilter> = fc.record(
  {
    types: some(types),
    leadId: fc.constantFrom(...leadIds, randomUUID(), null),
    stage: some(stages),
    source: some(names),
    campaign: fc.option(some(names)),
  },
  { requiredKeys: [] },
);

describe('the changes that pass a filter', () => {
  it('are the same in SQL and in memory, page by page', async () => {
    const accountId = await log.newAccount();
    await log.append(accountId, fc.sample(change, { numRuns: 300, seed: 7 }));
    const { readPool } = log.database;
    const head = await readHead(readPool, accountId);
    const all = await readLog(readPool, accountId, { after: 0, upTo: head });
    expect(all).toHaveLength(300);

    await fc.assert(
      fc.asyncProperty(filter, fc.integer({ min: 1, max: 100 }), fc.nat(300), async (filter, limit, after) => {
        const wanted = all
          .filter((change) => Number(change.seq) > after && viewOf(filter, change) === 'IN_VIEW')
          .map((change) => change.seq);
        const found: bigint[] = [];
        for (let page = { changes: [], scannedTo: after, hasMore: true } as Awaited<ReturnType<typeof findChanges>>; page.hasMore; ) {
          page = await findChanges(readPool, accountId, filter, { after: page.scannedTo, head, limit });
          expect(page.changes.length).toBeLessThanOrEqual(limit);
          found.push(...page.changes.map(({ seq }) => seq));
        }
        expect(found).toEqual(wanted);
        const total = all.filter((change) => viewOf(filter, change) === 'IN_VIEW').length;
        expect(await countChanges(readPool, accountId, filter, head)).toEqual({ count: total, exact: true });
      }),
      { numRuns: 60 },
    );
  });

  it('are never those of another account', async () => {
    const [mine, other] = [await log.newAccount(), await log.newAccount()];
    const leadId = randomUUID();
    await log.append(mine, [{ leadId }]);
    await log.append(other, [{ leadId }, { leadId }]);
    const { changes } = await findChanges(log.database.readPool, mine, { leadId }, { after: 0, head: 1, limit: 10 });
    expect(changes.map(({ accountId }) => accountId)).toEqual([mine]);
  });
});
