import type pg from 'pg';
import type { Webhook } from '../../prisma/generated/client/client.ts';
import type { Log } from '../platform/log.ts';
import type { Result } from './try-delivery.ts';
import { hasBeenDown, hasFailedForGood } from './webhook.ts';

/**
 * Counts what failed since the last success, and disables an endpoint that is gone or has failed for good. Nothing is lost by that: its
 * deliveries wait. Gives whether it answers well again after a while of nothing but failures.
 */
export async function noteHealth(
  client: pg.ClientBase,
  webhook: Webhook,
  results: readonly Result[],
  now: Date,
  log: Log,
): Promise<boolean> {
  if (results.length === 0) return false;
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
  if (!isNews && !disables) return false;
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
  return !allFailed && !disables && hasBeenDown(webhook, now);
}

/** The time of the last success is for people: a minute's precision spares an update for every batch. */
const isStale = (lastSuccessAt: Date | null, now: Date): boolean =>
  lastSuccessAt === null || now.getTime() - lastSuccessAt.getTime() > 60_000;
