import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { claimDue } from '../../src/webhooks/claim.ts';
import { createEngineWorld, type EngineWorld, hour } from './engine-world.ts';

let world: EngineWorld;
beforeAll(async () => {
  world = await createEngineWorld();
});
afterEach(() => vi.useRealTimers());
afterAll(() => world.close());

it('leases by the clock of the database, however wrong that of the process is', async () => {
  const { accountId, database } = world;
  const webhookId = await world.addWebhook();
  await world.append(accountId, [{ type: 'lead.created' }]);
  await database.writePool.query(
    `INSERT INTO "Delivery" ("webhookId", id, "accountId", seq, event, "createdAt", "nextAttemptAt")
     SELECT $1, $2, $3, seq, 'lead.created', now(), now() FROM "Change" WHERE "accountId" = $3`,
    [webhookId, randomUUID(), accountId],
  );
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - hour });
  const slow = await claimDue(database.writePool, webhookId, 10, null);
  vi.setSystemTime(Date.now() + 2 * hour);
  const fast = await claimDue(database.writePool, webhookId, 10, null);
  expect([slow?.deliveries.length, fast?.deliveries.length]).toEqual([1, 0]);
});
