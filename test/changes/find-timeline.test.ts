import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findTimeline } from '../../src/changes/find-timeline.ts';
import { toPage } from '../../src/platform/connection.ts';
import { type ChangeLog, createChangeLog, times } from '../live/change-log.ts';

let log: ChangeLog;
beforeAll(async () => {
  log = await createChangeLog();
});
afterAll(() => log.close());

const minute = (i: number) => new Date(Date.UTC(2026, 0, 1, 0, i));

describe('the timeline of a lead', () => {
  it('shows what happened last first, whenever it was recorded, and pages without hole or repeat', async () => {
    const accountId = await log.newAccount();
    const leadId = randomUUID();
    // Three of them at the same moment, and one that was heard of late.
    const minutes = [5, 7, 7, 7, 9, 1, 6];
    await log.append(
      accountId,
      minutes.map((i) => ({ leadId, occurredAt: minute(i) })),
    );
    const seen: number[] = [];
    let after: string | null = null;
    do {
      const page = await findTimeline({ database: log.database }, leadId, toPage({ first: 2, after }));
      seen.push(...page.edges.map(({ node }) => Number(node.seq)));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
      expect(await page.total()).toEqual({ count: 7, exact: true });
    } while (after !== null);
    expect(seen).toEqual([5, 4, 3, 2, 7, 1, 6]);
  });

  it('costs one statement for fifty leads', async () => {
    const accountId = await log.newAccount();
    const leadIds = times(50, () => randomUUID());
    await log.append(
      accountId,
      leadIds.flatMap((leadId, i) => times(3, () => ({ leadId, stage: `Stage ${i}` }))),
    );
    const ctx = { database: log.database };
    const query = vi.spyOn(log.database.readPool, 'query');
    const pages = await Promise.all(leadIds.map((leadId) => findTimeline(ctx, leadId, toPage({ first: 2 }))));
    expect(query).toHaveBeenCalledTimes(1);
    query.mockRestore();
    for (const [i, page] of pages.entries()) {
      expect(page.edges.map(({ node }) => node.leadId)).toEqual([leadIds[i], leadIds[i]]);
      expect(page.pageInfo.hasNextPage).toBe(true);
    }
  });
});
