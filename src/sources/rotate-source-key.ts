import { z } from 'zod';
import type { Source } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import { InvalidInputError } from '../errors.ts';
import { checkInput } from '../platform/check-input.ts';
import { uuidOf } from '../platform/ids.ts';
import { manageable } from './attach.ts';
import { SourceNotFoundError } from './errors.ts';
import { issueSourceKey } from './source.ts';

export interface RotateSourceKeyInput {
  readonly sourceId: string;
  readonly overlapSeconds?: number | null | undefined;
}

export interface RotatedSourceKey {
  readonly source: Source;
  readonly key: string;
  /** Until then the former key counts as well. */
  readonly previousKeyValidUntil: Date;
}

export const rotateSourceKeyErrors = [InvalidInputError, SourceNotFoundError] as const;

export const usualOverlapSeconds = 86_400;
const mostOverlapSeconds = 30 * 86_400;

const inputSchema = z.object({
  overlapSeconds: z
    .number()
    .int()
    .min(0, 'must not be negative')
    .max(mostOverlapSeconds, `must be at most ${mostOverlapSeconds}, 30 days`)
    .nullish(),
});

/** Gives a source a new key. The former ones count for the overlap, so that its sender can change over without losing a lead. */
export async function rotateSourceKey(
  ctx: Pick<Context, 'db' | 'viewer' | 'sources'>,
  input: RotateSourceKeyInput,
): Promise<RotatedSourceKey> {
  const where = { ...manageable(ctx.viewer), id: uuidOf('Source', input.sourceId) ?? '' };
  const overlapSeconds = checkInput(inputSchema, input).overlapSeconds ?? usualOverlapSeconds;
  if (where.id === '') throw new SourceNotFoundError();
  const { token, prefix, lastFour, hash } = issueSourceKey();

  const { source, ends } = await ctx.db.$transaction(async (tx) => {
    const [found] = await tx.source.updateManyAndReturn({
      where,
      data: { keyPrefix: prefix, keyLastFour: lastFour, updatedAt: new Date() },
    });
    if (!found) throw new SourceNotFoundError();
    // By the database's clock, which also decides whether a key still counts. A key that ends sooner keeps its end.
    const ends = await tx.$queryRaw<{ expiresAt: Date }[]>`
      UPDATE "SourceKey" SET "expiresAt" = least("expiresAt", now() + make_interval(secs => ${overlapSeconds}::int))
      WHERE "sourceId" = ${found.id}::uuid RETURNING "expiresAt"`;
    await tx.sourceKey.create({ data: { hash, sourceId: found.id } });
    await tx.$executeRaw`DELETE FROM "SourceKey" WHERE "sourceId" = ${found.id}::uuid AND "expiresAt" < now() - interval '30 days'`;
    return { source: found, ends };
  });
  ctx.sources.refresh();
  const latest = Math.max(...ends.map(({ expiresAt }) => expiresAt.getTime()));
  return { source, key: token, previousKeyValidUntil: new Date(latest) };
}
