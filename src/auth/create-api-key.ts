import { z } from 'zod';
import type { ApiKey, ApiKeyScope } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import { InvalidInputError } from '../errors.ts';
import { checkInput } from '../platform/check-input.ts';
import { newUuid } from '../platform/ids.ts';
import { issueApiKey } from './api-key.ts';
import { nameSchema } from './name.ts';
import { authorize } from './policy.ts';

export interface CreateApiKeyInput {
  readonly name: string;
  readonly scope: ApiKeyScope;
}

export interface CreatedApiKey {
  readonly apiKey: ApiKey;
  readonly token: string;
}

export const createApiKeyErrors = [InvalidInputError] as const;

const inputSchema = z.object({ name: nameSchema });

/** Makes a key of the caller's account. Its token is in this answer and nowhere else. */
export async function createApiKey(ctx: Pick<Context, 'db' | 'viewer'>, input: CreateApiKeyInput): Promise<CreatedApiKey> {
  const accountId = authorize(ctx.viewer, 'administer');
  const { name } = checkInput(inputSchema, input);
  const { token, ...fingerprint } = issueApiKey();
  const apiKey = await ctx.db.apiKey.create({ data: { id: newUuid(), accountId, name, scope: input.scope, ...fingerprint } });
  return { apiKey, token };
}
