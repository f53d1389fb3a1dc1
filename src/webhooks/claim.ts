import type pg from 'pg';
import type { Change, Delivery, Webhook } from '../../prisma/generated/client/client.ts';
import { newUuid } from '../platform/ids.ts';
import { sampleOf } from './sample.ts';
import type { Told } from './payload.ts';

/** For so long a delivery belongs to whoever claimed it; then another process may. Longer than a try takes, and than it may wait for one. */
export const leaseMs = 25_000;

/** A delivery that this process is to try. */
export interface Claimed
  extends Pick<Delivery, 'webhookId' | 'id' | 'accountId' | 'seq' | 'leadId' | 'event' | 'attemptCount' | 'tries' | 'plannedAt'> {
  readonly leaseId: string;
  readonly told: Told;
  /** Monotonic. */
  readonly claimedAtMs: number;
}

export interface Claim {
  readonly webhook: Webhook;
  readonly deliveries: readonly Claimed[];
}

type Row = Pick<
  Delivery,
  'webhookId' | 'id' | 'accountId' | 'seq' | 'leadId' | 'event' | 'attemptCount' | 'tries' | 'plannedAt' | 'createdAt'
> & {
  readonly changeId: string | null;
} & Pick<Change, 'type' | 'data' | 'previous' | 'occurredAt'>;

/**
 * Takes what is due for a webhook, oldest first. The lease is told by the database's clock, which is one for all processes. A disabled webhook
 * is only tested; a deleted one is not called at all.
 */
export async function claimDue(pool: pg.Pool, webhookId: string, limit: number, now: Date | null): Promise<Claim | null> {
  const { rows: webhooks } = await pool.query<Webhook>({
    name: 'webhook-to-call',
    text: 'SELECT * FROM "Webhook" WHERE id = $1 AND "deletedAt" IS NULL',
    values: [webhookId],
  });
  const [webhook] = webhooks;
  if (!webhook) return null;
  const leaseId = newUuid();
  const claimedAtMs = performance.now();
  const claiming = pool.query<Row>({
    name: 'claim-deliveries',
    text: `WITH t AS MATERIALIZED (SELECT coalesce($4::timestamptz, clock_timestamp()) AS now),
      due AS MATERIALIZED (
        SELECT d.id FROM "Delivery" d WHERE d."webhookId" = $1 AND d."nextAttemptAt" <= (SELECT now FROM t) AND ($5::boolean OR d.seq IS NULL)
        ORDER BY d."nextAttemptAt" LIMIT $2::int FOR NO KEY UPDATE SKIP LOCKED),
      claimed AS (
        UPDATE "Delivery" d SET "leaseId" = $3, "nextAttemptAt" = t.now + ${leaseMs} * interval '1 ms'
        FROM t WHERE d."webhookId" = $1 AND d.id = ANY(ARRAY(SELECT id FROM due))
        RETURNING d.*)
      SELECT d."webhookId", d.id, d."accountId", d.seq, d."leadId", d.event, d."attemptCount", d.tries, d."plannedAt", d."createdAt",
        c.id AS "changeId", c.type, c.data, c.previous, c."occurredAt"
      FROM claimed d
        LEFT JOIN LATERAL (SELECT * FROM "Change" WHERE "accountId" = d."accountId" AND seq = d.seq OFFSET 0) c ON true ORDER BY d.seq`,
    values: [webhookId, limit, leaseId, now, webhook.enabled],
  });
  const { rows } = await claiming.catch(async (error: unknown) => {
    // The answer may have been lost, not the claim: nobody should have to wait for its lease.
    await forgoLease(pool, webhookId, leaseId, now).catch(() => undefined);
    throw error;
  });
  const deliveries = rows.map(({ changeId, type, data, previous, occurredAt, createdAt, ...row }): Claimed => {
    const { accountId, seq } = row;
    const told =
      changeId === null || seq === null
        ? sampleOf({ ...row, createdAt })
        : { id: changeId, accountId, seq, type, data, previous, occurredAt };
    return { ...row, leaseId, told, claimedAtMs };
  });
  return { webhook, deliveries };
}

async function forgoLease(pool: pg.Pool, webhookId: string, leaseId: string, now: Date | null): Promise<void> {
  await pool.query({
    name: 'forgo-lease',
    text: `UPDATE "Delivery" SET "leaseId" = NULL, "nextAttemptAt" = coalesce($3::timestamptz, clock_timestamp())
      WHERE "webhookId" = $1 AND "nextAttemptAt" IS NOT NULL AND "leaseId" = $2`,
    values: [webhookId, leaseId, now],
  });
}

/** Hands claimed deliveries back untried, for whoever comes next. */
export async function giveBack(pool: pg.Pool, deliveries: readonly Claimed[], now: Date | null): Promise<void> {
  await pool.query({
    name: 'give-back-deliveries',
    text: `UPDATE "Delivery" d SET "leaseId" = NULL, "nextAttemptAt" = coalesce($4::timestamptz, clock_timestamp())
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS u("webhookId", id, "leaseId")
      WHERE d."webhookId" = u."webhookId" AND d.id = u.id AND d."leaseId" = u."leaseId"`,
    values: [deliveries.map((d) => d.webhookId), deliveries.map((d) => d.id), deliveries.map((d) => d.leaseId), now],
  });
}

/** Which webhooks have something to do: a log that goes on, or deliveries that are due. */
export interface Duty {
  readonly id: string;
  readonly accountId: string;
  readonly isBehind: boolean;
  readonly isDue: boolean;
}

export async function findDuties(pool: pg.Pool, now: Date | null): Promise<Duty[]> {
  const { rows } = await pool.query<Duty>({
    name: 'webhook-duties',
    text: `SELECT w.id, w."accountId", w.position < h.seq AS "isBehind", EXISTS (
        SELECT FROM "Delivery" d WHERE d."webhookId" = w.id AND d."nextAttemptAt" <= coalesce($1::timestamptz, clock_timestamp())
          AND (w.enabled OR d.seq IS NULL)) AS "isDue"
      FROM "Webhook" w JOIN "LogHead" h ON h."accountId" = w."accountId" WHERE w."deletedAt" IS NULL`,
    values: [now],
  });
  return rows;
}
