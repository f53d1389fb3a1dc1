import type pg from 'pg';
import type { Webhook } from '../../prisma/generated/client/client.ts';
import { leadErased } from '../changes/change.ts';
import type { Pipeline } from '../pipeline/stage.ts';
import { newUuid } from '../platform/ids.ts';
import { announce, type DeliveryRef } from './delivery-feed.ts';
import { isErased } from './erase-deliveries.ts';
import { saveLead, savesLead } from './events.ts';
import { inTransaction } from './in-transaction.ts';
import { createLeadMatcher } from './lead-match.ts';
import { toSnapshot } from './payload.ts';
import { isRestricting, parseStoredFilter } from './stored-filter.ts';

/** How much of the log one transaction turns into deliveries. */
const span = 1000;

export interface Materialised {
  /** Webhooks for which something was made. */
  readonly webhookIds: ReadonlySet<string>;
  /** The log goes on. */
  readonly hasMore: boolean;
}

interface Entry {
  readonly seq: bigint;
  readonly leadId: string;
  readonly type: string;
  readonly saves: boolean;
  readonly data: unknown;
  readonly firedEvents: readonly string[] | null;
}

interface NewDelivery extends DeliveryRef {
  readonly seq: bigint;
  readonly leadId: string;
  readonly event: string;
  readonly held: boolean;
}

/**
 * Turns the next part of an account's log into deliveries, and moves the webhooks' positions with it in one transaction: each change becomes
 * at most one delivery of a webhook, and none is passed over, wherever a process dies. The lock on the webhooks makes processes take turns.
 */
export function materialise(pool: pg.Pool, pipeline: Pipeline, accountId: string, now: Date | null): Promise<Materialised> {
  return inTransaction(pool, async (client) => {
    const { rows: webhooks } = await client.query<Webhook & { readonly head: bigint }>({
      name: 'lock-webhooks-behind',
      text: `SELECT w.*, h.seq AS head FROM "Webhook" w JOIN "LogHead" h ON h."accountId" = w."accountId"
        WHERE w."accountId" = $1 AND w."deletedAt" IS NULL AND w.position < h.seq ORDER BY w.id FOR NO KEY UPDATE OF w`,
      values: [accountId],
    });
    const behind = webhooks.filter(({ position, head }) => position < head);
    const [first] = behind;
    if (!first) return { webhookIds: new Set<string>(), hasMore: false };
    const after = behind.reduce((least, { position }) => (position < least ? position : least), first.position);
    const upTo = first.head - after > BigInt(span) ? after + BigInt(span) : first.head;

    const entries = await readEntries(client, accountId, behind, after, upTo);
    const made = behind.flatMap((webhook) => toDeliveries(webhook, pipeline, entries));
    if (made.length > 0) await insert(client, accountId, made, now);
    await client.query({
      name: 'move-webhook-positions',
      text: 'UPDATE "Webhook" SET position = $2 WHERE id = ANY($1::uuid[]) AND position < $2',
      values: [behind.map(({ id }) => id), upTo],
    });
    await announce(client, accountId, made);
    return { webhookIds: new Set(made.map(({ webhookId }) => webhookId)), hasMore: upTo < first.head };
  });
}

/** The ids of the events that had been fired at the lead of the change `c` by then, as the log tells it. */
const firedEvents = `ARRAY(SELECT DISTINCT f.data->'leadEvent'->>'eventId' FROM "Change" f
  WHERE f."leadId" = c."leadId" AND f."accountId" = c."accountId" AND f.seq <= c.seq AND f.type IN ('event.fired', 'event.converted'))`;

async function readEntries(
  client: pg.ClientBase,
  accountId: string,
  webhooks: readonly Webhook[],
  after: bigint,
  upTo: bigint,
): Promise<Entry[]> {
  const events = [...new Set(webhooks.flatMap((webhook) => webhook.events))];
  const filters = webhooks.map(({ filter }) => parseStoredFilter(filter));
  const { rows } = await client.query<Entry>({
    name: 'changes-for-webhooks',
    text: `SELECT * FROM (
        SELECT c.seq, c."leadId", c.type, $4::boolean AND ${savesLead} AS saves, CASE WHEN $6::boolean THEN c.data END AS data,
          CASE WHEN $7::boolean THEN ${firedEvents} END AS "firedEvents"
        FROM "Change" c WHERE c."accountId" = $1 AND c.seq > $2 AND c.seq <= $3 AND (c.type = '${leadErased}' OR NOT ${isErased('c."leadId"')})) entries
      WHERE saves OR type = ANY($5::text[]) ORDER BY seq`,
    values: [
      accountId,
      after,
      upTo,
      events.includes(saveLead),
      events,
      filters.some(isRestricting),
      filters.some(({ hasEvent }) => Boolean(hasEvent)),
    ],
  });
  return rows;
}

function toDeliveries(webhook: Webhook, pipeline: Pipeline, entries: readonly Entry[]): NewDelivery[] {
  const { id, accountId, position, enabled } = webhook;
  const filter = parseStoredFilter(webhook.filter);
  const matches = isRestricting(filter) ? createLeadMatcher(accountId, pipeline, filter) : null;
  const events = new Set(webhook.events);
  const eventOf = ({ saves, type }: Entry) => (saves && events.has(saveLead) ? saveLead : events.has(type) ? type : null);
  return entries.flatMap((entry) => {
    const event = entry.seq > position ? eventOf(entry) : null;
    if (event === null || (matches && entry.type !== leadErased && !matches(toSnapshot(entry.data), entry.firedEvents ?? []))) return [];
    return [{ webhookId: id, id: newUuid(), seq: entry.seq, leadId: entry.leadId, event, held: !enabled }];
  });
}

/** A delivery waits for the earlier ones of its lead: it is due when none of them is open. Those that are held keep nobody waiting. */
async function insert(client: pg.ClientBase, accountId: string, made: readonly NewDelivery[], now: Date | null): Promise<void> {
  await client.query({
    name: 'insert-deliveries',
    text: `INSERT INTO "Delivery" ("webhookId", id, "accountId", seq, "leadId", event, held, "createdAt", "nextAttemptAt")
      SELECT n."webhookId", n.id, $1::uuid, n.seq, n."leadId", n.event, n.held, t.now,
        CASE WHEN n.held OR lag(n.seq) OVER (PARTITION BY n."webhookId", n."leadId" ORDER BY n.seq) IS NOT NULL OR (
          SELECT true FROM "Delivery" e WHERE e."webhookId" = n."webhookId" AND e."leadId" = n."leadId"
            AND e.status IN ('PENDING', 'RETRYING') AND NOT e.held LIMIT 1) THEN NULL ELSE t.now END
      FROM unnest($3::uuid[], $4::uuid[], $5::bigint[], $6::uuid[], $7::text[], $8::boolean[]) AS n("webhookId", id, seq, "leadId", event, held),
        (SELECT coalesce($2::timestamptz, clock_timestamp()) AS now) t`,
    values: [
      accountId,
      now,
      made.map(({ webhookId }) => webhookId),
      made.map(({ id }) => id),
      made.map(({ seq }) => seq),
      made.map(({ leadId }) => leadId),
      made.map(({ event }) => event),
      made.map(({ held }) => held),
    ],
  });
}
