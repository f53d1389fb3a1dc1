import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { accountForDeliveries } from './account-for-deliveries.ts';
import { accountForLog } from './account-for-log.ts';
import { accountForNumbers } from './account-for-numbers.ts';
import { accountForPages } from './account-for-pages.ts';
import { accountForWrites } from './account-for-writes.ts';
import { type Finding, uncontradicted } from './finding.ts';
import type { Ledger } from './ledger.ts';
import type { World } from './world.ts';

/** A killed process's deliveries are tried by the next one after 25 s; a failed one after 5 s, then a minute. */
const settleTimeoutMs = 150_000;

/** Everything that was acknowledged, accounted for. Call it when the senders have stopped; it waits until what follows a write has happened. */
export async function accountForEverything(world: World, ledger: Ledger): Promise<Finding[]> {
  const client = new Client({ connectionString: world.databaseUrl() });
  await client.connect();
  try {
    const unsettled = await settle(client);
    return [
      ...(await accountForWrites(client, ledger.entries)),
      ...(await accountForLog(client)),
      ...(await accountForDeliveries(client, world.told)),
      await accountForNumbers(world.databaseUrl()),
      await accountForPages(world.superuserUrl()),
      uncontradicted('refusals are 503 with Retry-After', ledger.sent(), ledger.wrongAnswers),
      uncontradicted('the process never ended by itself', 1, world.server.crashes()),
      uncontradicted('webhooks and numbers caught up', 1, unsettled === null ? [] : [unsettled]),
    ];
  } finally {
    await client.end();
  }
}

/** Null, or what is still open after the time that it may take. */
async function settle(client: Client): Promise<string | null> {
  const deadline = performance.now() + settleTimeoutMs;
  for (;;) {
    const { rows } = await client.query<{ open: string; untold: string; uncounted: string }>(
      `SELECT (SELECT count(*) FROM "Delivery" WHERE status IN ('PENDING', 'RETRYING')) AS open,
        (SELECT count(*) FROM "Webhook" w JOIN "LogHead" h USING ("accountId") WHERE w.position < h.seq) AS untold,
        (SELECT count(*) FROM "LogHead" h LEFT JOIN "Rollup" r ON r."accountId" = h."accountId" AND r."isServed" WHERE coalesce(r.seq, 0) < h.seq) AS uncounted`,
    );
    const state = rows[0] ?? { open: '?', untold: '?', uncounted: '?' };
    if (Object.values(state).every((count) => count === '0')) return null;
    if (performance.now() > deadline)
      return `open deliveries ${state.open}, webhooks behind ${state.untold}, numbers behind ${state.uncounted}`;
    await sleep(200);
  }
}
