import type { Source } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import { InvalidInputError } from '../errors.ts';
import { checkInput } from '../platform/check-input.ts';
import { uuidOf } from '../platform/ids.ts';
import { accountFor, manageable } from './attach.ts';
import { defined } from './create-source.ts';
import { SourceNotFoundError } from './errors.ts';
import { refusePidTaken } from './pid.ts';
import { settingsSchema, type SourceSettings } from './source-settings.ts';

export interface UpdateSourceInput extends SourceSettings {
  readonly sourceId: string;
  readonly attached?: boolean | null | undefined;
}

export const updateSourceErrors = [InvalidInputError, SourceNotFoundError] as const;

/** Changes what is mentioned of a source: approve, disable, restrict, rename. Counts here at once and on every server within a second. */
export async function updateSource(
  ctx: Pick<Context, 'db' | 'viewer' | 'sources' | 'campaigns'>,
  input: UpdateSourceInput,
): Promise<{ readonly source: Source }> {
  const accountId = accountFor(ctx.viewer, input.attached);
  const where = { ...manageable(ctx.viewer), id: uuidOf('Source', input.sourceId) ?? '' };
  const settings = checkInput(settingsSchema, input);
  if (where.id === '') throw new SourceNotFoundError();
  const data = { ...defined(settings), ...(accountId !== undefined && { accountId }), updatedAt: new Date() };
  const [source] = await refusePidTaken(ctx.db.source.updateManyAndReturn({ where, data }));
  if (!source) throw new SourceNotFoundError();
  ctx.sources.refresh();
  ctx.campaigns.forget();
  return { source };
}
