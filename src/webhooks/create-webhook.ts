import type { Prisma, Webhook } from '../../prisma/generated/client/client.ts';
import { NameTakenError } from '../auth/errors.ts';
import { authorize } from '../auth/policy.ts';
import { readHead } from '../changes/read-log.ts';
import type { Context } from '../context.ts';
import { InvalidInputError } from '../errors.ts';
import { checkInput } from '../platform/check-input.ts';
import { newUuid } from '../platform/ids.ts';
import { checkUrl } from './check-url.ts';
import { HeaderNotAllowedError, WebhookUrlNotAllowedError } from './errors.ts';
import { saveLead } from './events.ts';
import { checkHeaders } from './headers.ts';
import { createLeadMatcher } from './lead-match.ts';
import { newSecret } from './signature.ts';
import { headerPurpose, secretPurpose } from './webhook.ts';
import { settingsSchema, usualFormat, type WebhookSettings } from './webhook-input.ts';
import { refuseNameTaken } from './webhook-name.ts';

export interface CreateWebhookInput extends WebhookSettings {
  readonly name: string;
  readonly url: string;
  readonly secret?: string | null | undefined;
}

export interface CreatedWebhook {
  readonly webhook: Webhook;
  /** Shown this once; what is kept is encrypted. */
  readonly secret: string;
}

export const createWebhookErrors = [InvalidInputError, NameTakenError, WebhookUrlNotAllowedError, HeaderNotAllowedError] as const;

export type WebhookContext = Pick<Context, 'db' | 'database' | 'pipeline' | 'viewer' | 'webhooks'>;

const usualEvents = [saveLead];

/** Makes a webhook. It is told of what happens from now on. */
export async function createWebhook(ctx: WebhookContext, input: CreateWebhookInput): Promise<CreatedWebhook> {
  const accountId = authorize(ctx.viewer, 'administer');
  const settings = checkInput(settingsSchema, input);
  const headers = checkHeaders(input.headers);
  createLeadMatcher(accountId, ctx.pipeline, input.filter ?? {});
  const url = await checkUrl(input.url, ctx.webhooks.http);
  const { secrets } = ctx.webhooks;
  const id = newUuid();
  const secret = settings.secret ?? newSecret();
  const events = settings.events ?? usualEvents;
  const webhook = await refuseNameTaken(
    ctx.db.webhook.create({
      data: {
        id,
        accountId,
        name: settings.name ?? input.name,
        url,
        method: settings.method ?? 'POST',
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, secrets.seal(value, headerPurpose(id, name))])),
        enabled: settings.enabled ?? true,
        events,
        filter: toJson(input.filter),
        payloadFormat: settings.payloadFormat ?? usualFormat(events),
        secret: secrets.seal(secret, secretPurpose(id)),
        position: BigInt(await readHead(ctx.database.writePool, accountId)),
        createdBy: ctx.viewer.actor,
      },
    }),
  );
  ctx.webhooks.wake();
  return { webhook, secret };
}

/** As JSON keeps it: times become texts. */
export const toJson = (value: object | null | undefined): Prisma.InputJsonObject => JSON.parse(JSON.stringify(value ?? {}));
