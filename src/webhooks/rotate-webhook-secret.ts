import { z } from 'zod';
import type { Webhook } from '../../prisma/generated/client/client.ts';
import { InvalidInputError } from '../errors.ts';
import { checkInput } from '../platform/check-input.ts';
import type { WebhookContext } from './create-webhook.ts';
import { WebhookNotFoundError } from './errors.ts';
import { getWebhook } from './find-webhooks.ts';
import { exchangeSecret } from './former-secrets.ts';
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
  /** Until then deliveries are signed with the former secrets as well, at most: one that ends sooner keeps its end. */
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

/** Gives a webhook a new signing secret. For the overlap the former ones sign as well, so that the receiver can change over without refusing anything. */
export async function rotateWebhookSecret(ctx: WebhookContext, input: RotateWebhookSecretInput): Promise<RotatedWebhookSecret> {
  const { overlapSeconds, secret: given } = checkInput(inputSchema, input);
  const { id } = await getWebhook(ctx, input.webhookId);
  const secret = given ?? newSecret();
  const now = new Date();
  const previousSecretValidUntil = new Date(now.getTime() + (overlapSeconds ?? usualOverlapSeconds) * 1000);
  const sealed = ctx.webhooks.secrets.seal(secret, secretPurpose(id));
  const webhook = await ctx.db.$transaction(async (tx) => {
    // Two exchanges at the same moment take turns: otherwise the secret of one of them would never sign.
    await tx.$executeRaw`SELECT FROM "Webhook" WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
    const stored = await tx.webhook.findUniqueOrThrow({ where: { id } });
    return tx.webhook.update({ where: { id }, data: { ...exchangeSecret(stored, sealed, previousSecretValidUntil, now), updatedAt: now } });
  });
  return { webhook, secret, previousSecretValidUntil };
}
