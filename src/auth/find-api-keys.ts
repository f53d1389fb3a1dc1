import { resolveCursorConnection } from '@pothos/plugin-relay';
import { z } from 'zod';
import type { ApiKey } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import { checkInput } from '../platform/check-input.ts';
import { toPublicId, uuidOf } from '../platform/ids.ts';
import { authorize } from './policy.ts';

export interface ApiKeyPageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

type Reader = Pick<Context, 'db' | 'viewer'>;

const maxPageSize = 100;
const size = z.number().min(1, 'must be at least 1').max(maxPageSize, `must be at most ${maxPageSize}`).nullish();
const cursor = z
  .string()
  .refine((text) => uuidOf('ApiKey', text) !== null, 'must be a cursor that this list gave')
  .nullish();

const pageSchema = z
  .object({ first: size, after: cursor, last: size, before: cursor })
  .refine(({ first, last }) => (first ?? null) === null || (last ?? null) === null, 'takes either first or last');

/** A page of the account's keys, newest first. */
export async function findApiKeys(ctx: Reader, page: ApiKeyPageArgs) {
  const accountId = authorize(ctx.viewer, 'administer');
  const args = checkInput(pageSchema, page);
  return resolveCursorConnection<Promise<ApiKey[]>>(
    { args, maxSize: maxPageSize, toCursor: (key) => toPublicId('ApiKey', key.id) },
    ({ after, before, limit, inverted }): Promise<ApiKey[]> => {
      // Ids rise with time, so they are the sort key too.
      const id = { ...(after && { lt: toUuid(after) }), ...(before && { gt: toUuid(before) }) };
      return ctx.db.apiKey.findMany({ where: { accountId, id }, orderBy: { id: inverted ? 'asc' : 'desc' }, take: limit });
    },
  );
}

export const countApiKeys = (ctx: Reader): Promise<number> =>
  ctx.db.apiKey.count({ where: { accountId: authorize(ctx.viewer, 'administer') } });

const toUuid = (text: string): string => uuidOf('ApiKey', text) ?? text;
