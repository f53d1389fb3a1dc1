import { z } from 'zod';
import type { Webhook } from '../../prisma/generated/client/client.ts';
import { InvalidInputError } from '../errors.ts';
import { checkInput } from '../platform/check-input.ts';
import type { WebhookContext } from './create-webhook.ts';
import { WebhookNotFoundError } from './errors.ts';
import { getWebhook } from './find-webhooks.ts';
import { newSecret } from './signature.ts';
import { secretPurpose } from './webhook.ts';
import { settingsSchema } from './webhook-input.ts';

export interface RotateWebhookSecretInput {
  readonly webhookId: string;
  readonly overlapSeconds?: number | null | undefined;
  readonly secret?: string | null | undefined;
}

export interface RotatedWebhookSecret {
  readonly webhook: Webhook;
  readonly secret: string;
  /** Until then deliveries are signed with the former secret as well. */
  readonly previousSecretValidUntil: Date;
}

export const rotateWebhookSecretErrors = [InvalidInputError, WebhookNotFoundError] as const;

export const usualOverlapSeconds = 86_400;
const mostOverlapSeconds = 30 * 86_400;

const inputSchema = z.object({
  overlapSeconds: z
    .number()
    .int()
    .min(0, 'must not be negative')
    .max(mostOverlapSeconds, `must be at most ${mostOverlapSeconds}, 30 days`)
    .nullish(),
  secret: settingsSchema.shape.secret,
});

/** Gives a webhook a new signing secret. For the overlap both sign, so that the receiver can change over without refusing anything. */
export async function rotateWebhookSecret(ctx: WebhookContext, input: RotateWebhookSecretInput): Promise<RotatedWebhookSecret> {
  const { overlapSeconds, secret: given } = checkInput(inputSchema, input);
  const stored = await getWebhook(ctx, input.webhookId);
  const secret = given ?? newSecret();
  const previousSecretValidUntil = new Date(Date.now() + (overlapSeconds ?? usualOverlapSeconds) * 1000);
  const webhook = await ctx.db.webhook.update({
    where: { id: stored.id },
    data: {
      secret: ctx.webhooks.secrets.seal(secret, secretPurpose(stored.id)),
      formerSecret: stored.secret,
      formerSecretExpiresAt: previousSecretValidUntil,
      updatedAt: new Date(),
    },
  });
  return { webhook, secret, previousSecretValidUntil };
}
