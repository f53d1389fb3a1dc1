import type pg from 'pg';
import type { Delivery, Webhook } from '../../prisma/generated/client/client.ts';
import type { Log } from '../platform/log.ts';
import { encodeRows, selectRows, type Column } from '../platform/columns.ts';
import { announce } from './delivery-feed.ts';
import { isGone, originOf } from './erase-deliveries.ts';
import { inTransaction } from './in-transaction.ts';
import { noteHealth } from './note-health.ts';
import { nextTry } from './retry-plan.ts';
import type { Result } from './try-delivery.ts';

interface Settled {
  readonly webhookId: string;
  readonly id: string;
  readonly leadId: string | null;
  readonly status: string;
}

export interface Outcome {
  /** Webhooks whose next deliveries became due. */
  readonly released: ReadonlySet<string>;
  /** Webhooks that answer well again after a time of nothing but failures. */
  readonly recovered: readonly string[];
}

const isTest = ({ delivery }: Result): boolean => delivery.seq === null;

interface Verdict extends Pick<Delivery, 'status' | 'tries' | 'nextAttemptAt' | 'plannedAt'> {}

/** What becomes of a delivery, and when it is tried again. A test is tried once. */
function verdictOf(result: Result, now: Date): Verdict {
  const { delivery, tried } = result;
  const over = { tries: delivery.tries + 1, nextAttemptAt: null, plannedAt: null };
  if (tried.error === null) return { status: 'DELIVERED', ...over };
  const { tries, plannedAt } = delivery;
  const next = isTest(result) ? null : nextTry({ tries, plannedAt, retryAfterMs: tried.retryAfterMs, random: Math.random(), now });
  return next
    ? { status: 'RETRYING', tries: next.tries, nextAttemptAt: next.at, plannedAt: next.plannedAt }
    : { status: 'EXHAUSTED', ...over };
}

const timeText = (time: Date | null): string | null => time?.toISOString() ?? null;

const columns: readonly Column<Result & Verdict>[] = [
  { name: 'webhookId', type: 'uuid', toText: ({ delivery }) => delivery.webhookId },
  { name: 'id', type: 'uuid', toText: ({ delivery }) => delivery.id },
  { name: 'leaseId', type: 'uuid', toText: ({ delivery }) => delivery.leaseId },
  { name: 'status', type: '"DeliveryStatus"', toText: ({ status }) => status },
  { name: 'tries', type: 'int', toText: ({ tries }) => String(tries) },
  { name: 'nextAttemptAt', type: 'timestamptz', toText: ({ nextAttemptAt }) => timeText(nextAttemptAt) },
  { name: 'plannedAt', type: 'timestamptz', toText: ({ plannedAt }) => timeText(plannedAt) },
  { name: 'at', type: 'timestamptz', toText: ({ tried }) => tried.at.toISOString() },
  { name: 'url', type: 'text', toText: ({ tried }) => tried.url },
  { name: 'statusCode', type: 'int', toText: ({ tried }) => (tried.statusCode === null ? null : String(tried.statusCode)) },
  { name: 'durationMs', type: 'int', toText: ({ tried }) => String(tried.durationMs) },
  { name: 'error', type: 'text', toText: ({ tried }) => tried.error },
  { name: 'responseBody', type: 'text', toText: ({ tried }) => tried.responseBody },
];

/**
 * Stores finished tries, all of them in one transaction: the delivery's next state, the try itself, whose turn it is within the lead, and how
 * the endpoint is doing. A result whose lease went to somebody else meanwhile is ignored.
 */
export function settle(pool: pg.Pool, results: readonly Result[], now: Date | null, log: Log): Promise<Outcome> {
  const webhookIds = [...new Set(results.map(({ delivery }) => delivery.webhookId))];
  return inTransaction(pool, async (client) => {
    // Taken before anything is looked at: no delivery can be added behind one that is being settled here.
    const { rows: webhooks } = await client.query<Webhook & { readonly now: Date }>({
      name: 'lock-webhooks',
      text: `SELECT w.*, coalesce($2::timestamptz, clock_timestamp()) AS now FROM "Webhook" w WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE`,
      values: [webhookIds, now],
    });
    const time = webhooks[0]?.now ?? new Date();
    const settled = await store(client, results, time);
    const released = await releaseNext(client, settled, now);
    const counted = new Set(settled.map(({ id }) => id));
    const recovered: string[] = [];
    for (const webhook of webhooks) {
      const tried = results.filter(
        (result) => result.delivery.webhookId === webhook.id && !isTest(result) && counted.has(result.delivery.id),
      );
      if (await noteHealth(client, webhook, tried, time, log)) recovered.push(webhook.id);
    }
    for (const accountId of new Set(webhooks.map((webhook) => webhook.accountId))) {
      const own = new Set(webhooks.filter((webhook) => webhook.accountId === accountId).map(({ id }) => id));
      await announce(
        client,
        accountId,
        settled.filter(({ webhookId }) => own.has(webhookId)),
      );
    }
    return { released, recovered };
  });
}

async function store(client: pg.ClientBase, results: readonly Result[], now: Date): Promise<Settled[]> {
  const rows = results.map((result) => ({ ...result, ...verdictOf(result, now) }));
  const { rows: settled } = await client.query<Settled>({
    name: 'settle-deliveries',
    text: `WITH r AS MATERIALIZED (${selectRows(columns, 2)}),
      settled AS (
        UPDATE "Delivery" d SET status = r.status, "leaseId" = NULL, "attemptCount" = d."attemptCount" + 1, tries = r.tries,
          "nextAttemptAt" = r."nextAttemptAt", "plannedAt" = r."plannedAt",
          "deliveredAt" = CASE WHEN r.status = 'DELIVERED' THEN $1 ELSE d."deliveredAt" END
        FROM r WHERE d."webhookId" = r."webhookId" AND d.id = r.id AND d."leaseId" = r."leaseId"
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
          AND n.status IN ('PENDING', 'RETRYING') AND NOT n.held ORDER BY n.seq + 0 LIMIT 1) next
      WHERE d."webhookId" = over."webhookId" AND d.id = next.id AND next."nextAttemptAt" IS NULL
      RETURNING d."webhookId"`,
    values: [over.map(({ webhookId }) => webhookId), over.map(({ leadId }) => leadId), now],
  });
  return new Set(rows.map(({ webhookId }) => webhookId));
}
