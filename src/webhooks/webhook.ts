import type { Webhook } from '../../prisma/generated/client/client.ts';
import type { OutboundHttp } from '../platform/outbound-http.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import type { DeliveryFeed } from './delivery-feed.ts';

/** What operations on webhooks use beside the database. */
export interface WebhookServices {
  readonly secrets: SecretBox;
  readonly http: OutboundHttp;
  readonly feed: DeliveryFeed;
  /** Tells this process's engine that there may be something to do; the others notice within a second. */
  readonly wake: () => void;
}

export const webhookMethods: readonly string[] = ['POST', 'PUT', 'PATCH', 'GET'];

export type Health = 'OK' | 'FAILING' | 'DISABLED';

/** `FAILING`: every try since the last success failed. */
export const healthOf = ({ enabled, failures }: Pick<Webhook, 'enabled' | 'failures'>): Health =>
  !enabled ? 'DISABLED' : failures > 0 ? 'FAILING' : 'OK';

const dayMs = 24 * 3600 * 1000;
const disableAfterMs = 5 * dayMs;
const disableAfterTries = 12;

/** When an endpoint that never answers well will be disabled; null: it is not failing. */
export const disablesAt = ({ failingSince }: Pick<Webhook, 'failingSince'>): Date | null =>
  failingSince && new Date(failingSince.getTime() + disableAfterMs);

/** Nothing but failures for five days, and enough of them that it was no accident. */
export const hasFailedForGood = ({ failures, failingSince }: Pick<Webhook, 'failures' | 'failingSince'>, now: Date): boolean =>
  failures >= disableAfterTries && failingSince !== null && now.getTime() - failingSince.getTime() >= disableAfterMs;

const downAfterMs = 60_000;

/** Nothing but failures for a minute: shorter than that the retry plan itself waits no longer. */
export const hasBeenDown = ({ failingSince }: Pick<Webhook, 'failingSince'>, now: Date): boolean =>
  failingSince !== null && now.getTime() - failingSince.getTime() >= downAfterMs;

/** Under which purpose each secret of a webhook is sealed. */
export const secretPurpose = (webhookId: string): string => `webhook ${webhookId} secret`;
export const headerPurpose = (webhookId: string, name: string): string => `webhook ${webhookId} header ${name.toLowerCase()}`;
