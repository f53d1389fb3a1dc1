import type pg from 'pg';
import type { Webhook } from '../../prisma/generated/client/client.ts';
import type { Log } from '../platform/log.ts';
import { encodeRows, selectRows, type Column } from '../platform/columns.ts';
import type { Claimed } from './claim.ts';
import { announce } from './delivery-feed.ts';
import { isGone, originOf } from './erase-deliveries.ts';
import { inTransaction } from './in-transaction.ts';
import { waitMs } from './retry-plan.ts';
import type { Tried } from './try-delivery.ts';
import { hasFailedForGood } from './webhook.ts';

/** One finished try. */
export interface Result {
  readonly delivery: Claimed;
  readonly tried: Tried;
}

interface Settled {
  readonly webhookId: string;
  readonly id: string;
  readonly leadId: string | null;
  readonly status: string;
}

const isTest = ({ delivery }: Result): boolean => delivery.seq === null;

/** What becomes of a delivery, and after how long it is tried again. A test is tried once. */
function verdictOf(result: Result): { readonly status: 'DELIVERED' | 'RETRYING' | 'EXHAUSTED'; readonly waitMs: number | null } {
  const { delivery, tried } = result;
  if (tried.error === null) return { status: 'DELIVERED', waitMs: null };
  const wait = isTest(result) ? null : waitMs({ tries: delivery.tries + 1, retryAfterMs: tried.retryAfterMs, random: Math.random() });
  return { status: wait === null ? 'EXHAUSTED' : 'RETRYING', waitMs: wait };
}

const columns: readonly Column<Result & ReturnType<typeof verdictOf>>[] = [
  { name: 'webhookId', type: 'uuid', toText: ({ delivery }) => delivery.webhookId },
  { name: 'id', type: 'uuid', toText: ({ delivery }) => delivery.id },
  { name: 'leaseId', type: 'uuid', toText: ({ delivery }) => delivery.leaseId },
  { name: 'status', type: '"DeliveryStatus"', toText: ({ status }) => status },
  { name: 'waitMs', type: 'float8', toText: ({ waitMs }) => (waitMs === null ? null : String(waitMs)) },
  { name: 'at', type: 'timestamptz', toText: ({ tried }) => tried.at.toISOString() },
  { name: 'url', type: 'text', toText: ({ tried }) => tried.url },
  { name: 'statusCode', type: 'int', toText: ({ tried }) => (tried.statusCode === null ? null : String(tried.statusCode)) },
  { name: 'durationMs', type: 'int', toText: ({ tried }) => String(tried.durationMs) },
  { name: 'error', type: 'text', toText: ({ tried }) => tried.error },
  { name: 'responseBody', type: 'text', toText: ({ tried }) => tried.responseBody },
];

/**
 * Stores finished tries, all of them in one transaction: the delivery's next state, the try itself, whose turn it is within the lead, and how
 * the endpoint is doing. A result whose lease went to somebody else meanwhile is ignored. Gives the webhooks whose next deliveries became due.
 */
export function settle(pool: pg.Pool, results: readonly Result[], now: Date | null, log: Log): Promise<ReadonlySet<string>> {
  const webhookIds = [...new Set(results.map(({ delivery }) => delivery.webhookId))];
  return inTransaction(pool, async (client) => {
    // Taken before anything is looked at: no delivery can be added behind one that is being settled here.
    const { rows: webhooks } = await client.query<Webhook & { readonly now: Date }>({
      name: 'lock-webhooks',
      text: `SELECT w.*, coalesce($2::timestamptz, clock_timestamp()) AS now FROM "Webhook" w WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE`,
      values: [webhookIds, now],
    });
    const settled = await store(client, results, now);
    const released = await releaseNext(client, settled, now);
    const counted = new Set(settled.map(({ id }) => id));
    for (const webhook of webhooks) {
      const tried = results.filter(
        (result) => result.delivery.webhookId === webhook.id && !isTest(result) && counted.has(result.delivery.id),
      );
      await noteHealth(client, webhook, tried, webhook.now, log);
    }
    for (const accountId of new Set(webhooks.map((webhook) => webhook.accountId))) {
      const own = new Set(webhooks.filter((webhook) => webhook.accountId === accountId).map(({ id }) => id));
      await announce(
        client,
        accountId,
        settled.filter(({ webhookId }) => own.has(webhookId)),
      );
    }
    return released;
  });
}

