import type { ApiKey } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import { uuidOf } from '../platform/ids.ts';
import { ApiKeyNotFoundError } from './errors.ts';
import { authorize } from './policy.ts';

export interface RevokeApiKeyInput {
  readonly apiKeyId: string;
}

export interface RevokedApiKey {
  readonly apiKey: ApiKey;
}

export const revokeApiKeyErrors = [ApiKeyNotFoundError] as const;

/** Ends a key for good: within a second no server takes it any more. Revoking it again changes nothing and succeeds. */
export async function revokeApiKey(ctx: Pick<Context, 'db' | 'viewer'>, input: RevokeApiKeyInput): Promise<RevokedApiKey> {
  const accountId = authorize(ctx.viewer, 'administer');
  const id = uuidOf('ApiKey', input.apiKeyId);
  if (id === null) throw new ApiKeyNotFoundError();
  await ctx.db.apiKey.updateMany({ where: { id, accountId, revokedAt: null }, data: { revokedAt: new Date() } });
  const apiKey = await ctx.db.apiKey.findUnique({ where: { id, accountId } });
  if (!apiKey) throw new ApiKeyNotFoundError();
  return { apiKey };
}