async function store(client: pg.ClientBase, results: readonly Result[], now: Date | null): Promise<Settled[]> {
  const rows = results.map((result) => ({ ...result, ...verdictOf(result) }));
  const { rows: settled } = await client.query<Settled>({
    name: 'settle-deliveries',
    text: `WITH t AS MATERIALIZED (SELECT coalesce($1::timestamptz, clock_timestamp()) AS now),
      r AS MATERIALIZED (${selectRows(columns, 2)}),
      settled AS (
        UPDATE "Delivery" d SET status = r.status, "leaseId" = NULL, "attemptCount" = d."attemptCount" + 1, tries = d.tries + 1,
          "nextAttemptAt" = t.now + r."waitMs" * interval '1 ms',
          "deliveredAt" = CASE WHEN r.status = 'DELIVERED' THEN t.now ELSE d."deliveredAt" END
        FROM r, t WHERE d."webhookId" = r."webhookId" AND d.id = r.id AND d."leaseId" = r."leaseId"
        RETURNING d."webhookId", d.id, d."leadId", d.status, d."attemptCount"),
      attempts AS (
        INSERT INTO "Attempt" ("webhookId", "deliveryId", number, at, url, "statusCode", "durationMs", error, "responseBody")
        SELECT s."webhookId", s.id, s."attemptCount", r.at, CASE WHEN s.gone THEN ${originOf('r.url')} ELSE r.url END, r."statusCode", r."durationMs",
          r.error, CASE WHEN NOT s.gone THEN r."responseBody" END
        FROM (SELECT settled.*, ${isGone('settled."leadId"')} AS gone FROM settled) s JOIN r ON r.id = s.id)
      SELECT "webhookId", id, "leadId", status FROM settled`,
    values: [now, ...encodeRows(columns, rows)],
  });
  return settled;
}

/** Makes the next delivery of each lead due whose turn is over. */
export async function releaseNext(
  client: pg.ClientBase,
  settled: readonly Pick<Settled, 'webhookId' | 'leadId' | 'status'>[],
  now: Date | null,
): Promise<ReadonlySet<string>> {
  const over = settled.filter(({ leadId, status }) => leadId !== null && status !== 'RETRYING');
  if (over.length === 0) return new Set();
  const { rows } = await client.query<{ readonly webhookId: string }>({
    name: 'release-next-deliveries',
    text: `UPDATE "Delivery" d SET "nextAttemptAt" = coalesce($3::timestamptz, clock_timestamp())
      FROM (SELECT DISTINCT "webhookId", "leadId" FROM unnest($1::uuid[], $2::uuid[]) AS u("webhookId", "leadId")) over
      CROSS JOIN LATERAL (
        SELECT n.id, n."nextAttemptAt" FROM "Delivery" n WHERE n."webhookId" = over."webhookId" AND n."leadId" = over."leadId"
          AND n.status IN ('PENDING', 'RETRYING') AND NOT n.held ORDER BY n.seq LIMIT 1) next
      WHERE d."webhookId" = over."webhookId" AND d.id = next.id AND next."nextAttemptAt" IS NULL
      RETURNING d."webhookId"`,
    values: [over.map(({ webhookId }) => webhookId), over.map(({ leadId }) => leadId), now],
  });
  return new Set(rows.map(({ webhookId }) => webhookId));
}

/** Counts what failed since the last success, and disables an endpoint that is gone or has failed for good. Nothing is lost by that: its deliveries wait. */
async function noteHealth(client: pg.ClientBase, webhook: Webhook, results: readonly Result[], now: Date, log: Log): Promise<void> {
  if (results.length === 0) return;
  const { id: webhookId } = webhook;
  const failed = results.filter(({ tried }) => tried.error !== null).length;
  const isGone = results.some(({ tried }) => tried.statusCode === 410);
  const allFailed = failed === results.length;
  const next = allFailed
    ? { failures: webhook.failures + failed, failingSince: webhook.failingSince ?? now, lastSuccessAt: webhook.lastSuccessAt }
    : { failures: 0, failingSince: null, lastSuccessAt: now };
  const reason = isGone ? 'GONE' : hasFailedForGood(next, now) ? 'FAILING' : null;
  const disables = webhook.enabled && reason !== null;
  const isNews = allFailed || webhook.failures > 0 || isStale(webhook.lastSuccessAt, now);
  if (!isNews && !disables) return;
  await client.query({
    name: 'note-webhook-health',
    text: `UPDATE "Webhook" SET failures = $2, "failingSince" = $3, "lastSuccessAt" = $4, enabled = enabled AND NOT $5::boolean,
      "disabledReason" = CASE WHEN $5::boolean THEN $6 ELSE "disabledReason" END, "disabledAt" = CASE WHEN $5::boolean THEN $7 ELSE "disabledAt" END
      WHERE id = $1`,
    values: [webhookId, next.failures, next.failingSince, next.lastSuccessAt, disables, reason, now],
  });
  if (disables) log.warn({ webhookId, reason, failures: next.failures }, 'webhook disabled; its deliveries wait');
  else if (allFailed && webhook.failures === 0) log.warn({ webhookId }, 'webhook began to fail');
  else if (!allFailed && webhook.failures > 0) log.info({ webhookId }, 'webhook answers again');
}

/** The time of the last success is for people: a minute's precision spares an update for every batch. */
const isStale = (lastSuccessAt: Date | null, now: Date): boolean =>
  lastSuccessAt === null || now.getTime() - lastSuccessAt.getTime() > 60_000;
